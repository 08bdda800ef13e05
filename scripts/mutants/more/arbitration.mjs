/** Small slips in arbitration and ballots: name, file in src, what is there exactly once, and what it becomes. */
export const ARBITRATION = [
  [
    'arb instance not compared on resume',
    'session/arbitration.ts',
    'machine.instance === instance && knows(session)',
    'knows(session)',
  ],
  [
    'arb tentative instance not compared',
    'session/arbitration.ts',
    'tentative.instance === instance && knows',
    'knows',
  ],
  [
    'arb equal ballot accepted',
    'session/arbitration.ts',
    '!outranks(offer.ballot, best) :',
    'outranks(best, offer.ballot) :',
  ],
  [
    'arb yield tells own epoch of offer',
    'session/arbitration.ts',
    "kind: 'yield', epoch: best.epoch,",
    "kind: 'yield', epoch: offer.ballot.epoch,",
  ],
  [
    'arb policies swapped',
    'session/arbitration.ts',
    'policiesFit(offer.policy, policy)',
    'policiesFit(policy, offer.policy)',
  ],
  ['arb out of step never waits', 'session/arbitration.ts', 'LINKED.includes(machine.state.name)', 'false'],
  [
    'arb half not told as resumed',
    'session/arbitration.ts',
    "kind: 'promise', id, resumed: half !== null, reason }",
    "kind: 'promise', id, resumed: false, reason }",
  ],
  [
    'arb reset ignores half',
    'session/arbitration.ts',
    "return { kind: 'reset', id, resumed: half !== null, reason }",
    "return { kind: 'reset', id: offer.fresh, resumed: false, reason }",
  ],
  [
    'arb closed accepts',
    'session/arbitration.ts',
    "machine.state.name === 'closed' || machine.state.name === 'draining'",
    "machine.state.name === 'draining'",
  ],
  ['ballot tie to higher address', 'session/ballot.ts', 'a.dialler < b.dialler', 'a.dialler > b.dialler'],
  ['ballot epoch >=', 'session/ballot.ts', 'return a.epoch > b.epoch ||', 'return a.epoch >= b.epoch ||'],
  [
    'ballot ties refused',
    'session/ballot.ts',
    'return a.epoch > b.epoch || (a.epoch === b.epoch && a.dialler < b.dialler)',
    'return a.epoch > b.epoch',
  ],
  [
    'ballot raised keeps dialler',
    'session/ballot.ts',
    '{ epoch, dialler: NOBODY } : best',
    '{ epoch, dialler: best.dialler } : best',
  ],
  ['ballot raised +1', 'session/ballot.ts', 'return epoch > best.epoch ||', 'return epoch > best.epoch + 1 ||'],
]
