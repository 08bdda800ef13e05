/**
 * What an arriving link means: the only place that decides, pure and total, and always with a reason. A wire protocol
 * with rules of its own brings them along; these are the ones for all others.
 *
 * The law behind it: nothing is displaced before CONFIRM. Every verdict but `yield` and `reject` is a promise; what it
 * says about the session is what will happen when the dialler confirms.
 */
import { explainMisfit, policiesFit } from '../policies/compatibility.ts'
import type { Existing, Incoming, Verdict as AnyVerdict } from '../wire/arriving-link.ts'
import type { SessionOffer } from '../wire/wire.ts'
import { inStep, outranks } from './ballot.ts'

export type { Existing, Incoming } from '../wire/arriving-link.ts'

/** These rules never need to ask a dialler again. */
export type Verdict = Exclude<AnyVerdict, { kind: 'again' }>

export type VerdictKind = Verdict['kind']

/** There is a link, or one is on its way. */
const LINKED: readonly Existing['machine']['state']['name'][] = ['connecting', 'accepting', 'open']

/** Decides about `incoming`, given what exists for this peer. */
export function arbitrate(existing: Existing, incoming: Incoming): Verdict {
  const { machine, policy } = existing
  const { offer, instance } = incoming
  if (incoming.replaced) {
    return { kind: 'reject', code: 'INK_TAKEN_OVER', reason: 'another, newer instance with this name has taken over' }
  }
  if (!policiesFit(offer.policy, policy)) {
    return { kind: 'reject', code: 'INK_POLICY_MISMATCH', reason: explainMisfit(policy, offer.policy) }
  }
  if (machine.state.name === 'closed' || machine.state.name === 'draining') {
    return { kind: 'reject', code: 'INK_REFUSED', reason: 'the connection is being closed here; dial again' }
  }
  const { best } = machine
  // Out of step: the dialler is told where we are, unless there is nothing that it would have to go behind.
  const waits = inStep(best, offer.ballot.epoch) ? !outranks(offer.ballot, best) : LINKED.includes(machine.state.name)
  if (waits) return { kind: 'yield', epoch: best.epoch, reason: `a link with epoch ${best.epoch} goes first` }
  return promise(machine, instance, offer)
}

function promise(machine: Existing['machine'], instance: string, offer: SessionOffer): Verdict {
  const knows = (id: string): boolean => offer.resume.some((entry) => entry.id === id)
  const { session, tentative } = machine
  if (session !== null && machine.instance === instance && knows(session)) {
    return machine.state.name === 'open'
      ? { kind: 'replace', id: session, resumed: true, reason: 'the same session on a newer link' }
      : { kind: 'resume', id: session, resumed: true, reason: 'the session is known on both sides' }
  }
  if (offer.move !== undefined)
    return { kind: 'reject', code: 'INK_REFUSED', reason: 'there is no such session here that could move' }
  const half = tentative !== null && tentative.instance === instance && knows(tentative.id) ? tentative.id : null
  const id = half ?? offer.fresh
  if (session !== null) {
    const reason =
      machine.instance === instance ? 'the peer has lost the session' : 'the peer has restarted as a new instance'
    return { kind: 'reset', id, resumed: half !== null, reason }
  }
  const reason = half === null ? 'a first session' : 'an establishment that was cut is continued'
  return { kind: 'promise', id, resumed: half !== null, reason }
}
