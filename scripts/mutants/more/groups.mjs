/** Slips in the machine of groups: those that the model of the protocol was tried with, and single edits that random runs do not see. */
const MACHINE = 'groups/machine/machine.ts'
const CHANGES = 'groups/machine/view-changes.ts'
const DEPARTURES = 'groups/machine/departures.ts'
const PROPOSAL = 'groups/machine/proposal.ts'
const FOLLOWER = 'groups/machine/follower.ts'
const SEQUENCER = 'groups/machine/sequencer.ts'
const STREAM = 'groups/machine/view-stream.ts'
const DELIVERY = 'groups/machine/delivery.ts'
const OUTBOX = 'groups/machine/outbox.ts'

export const GROUP_SLIPS = [
  // Of the model.
  [
    'groups orders accepted while flushing',
    MACHINE,
    "this.state.kind !== 'normal' || this.peers.isSevered",
    'this.peers.isSevered',
  ],
  ['groups install without the cut', PROPOSAL, 'run(at, answer.length, length)', 'run(at, length, length)'],
  [
    'groups cut counts as stable',
    PROPOSAL,
    'answers.map(({ stable }) => stable)',
    'answers.map(({ length }) => length)',
  ],
  [
    'groups who is left behind stays',
    'groups/machine/change.ts',
    'if (members.includes(self) ||',
    'if (members.length > 0 ||',
  ],
  [
    'groups own PREPARE later',
    CHANGES,
    '    this.prepare(this.self, word)\n',
    "    this.actions.push({ kind: 'send', to: this.self, word })\n",
  ],
  // Links that were cut inside a view.
  ['groups severed stream goes on', MACHINE, 'this.peers.isSevered(from) || ', ''],
  [
    'groups gap severs nothing',
    MACHINE,
    "if (wrong.kind === 'lost') this.peers.sever(from)",
    "if (wrong.kind === 'lost') return",
  ],
  ['groups cut severs nothing', MACHINE, 'if (isMember && (this.leads ||', 'if (!isMember && (this.leads ||'],
  ['groups severed for ever', 'groups/machine/peers.ts', 'this.#severed.clear()', 'this.#severed.size'],
  ['groups gap passes', FOLLOWER, 'word.index !== this.log.length', 'word.index < 0'],
  // Changes of view.
  ['groups refusal ignored', CHANGES, 'this.times.flushTimeoutMs * 0.8', 'this.times.flushTimeoutMs * 0'],
  ['groups refusal of anybody', CHANGES, '.candidates.includes(from) !== true', '.candidates.length === 0'],
  ['groups refused number forgotten', CHANGES, 'Math.max(this.highest, promised)', 'Math.max(this.highest, 0)'],
  [
    'groups loss does not restart',
    MACHINE,
    'candidates.includes(peer) === true',
    'candidates.includes(peer) === undefined',
  ],
  [
    'groups promise of lower numbers',
    CHANGES,
    'if (!isAbove(ballot, this.promised))',
    'if (ballot.number < this.promised.number)',
  ],
  ['groups lineage of another', CHANGES, 'lineages.find(({ view }) => sameView(view, previous.id))', 'lineages[0]'],
  ['groups fresh for ever', CHANGES, 'if (view.members.length > 1) this.isFresh = false', 'this.isFresh &&= true'],
  ['groups leaver goes on', PROPOSAL, '.isLeaving === false)', '.isLeaving !== undefined)'],
  ['groups cut of the shortest', PROPOSAL, 'length: Math.max(', 'length: Math.min('],
  // What is told.
  ['groups SAFE at once', DELIVERY, 'this.#next >= stable', 'this.#next < 0'],
  [
    'groups signal before what is certain',
    STREAM,
    "    this.#delivery.run(this.log, stable, false)\n    this.#act({ kind: 'transitional', view: id, members: transitional })\n",
    "    this.#act({ kind: 'transitional', view: id, members: transitional })\n    this.#delivery.run(this.log, stable, false)\n",
  ],
  ['groups entries dropped early', STREAM, 'this.log.trim(stable)', 'this.log.trim(this.log.length)'],
  ['groups stable of one', SEQUENCER, 'Math.min(this.#stable, each.received)', 'Math.max(least, each.received)'],
  [
    'groups acks of others are all',
    FOLLOWER,
    'Math.min(this.log.length, ...this.#received.values())',
    'Math.max(0, ...this.#received.values())',
  ],
  ['groups turns of one', SEQUENCER, 'this.#turnOf = (this.#turnOf + 1) % this.#turns.length', 'this.#turnOf = 0'],
  [
    'groups view of a message ignored',
    OUTBOX,
    'if (onlyIn !== null && !sameView(onlyIn, view))',
    'if (onlyIn !== null && number < 0)',
  ],
  [
    'groups view of a message that waits ignored',
    OUTBOX,
    'if (onlyIn === null) queue.push',
    'if (number > 0) queue.push',
  ],
  [
    'groups part of a message in the next view',
    OUTBOX,
    'if (publish === this.#partial?.publish) continue',
    'if (publish.number < 0) continue',
  ],
  ['groups no room behind what came back', OUTBOX, 'this.#entries--', 'this.#entries -= 0'],
  // What may wait, and what may not.
  ['groups acks of SAFE wait', FOLLOWER, 'return isMuch || this.#safeEnd > this.#told.received', 'return isMuch'],
  ['groups acks of nothing', FOLLOWER, 'const isMuch =', 'const isMuch = false &&'],
  ['groups stable to nobody', SEQUENCER, 'if (needsStable) this.#host.send', 'if (!needsStable) this.#host.send'],
  ['groups stable by and by to nobody', MACHINE, '    this.stream.remind()\n    for (', '    for ('],
  ['groups handed over to nobody', STREAM, 'isServed ? this.#outbox.next() : null', 'this.#outbox.next()'],
  ['groups gone for ever', 'groups/machine/peers.ts', 'this.#gone.size > GONE_MAX', 'this.#gone.size < 0'],
  ['groups posts without their names', 'groups/machine/view-log.ts', '+ UTF8_MAX * entry.origin.length', ''],
  // Who breaks the protocol.
  ['groups eviction by anybody', DEPARTURES, 'if (from === this.current.id.installer ||', 'if (from !== this.self ||'],
  ['groups eviction of a later view ignored', DEPARTURES, '|| this.peers.hasPromise(from)', ''],
  ['groups flood of orders', FOLLOWER, 'this.#costs.length > windowEntries ||', ''],
  ['groups flood of bytes', FOLLOWER, '|| this.#unconsumedBytes > bytesMax', ''],
  ['groups flood of pieces', DELIVERY, 'if (this.#assemblyBytes > Math.max(', 'if (0 > Math.max('],
  ['groups flood of what is held', PROPOSAL, 'held.entries > 2 * GROUPS.windowEntries ||', ''],
  ['groups stable beyond what is there', PROPOSAL, 'answer.stable > answer.length', 'answer.stable < 0'],
  ['groups out of a later view', PROPOSAL, '!isAbove(this.ballot, answer.view)', '!isAbove(this.ballot, own.id)'],
  ['groups out of a view of others', PROPOSAL, '&& !own.members.includes(from)', '&& own.members.length === 0'],
  ['groups wrong one blamed', PROPOSAL, '=== null ? longest : lacking', '=== null ? longest : longest'],
  ['groups views of anybody', CHANGES, 'members.every((member) => candidates.includes(member))', 'members.length > 0'],
  ['groups ballots of no view', CHANGES, '|| !isMembership(candidates)', ''],
]
