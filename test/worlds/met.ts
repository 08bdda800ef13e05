/**
 * What a connection can meet: every edge of its machine and every verdict about an arriving link, by name, and a way to see
 * which of them come about while something runs.
 *
 * An edge is a state, an event and the state that follows; what the table ignores is none.
 */
import { arbitrate } from '../../src/session/arbitration.ts'
import { EDGES } from '../../src/session/edges.ts'
import { Session } from '../../src/session/session.ts'
import type { Verdict } from '../../src/wire/arriving-link.ts'

/** `state event next`, for every edge. */
export const EDGE_NAMES: readonly string[] = Object.entries(EDGES).flatMap(([state, row]) =>
  Object.entries(row).flatMap(([event, edge]) =>
    typeof edge === 'string' ? [] : edge.map((next) => `${state} ${event} ${next}`),
  ),
)

/** What arbitration.ts can decide. */
export const VERDICTS: readonly string[] = [
  'promise: a first session',
  'promise: an establishment that was cut is continued',
  'yield',
  'resume',
  'replace',
  'reset: the peer has lost the session',
  'reset: the peer has restarted as a new instance',
  'reject INK_TAKEN_OVER',
  'reject INK_POLICY_MISMATCH',
  'reject INK_REFUSED',
]

/** What Ceph's rules can decide (src/ceph/msgr2/decision-tables.ts), numbers left out. */
export const CEPH_VERDICTS: readonly string[] = [
  'promise: a first session',
  'promise: an establishment that was cut is continued',
  'yield: both dialled, and our address is the lower one',
  'resume: the session is known on both sides',
  'resume: an establishment that was cut is continued',
  'replace: the session is known on both sides',
  'replace: an establishment that was cut is continued',
  'reset: the peer has lost the session',
  'reset: an establishment that was cut is continued',
  'again: its answer to our request for this session never came',
  'again: there is no session',
  'again: there is another session',
  'again: attempt N is older than N',
  'again: it is reconnect N here',
  'reject: attempt N is older than N',
  'reject: another instance was heard of later: whichever of them lives may dial again',
  'reject: another, newer instance with this name has taken over',
  'reject: the connection is being closed here',
  'reject: the peer asks for a lossy session, and here is losslessServer',
].map((verdict) => `ceph ${verdict}`)

/** Everything that is taken while `body` runs, in any session of the process: each edge, each verdict. */
export async function observed(body: () => Promise<void> | void): Promise<Set<string>> {
  const met = new Set<string>()
  const handle = Object.getOwnPropertyDescriptor(Session.prototype, 'handle')?.value as Session['handle']
  Session.prototype.handle = function (this: Session, event, input) {
    const { machine, config } = this
    if (event.type === 'offer') {
      const own = config.protocol?.arbitrate
      const verdict = (own ?? arbitrate)({ policy: config.policy.kind, machine }, event)
      met.add(own === undefined ? nameOf(verdict) : `ceph ${verdict.kind}: ${verdict.reason.replaceAll(/\d+/g, 'N')}`)
    }
    const actions = handle.call(this, event, input)
    const ignored = typeof EDGES[machine.state.name][event.type] === 'string'
    if (!ignored) met.add(`${machine.state.name} ${event.type} ${this.machine.state.name}`)
    return actions
  }
  try {
    await body()
  } finally {
    Session.prototype.handle = handle
  }
  return met
}

function nameOf(verdict: Verdict): string {
  const { kind, reason } = verdict
  if (kind === 'reject') return `reject ${verdict.code}`
  return kind === 'promise' || kind === 'reset' ? `${kind}: ${reason}` : kind
}

const SERVER = 'only a losslessServer stays, and it is never told to connect'
const EARLY = 'no timer fires before its deadline: only a made-up state does this'
const STALE = 'the driver keeps what it hears from links that it let go to itself'
const BROKEN = 'only a peer that breaks the protocol does this: test/unit/session/transition.test.ts'
const NO_WORK = 'the driver tells it only when there is no work left'

/** What never comes about between sound peers, and why. */
export const NEVER: Readonly<Record<string, string>> = {
  'idle connect idle': SERVER,
  'idle work idle': SERVER,
  'standby connect standby': SERVER,
  'connecting opened connecting': BROKEN,
  'connecting opened backoff': BROKEN,
  'connecting opened standby': BROKEN,
  'connecting opened closed': BROKEN,
  'connecting yielded connecting': STALE,
  'accepting confirmed accepting': STALE,
  'accepting fault accepting': STALE,
  'accepting deadline accepting': EARLY,
  'open drained open': NO_WORK,
  'standby deadline standby': EARLY,
  'standby drained standby': NO_WORK,
  'backoff deadline backoff': EARLY,
  'backoff drained backoff': NO_WORK,
  'yielding deadline yielding': EARLY,
  'draining fault draining': STALE,
  'draining deadline draining': EARLY,
  'closed offer closed': 'a connection that is over is not found any more',
}
