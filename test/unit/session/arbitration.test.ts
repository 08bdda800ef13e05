/** What an arriving link means: every combination, and what may never be promised. */
import t from 'tap'
import { arbitrate } from '../../../src/session/arbitration.ts'
import type { Existing, Incoming, Verdict, VerdictKind } from '../../../src/session/arbitration.ts'
import { inStep, outranks } from '../../../src/session/ballot.ts'
import { EPOCH_MAX } from '../../../src/wire/wire.ts'
import { policiesFit } from '../../../src/policies/compatibility.ts'
import { ballot, machine, offer, pledge, states } from './samples.ts'

const KINDS = ['lossy', 'losslessClient', 'losslessServer', 'peer'] as const
const PROMISES: readonly VerdictKind[] = ['promise', 'resume', 'replace', 'reset']

t.test('every combination has one verdict with a reason, and every kind occurs', (t) => {
  const kinds = new Set<VerdictKind>()
  const wrong = new Set<string>()
  let count = 0
  everyCase((existing, incoming, verdict) => {
    count++
    kinds.add(verdict.kind)
    const law = brokenLaw(existing, incoming, verdict)
    if (law !== null) wrong.add(law)
  })
  t.strictSame([...wrong], [])
  t.strictSame([...kinds].sort(), ['promise', 'reject', 'replace', 'reset', 'resume', 'yield'])
  t.ok(count > 10_000, `${count} cases`)
  t.end()
})

t.test('reasons are for people', (t) => {
  const existing: Existing = { policy: 'peer', machine: machine({ state: { name: 'idle' } }) }
  const verdict = arbitrate(existing, { instance: 'j', offer: offer(8), replaced: false })
  t.match(verdict, { kind: 'reset', id: 'new', resumed: false, reason: /restarted as a new instance/ })
  t.match(arbitrate(existing, { instance: 'j', offer: offer(7, { ballot: ballot(7, '9') }), replaced: false }), {
    kind: 'yield',
    epoch: 7,
  })
  t.match(arbitrate(existing, { instance: 'j', offer: offer(8, { policy: 'lossy' }), replaced: false }), {
    code: 'INK_POLICY_MISMATCH',
    reason: /lossy/,
  })
  t.end()
})

/** The first law that a verdict breaks. */
function brokenLaw(
  { machine: before, policy }: Existing,
  { instance, offer: made, replaced }: Incoming,
  verdict: Verdict,
): string | null {
  const promises = PROMISES.includes(verdict.kind)
  const { name } = before.state
  if (verdict.reason === '') return 'a verdict without a reason'
  if (promises && replaced) return 'a promise for an instance that is gone'
  const near = inStep(before.best, made.ballot.epoch)
  const linked = name === 'connecting' || name === 'accepting' || name === 'open'
  if (promises && near && !outranks(made.ballot, before.best))
    return 'a promise for a ballot that is not above the best'
  if (promises && !near && linked) return 'a promise out of step while there is a link'
  if (promises && !policiesFit(made.policy, policy)) return 'a promise for a policy that does not fit'
  if (promises && (name === 'closed' || name === 'draining')) return 'a promise of a connection that is over'
  if (verdict.kind === 'yield' && verdict.epoch !== before.best.epoch) return 'the dialler is told a wrong epoch'
  if (verdict.kind === 'yield' && near) return outranks(made.ballot, before.best) ? 'the best link yields' : null
  if (verdict.kind === 'yield') return linked ? null : 'there is nothing to yield to'
  if (verdict.kind === 'reject') return null
  const named = made.resume.some(({ id }) => id === verdict.id)
  if (verdict.resumed !== named) return 'resumed is not what the dialler offered'
  if (!named && verdict.id !== made.fresh) return 'an id from nowhere'
  const continues = before.session !== null && named && before.instance === instance && verdict.id === before.session
  if (continues !== (verdict.kind === 'resume' || verdict.kind === 'replace'))
    return 'a session that both know does not continue, or another one does'
  if (verdict.kind === 'replace' && name !== 'open') return 'nothing to replace'
  if (verdict.kind === 'reset' && before.session === null) return 'a reset of no session'
  if (verdict.kind === 'promise' && before.session !== null) return 'a first session beside another'
  return null
}

function everyCase(look: (existing: Existing, incoming: Incoming, verdict: Verdict) => void): void {
  const resumes = [[], ['s'], ['t'], ['u'], ['s', 't']].map((ids) => ids.map((id) => ({ id, marks: [] })))
  const memories = [null, 's'].flatMap((session) =>
    [null, 'i', 'j'].map((owner) => ({ session, tentative: owner === null ? null : { id: 't', instance: owner } })),
  )
  const all = [...states(), { name: 'accepting' as const, pledge: pledge(2) }]
  for (const policy of KINDS) {
    for (const state of all) {
      for (const memory of memories) {
        const existing: Existing = {
          policy,
          machine: machine({ ...memory, state, instance: memory.session === null ? null : 'i' }),
        }
        for (const incoming of arrivals(resumes)) look(existing, incoming, arbitrate(existing, incoming))
      }
    }
  }
}

function arrivals(resumes: Incoming['offer']['resume'][]): Incoming[] {
  const found: Incoming[] = []
  for (const instance of ['i', 'j']) {
    for (const replaced of [false, true]) {
      for (const made of [ballot(1), ballot(7, '0'), ballot(7, '1'), ballot(7, '2'), ballot(8), ballot(EPOCH_MAX)]) {
        for (const policy of KINDS) {
          for (const resume of resumes)
            found.push({ instance, replaced, offer: offer(0, { ballot: made, policy, resume }) })
        }
      }
    }
  }
  return found
}
