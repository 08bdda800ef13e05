/** Slips in the life of endpoints, and in hybrid logical time. */
export const LIFE_SLIPS = [
  [
    'endpoint disconnect not awaited',
    'messenger/endpoint-life.ts',
    'if (isThenable(answer)) void whenSettled(answer, done, failed)\n      else done()',
    'done()',
  ],
  [
    'endpoint session not over when it is',
    'messenger/endpoint-life.ts',
    'this.#session.end(action.reason)',
    'this.#session.toString()',
  ],
  [
    'endpoint waits for ever for a disconnect that failed',
    'messenger/endpoint-life.ts',
    'this.#world.failed(connection, error)\n      done()',
    'this.#world.failed(connection, error)',
  ],
  [
    'endpoint disconnect before who waited has heard',
    'messenger/endpoint-life.ts',
    'this.#world.later(() => {\n      let answer: unknown',
    ';((run: () => void) => run())(() => {\n      let answer: unknown',
  ],
  [
    'endpoint met again in each resumed session',
    'messenger/endpoints.ts',
    'if (resumed) return',
    'if (resumed === undefined) return',
  ],
  [
    'endpoint close does not wait',
    'messenger/endpoints.ts',
    'if (watch.closed === null || watch.lives.size > 0) return',
    'if (watch.closed === null) return',
  ],
  [
    'endpoint of who is gone is kept',
    'messenger/endpoints.ts',
    'if (life.isOver) watch.lives.delete(name)',
    'if (life.isOver) watch.lives.has(name)',
  ],
  [
    'endpoint says nothing for who follows nobody',
    'messenger/endpoints.ts',
    "if (word.kind !== 'ready' || session.connection.state === 'closed') return",
    "if (word.kind === 'ready' || session.connection.state === 'closed') return",
  ],
  [
    'endpoint sends in a session that is over',
    'messenger/endpoint-session.ts',
    'if (!this.#over.signal.aborted) return',
    'if (this.#over.signal !== undefined) return',
  ],
  ['hlc counter beyond its bits', 'wire/hlc.ts', 'counter > COUNTER_MAX', 'counter > COUNTER_MAX + 1'],
  ['hlc follows a broken clock', 'wire/hlc.ts', 'ms - now > this.#maxDriftMs', 'ms - now > Infinity'],
  [
    'hlc refuses the last ms that it may follow',
    'wire/hlc.ts',
    'ms - now > this.#maxDriftMs',
    'ms - now >= this.#maxDriftMs',
  ],
  ['hlc forgets its own counter', 'wire/hlc.ts', 'Math.max(counter, this.#counter) + 1', 'counter + 1'],
  [
    'hlc goes back when it starts',
    'wire/hlc.ts',
    'if (ms > this.#ms) this.#set(Math.ceil(ms), 0)',
    'this.#set(Math.ceil(ms), 0)',
  ],
  [
    'hlc stands still',
    'wire/hlc.ts',
    'else this.#set(this.#ms, this.#counter + 1)\n  }\n\n  /** A stamp was',
    'else this.#set(this.#ms, this.#counter)\n  }\n\n  /** A stamp was',
  ],
  [
    'hlc does not follow what it hears',
    'wire/hlc.ts',
    'else if (ms > this.#ms) this.#set(ms, counter + 1)',
    'else if (ms > this.#ms) this.#set(this.#ms, this.#counter + 1)',
  ],
]
