/**
 * What an arriving link means: the only place that decides, pure and total, and always with a reason.
 *
 * The law behind it: nothing is displaced before CONFIRM. Every verdict but `yield` and `reject` is a promise; what it
 * says about the session is what will happen when the dialler confirms.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import { explainMisfit, policiesFit } from '../policies/compatibility.ts'
import type { PolicyKind } from '../policies/policy.ts'
import type { SessionOffer } from '../wire/wire.ts'
import { EPOCH_MAX, outranks } from './ballot.ts'
import type { Machine } from './machine.ts'

/** What is here already. */
export interface Existing {
  readonly policy: PolicyKind
  readonly machine: Pick<Machine, 'state' | 'best' | 'session' | 'tentative' | 'instance'>
}

/** What arrives. */
export interface Incoming {
  /** The dialler's instance. */
  readonly instance: string
  readonly offer: SessionOffer
  /** True when a newer instance of this peer has taken over. */
  readonly replaced: boolean
}

export type Verdict =
  /** A first session. */
  | { readonly kind: 'promise'; readonly id: string; readonly resumed: boolean; readonly reason: string }
  /** The session continues; it has no link now. */
  | { readonly kind: 'resume'; readonly id: string; readonly resumed: true; readonly reason: string }
  /** The session continues on the arriving link, which displaces the open one. */
  | { readonly kind: 'replace'; readonly id: string; readonly resumed: true; readonly reason: string }
  /** The dialler does not know our session: a new one displaces it. */
  | { readonly kind: 'reset'; readonly id: string; readonly resumed: boolean; readonly reason: string }
  /** Another link goes first. */
  | { readonly kind: 'yield'; readonly epoch: number; readonly reason: string }
  | { readonly kind: 'reject'; readonly code: InkwireErrorCode; readonly reason: string }

export type VerdictKind = Verdict['kind']

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
  if (offer.ballot.epoch > EPOCH_MAX) {
    return { kind: 'reject', code: 'INK_INCOMPATIBLE', reason: `epoch ${offer.ballot.epoch} is out of range` }
  }
  if (!outranks(offer.ballot, machine.best)) {
    return { kind: 'yield', epoch: machine.best.epoch, reason: `a link with epoch ${machine.best.epoch} goes first` }
  }
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
