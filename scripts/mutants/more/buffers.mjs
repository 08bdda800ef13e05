/** Slips in remote buffers: what lets bytes move that must not, and what says too much or too little. */
export const BUFFER_SLIPS = [
  [
    'buffers stopped transfer goes on',
    'buffers/machine/registry.ts',
    "if (transfer.state === 'moving') transfer.state = 'idle'\n    else if (transfer.state === 'stopping')",
    "if (transfer.state !== 'over') transfer.state = 'idle'\n    else if (transfer.registrationId === -1)",
  ],
  [
    'buffers fence before the chunk has landed',
    'buffers/machine/registry.ts',
    "if (state === 'live' || transfers.size > 0) return []",
    "if (state === 'live') return []",
  ],
  [
    'buffers opened while they are withdrawn',
    'buffers/machine/registry.ts',
    "const registration = this.#registrations.get(ask.id)\n    if (registration?.state !== 'live') return 'stale'",
    "const registration = this.#registrations.get(ask.id)\n    if (registration === undefined) return 'stale'",
  ],
  [
    'buffers rights of the reference not asked',
    'buffers/machine/registry.ts',
    '(claims.rights & spec.rights & right) === 0',
    '(spec.rights & right) === 0',
  ],
  [
    'buffers range not asked',
    'buffers/machine/registry.ts',
    "if (!contains(claims.range, range)) return 'out-of-range'",
    '',
  ],
  [
    'buffers time of the registration not asked',
    'buffers/machine/registry.ts',
    "if (nowMs >= spec.deadlineMs || registration.usesLeft === 0) return 'expired'",
    "if (registration.usesLeft === 0) return 'expired'",
  ],
  ['buffers uses not counted', 'buffers/machine/registry.ts', 'registration.usesLeft--', 'registration.usesLeft -= 0'],
  [
    'buffers id given out twice',
    'buffers/machine/registry.ts',
    'const id = ++this.#lastId',
    'const id = this.#registrations.size + 1',
  ],
  [
    'buffers memory counted for ever',
    'buffers/machine/registry.ts',
    'this.#memoryBytes -= spec.memoryBytes',
    'this.#memoryBytes -= 0',
  ],
  [
    'buffers rights widen',
    'buffers/machine/claims.ts',
    'rights: claims.rights & caveat.rights',
    'rights: claims.rights | caveat.rights',
  ],
  [
    'buffers range beyond its end',
    'buffers/machine/claims.ts',
    'inner.offset + inner.length <= outer.offset + outer.length',
    'inner.offset + inner.length <= outer.offset + outer.length + 1',
  ],
  [
    'buffers steps outside of the MAC',
    'buffers/mac.ts',
    'const chain: readonly Link<unknown>[] = [header, ...caveats]',
    'const chain: readonly Link<unknown>[] = [header, ...caveats.slice(0, 1)]',
  ],
  [
    'buffers stranger is told which number exists',
    'buffers/owner.ts',
    "if (!isGenuine(this.#key, token)) throw refusal('denied')",
    "if (!isGenuine(this.#key, token)) throw refusal(this.registry.has(token.header.value.id) ? 'denied' : 'stale')",
  ],
  [
    'buffers of a process before this one',
    'buffers/owner.ts',
    'return value.instance === this.#messenger.instance',
    'return value.owner === this.#messenger.name',
  ],
]
