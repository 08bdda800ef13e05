/** Small slips in whose memory is whose, in what is counted across links, and in how a session goes to another path. */
export const MEMORY = [
  [
    'chunk slab of other memory',
    'messenger/chunk.ts',
    'if (memory !== this.#of || offset < this.#from',
    'if (offset < this.#from',
  ],
  [
    'chunk slab outlives the chunk',
    'messenger/chunk.ts',
    'this.#memory = this.#of = this.#loan = this.#shown',
    'this.#memory = this.#loan = this.#shown',
  ],
  [
    'lent of a shared chunk taken away',
    'messenger/chunk.ts',
    "    if (standing === 'shared') this.#guard(message.memory)\n    else if (standing === 'own') {\n      if (message.bytes < BODY",
    "    if (standing === 'shared') return\n    else if (standing === 'own') {\n      if (message.bytes < BODY",
  ],
  [
    'shown of a shared chunk taken away',
    'messenger/chunk.ts',
    "    seen++\n    if (standing === 'shared') this.#guard(message.memory)\n",
    "    seen++\n    if (standing === 'shared') return false\n",
  ],
  [
    'given of a shared chunk taken away',
    'messenger/chunk.ts',
    'memory.byteLength <= SLAB_BYTES) this.#guard(memory)',
    'memory.byteLength <= SLAB_BYTES) return',
  ],
  ['spare of another size', 'messenger/body-memory.ts', 'spare.bytes === bytes)', 'spare.bytes >= bytes)'],
  [
    'block calm by the way',
    'transports/receive-memory.ts',
    'count < CALM_BYTES ? this.#calmReads + 1 : 0',
    'count < CALM_BYTES ? this.#calmReads + 1 : this.#calmReads',
  ],
  ['block counted for ever', 'transports/receive-memory.ts', '    else blocks--\n', ''],
  [
    'intake drops and finishes',
    'messenger/intake.ts',
    '    message.owner = null\n    this.#session.inbound.discard',
    '    this.#session.inbound.discard',
  ],
  ['intake loan kept', 'messenger/intake.ts', '    message.loan?.done()\n', ''],
  [
    'intake fast over the end',
    'messenger/intake.ts',
    '      if (this.#isOver(message, path)) return\n    }\n    // A layer',
    '    }\n    // A layer',
  ],
  [
    'intake lends to layers',
    'messenger/intake.ts',
    'if (this.#lends && message.extensionBytes === 0) chunk.lend',
    'if (this.#lends) chunk.lend',
  ],
  [
    'inbox clear keeps its turn',
    'messenger/inbox.ts',
    '    if (this.#turn !== null) this.#throttle?.cancel(this.#turn)\n',
    '',
  ],
]

export const COUNTS = [
  [
    'runs last batch asks nothing',
    'session/path/runs.ts',
    '    if (this.#waits(cursor)) run.header.ackNow = true\n    this.#outbound.sentMessages',
    '    this.#outbound.sentMessages',
  ],
  ['outbound spoiled late', 'session/outbound.ts', 'if (seq <= lane.high) {', 'if (seq < lane.high) {'],
  [
    'outbound marks of no lane',
    'session/outbound.ts',
    'if (marks.slice(this.lanes.length).some(({ received }) => received > 0)) return false\n',
    '',
  ],
  ['outbound moves with old marks', 'session/out-lane.ts', 'Math.max(base, stated.processed)', 'base'],
  [
    'outbound words survive the reset',
    'session/outbound.ts',
    '    this.#forgetVerdicts()\n    this.lanes.length = Math.min(this.lanes.length, CONTROL_LANE)\n    for',
    '    this.#forgetVerdicts()\n    for',
  ],
  ['lane failed keeps its number', 'session/out-lane.ts', '    this.high -= gone.messages\n', ''],
  ['held full gives on', 'session/held.ts', '    if (this.isFull) return NOTHING\n', ''],
  ['inbound credit of a late finisher', 'session/inbound.ts', '    else if (!control) acks?.creditCame(nowMs)\n', ''],
  ['path duplicate not hurried', 'session/path/path.ts', '      this.acks.hurry()\n', ''],
  ['path word of many', 'session/inbound.ts', ' && !this.held.hasManyWords)', ')'],
  ['acks moves its deadline', 'session/path/acks.ts', 'if (this.dueMs === Infinity) this.dueMs', 'this.dueMs'],
  [
    'acks every message',
    'session/path/acks.ts',
    'this.#messages >= 2 * ackEveryMessages',
    'this.#messages >= ackEveryMessages',
  ],
  ['flow easier is not told', 'messenger/flow.ts', '    path.acks.hurry()\n    this.schedule()\n', ''],
]

export const PATHS = [
  [
    'ready link not hastened',
    'session/open-link.ts',
    'Math.min(pledge.deadlineMs, nowMs + handshakeTimeoutMs)',
    'pledge.deadlineMs',
  ],
  ['link of no use is healthy', 'session/open-link.ts', 'input.progressed || input.nowMs >= restedMs', 'true'],
  [
    'parting taken back unsaid',
    'session/path/parting.ts',
    '    if (this.#isSaid) this.#back = epoch\n',
    '    this.#back = epoch\n',
  ],
  ['parting said for each', 'session/path/parting.ts', '    if (this.#epoch === epoch) return\n', ''],
  ['parting of another taken back', 'session/path/parting.ts', '    if (this.#epoch !== epoch) return\n', ''],
  ['route rests the same', 'session/routes/routes.ts', '    route.failures++\n', ''],
  [
    'route rests without end',
    'session/routes/routes.ts',
    'Math.min(REST_MAX_MS, REST_FIRST_MS',
    'Math.min(Infinity, REST_FIRST_MS',
  ],
  [
    'route equal is better',
    'session/routes/routes.ts',
    'if (best.rank < rank) return',
    'if (best.rank <= rank) return',
  ],
  ['route ready for ever', 'session/routes/routes.ts', 'nowMs >= ready.sinceMs + this.#readyMs ? {', 'false ? {'],
  ['route rank rises', 'session/routes/routes.ts', 'known.rank = Math.min(known.rank, rank)', 'known.rank = rank'],
  ['route without bound', 'session/routes/routes.ts', 'else if (this.#all.size < ROUTES_MAX)', 'else'],
  ['auto leave for the given', 'messenger/auto-paths.ts', 'this.#given.has(address) || (peer', '(peer'],
]
