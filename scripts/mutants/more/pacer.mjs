/** Small slips in the pacing of large messages: name, file in src, what is there exactly once, and what it becomes. */
const PACER = 'session/path/pacer.ts'
const WINDOW = 'common/delivery-window.ts'

export const PACER_SLIPS = [
  [
    'pacer holds without an echo',
    PACER,
    'if (!this.#window.isMeasuring || !this.#paces(nowMs)) return false',
    'if (!this.#paces(nowMs)) return false',
  ],
  [
    'pacer holds for nobody',
    PACER,
    'if (!this.#window.isMeasuring || !this.#paces(nowMs)) return false',
    'if (!this.#window.isMeasuring) return false',
  ],
  [
    'pacer window unlimited',
    WINDOW,
    'if (onTheirWayBytes < this.#bytes) return false',
    'if (onTheirWayBytes < this.#terms.bytesMax) return false',
  ],
  ['pacer room not noticed', WINDOW, "    this.#room = 'used up'\n", ''],
  ['pacer asks without end', WINDOW, ' && this.#marks.length < MARKS_MAX', ''],
  ['pacer asks every time', WINDOW, 'sentBytes - marked >= enough && ', ''],
  ['pacer asks for nobody', PACER, 'this.#paces(nowMs) && this.#window.mark', 'this.#window.mark'],
  ['pacer believes any echo', WINDOW, '    if (covered < 0) return\n', '    if (this.#marks.length === 0) return\n'],
  ['pacer keeps old marks', WINDOW, 'this.#marks.splice(0, covered + 1)', 'this.#marks.splice(covered, 1)'],
  ['pacer moves at every echo', WINDOW, '    if (mark.bytes <= this.#roundBytes) return\n', ''],
  [
    'pacer shortest for ever',
    WINDOW,
    'if (nowMs - this.#periodMs >= PERIOD_MS) {',
    'if (this.#periodMs === -Infinity) {',
  ],
  ['pacer forgets the period before', WINDOW, '      this.#shortestBeforeMs = this.#shortestMs\n', ''],
  [
    'pacer grows unused',
    WINDOW,
    "if (ratio > 1 && this.#room === 'left') return this.#bytes",
    'if (ratio > 2) return this.#bytes',
  ],
  ['pacer starts slowly for ever', WINDOW, "    if (queuedMs > mayQueueMs / 2) this.#start = 'over'\n", ''],
  ['pacer never probes', WINDOW, 'queuedMs < mayQueueMs / 4 ? PROBE : 0', 'queuedMs < 0 ? PROBE : 0'],
  [
    'pacer window below its least',
    WINDOW,
    'Math.min(bytesMax, Math.max(bytesMin, this.#bytes * factor))',
    'Math.min(bytesMax, this.#bytes * factor)',
  ],
  [
    'pacer window without a bound',
    WINDOW,
    'Math.min(bytesMax, Math.max(bytesMin, this.#bytes * factor))',
    'Math.max(bytesMin, this.#bytes * factor)',
  ],
  [
    'pacer long ways as even as short ones',
    WINDOW,
    'const mayQueueMs = queueMs + queueShare * shortestMs',
    'const mayQueueMs = queueMs',
  ],
  [
    'pump window kept for the next session',
    'transactions/machine/pump.ts',
    '    this.#window = new DeliveryWindow(TERMS)\n',
    '',
  ],
  ['pump window never full', 'transactions/machine/pump.ts', ' || this.#window.isFull(this.paced)', ''],
  [
    'pump measures nothing',
    'transactions/machine/pump.ts',
    'if (bytes > 0) this.#window.mark(this.#sentBytes, nowMs)',
    '',
  ],
  [
    'pump hears of nothing',
    'transactions/machine/pump.ts',
    '    this.#window.delivered(this.#sentBytes - this.paced, nowMs)\n',
    '',
  ],
  ['pump counts what was taken back', 'transactions/machine/pump.ts', '    this.#sentBytes -= bytes\n', ''],
]
