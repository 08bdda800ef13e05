/** Slips in the machine of transactions. */
export const TRANSACTIONS = [
  [
    'calls verdict without asking the handler',
    'transactions/machine/serving.ts',
    "if (served.phase === 'running') served.owner.onAborted(seenByServer(why), detail)",
    "if (served.phase === 'running') this.#judge(served)",
  ],
  [
    'calls cancelled though the handler answered',
    'transactions/machine/serving.ts',
    "served.verdict = 'too-late'",
    "served.verdict = 'cancelled'",
  ],
  ['calls early cancel forgotten', 'transactions/machine/serving.ts', 'this.#early.add(id)', 'this.#early.delete(id)'],
  [
    'calls credit lost on discard',
    'transactions/machine/incoming.ts',
    "if (this.life === 'discarded') {\n      this.consumed += cost",
    "if (this.life === 'discarded') {\n      this.consumed += 0",
  ],
  [
    'calls credit of unread parts lost on discard',
    'transactions/machine/incoming.ts',
    'this.consumed += part.cost',
    'this.consumed += 0',
  ],
  [
    'calls parts past their credit',
    'transactions/machine/outgoing.ts',
    'CALLS.partOverheadBytes <= this.granted',
    'CALLS.partOverheadBytes <= Infinity',
  ],
  [
    'calls place free before the handler has ended',
    'transactions/machine/asking.ts',
    "asked.phase = indeterminate ? 'over' : 'gone'",
    "asked.phase = indeterminate ? 'over' : 'gone'\n    this.#open.delete(asked.id)",
  ],
  [
    'calls two outcomes',
    'transactions/machine/asking.ts',
    "const isNews = asked.phase === 'open'",
    "const isNews = asked.phase !== 'waiting'",
  ],
  [
    'calls withdrawn though on a link',
    'transactions/machine/asking.ts',
    'if (asked.isSent && !this.#sink.takeBack(asked)) return false',
    'if (asked.isSent) this.#sink.takeBack(asked)',
  ],
  [
    'calls alarm left behind',
    'transactions/machine/serving.ts',
    '    this.#open.delete(served.id)\n    this.#sink.unwatch(served)\n',
    '    this.#open.delete(served.id)\n',
  ],
  [
    'calls acked bytes counted for ever',
    'transactions/machine/pump.ts',
    'this.paced -= message.bytes',
    'this.paced -= 0',
  ],
  [
    'calls stop overtakes its request',
    'transactions/machine/exchange.ts',
    'if (half instanceof Asked && !half.isKnown) half.held |= what',
    'if (half.id === 0) half.due |= 0',
  ],
  [
    'calls a deadline of the wall clock',
    'transactions/session-calls.ts',
    'return this.#world.clock.nowMs()',
    'return this.#world.clock.wallMs()',
  ],
  [
    'calls tracestate without its traceparent',
    'transactions/metadata.ts',
    "return parent !== undefined && entries.get('traceparent') === parent",
    'return true',
  ],
  [
    'calls inherit where they were registered',
    'transactions/inheritance.ts',
    'handling.getStore() === undefined ? run()',
    'handling.getStore() !== null ? run()',
  ],
  [
    'calls metadata beyond its note',
    'transactions/metadata.ts',
    'if (!(end <= note.length)) return NO_METADATA',
    'if (end > note.length + 1) return NO_METADATA',
  ],
]
