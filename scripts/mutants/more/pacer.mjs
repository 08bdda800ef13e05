/** Small slips in the pacing of large messages: name, file in src, what is there exactly once, and what it becomes. */
const PACER = 'session/path/pacer.ts'

export const PACER_SLIPS = [
  [
    'pacer holds without an echo',
    PACER,
    'if (this.#marks.length === 0 || !this.#paces(nowMs)) return false',
    'if (!this.#paces(nowMs)) return false',
  ],
  [
    'pacer holds for nobody',
    PACER,
    'if (this.#marks.length === 0 || !this.#paces(nowMs)) return false',
    'if (this.#marks.length === 0) return false',
  ],
  [
    'pacer window unlimited',
    PACER,
    'if (sentBytes - this.#echoedBytes < this.#windowBytes) return false',
    'if (sentBytes - this.#echoedBytes < WINDOW_BYTES_MAX) return false',
  ],
  ['pacer room not noticed', PACER, "    this.#room = 'used up'\n", ''],
  ['pacer asks without end', PACER, ' && this.#marks.length < MARKS_MAX', ''],
  ['pacer asks every time', PACER, 'sentBytes - asked >= enough && ', ''],
  ['pacer asks for nobody', PACER, 'const due = this.#paces(nowMs) && sentBytes', 'const due = sentBytes'],
  ['pacer believes any echo', PACER, '    if (covered < 0) return\n', '    if (this.#marks.length === 0) return\n'],
  ['pacer keeps old marks', PACER, 'this.#marks.splice(0, covered + 1)', 'this.#marks.splice(covered, 1)'],
  ['pacer moves at every echo', PACER, '    if (mark.bytes <= this.#roundBytes) return\n', ''],
  [
    'pacer shortest for ever',
    PACER,
    'if (nowMs - this.#periodMs >= PERIOD_MS) {',
    'if (this.#periodMs === -Infinity) {',
  ],
  ['pacer forgets the period before', PACER, '      this.#shortestBeforeMs = this.#shortestMs\n', ''],
  [
    'pacer grows unused',
    PACER,
    "if (ratio > 1 && this.#room === 'left') return this.#windowBytes",
    'if (ratio > 2) return this.#windowBytes',
  ],
  ['pacer starts slowly for ever', PACER, "    if (queueMs > QUEUE_MS / 2) this.#start = 'over'\n", ''],
  ['pacer never probes', PACER, 'queueMs < QUEUE_MS / 4 ? PROBE : 0', 'queueMs < 0 ? PROBE : 0'],
  [
    'pacer window below its least',
    PACER,
    'Math.min(WINDOW_BYTES_MAX, Math.max(WINDOW_BYTES_MIN, this.#windowBytes * factor))',
    'Math.min(WINDOW_BYTES_MAX, this.#windowBytes * factor)',
  ],
  [
    'pacer window without a bound',
    PACER,
    'Math.min(WINDOW_BYTES_MAX, Math.max(WINDOW_BYTES_MIN, this.#windowBytes * factor))',
    'Math.max(WINDOW_BYTES_MIN, this.#windowBytes * factor)',
  ],
]
