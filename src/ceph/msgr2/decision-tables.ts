/**
 * Ceph's rules for an arriving link, as one pure and total function: the two decision tables of its ProtocolV2.
 *
 * A CLIENT_IDENT asks for a new session, a RECONNECT for an old one. What Ceph keeps as connect_seq is the epoch of the
 * machine's best ballot; peer_global_seq is what was heard of an instance. Where Ceph depends on `resetcheck`, Inkwire
 * checks: a session whose peer has lost it is always told so. Ceph's lossy rows do not exist here: a lossy session has no
 * connection that outlives its link. Its `replacing` is a promise that was not confirmed yet.
 *
 * What tells old from new is what the dialler must have heard. It asked after it had heard our last words on its link. So
 * if we heard of another attempt before we said them, this one is newer, whatever it says; else it may be older, and of
 * two processes the one that lives can dial again.
 */
import type { PolicyKind } from '../../policies/policy.ts'
import type { Arbitrate, Existing, Incoming, Verdict } from '../../wire/arriving-link.ts'

/** What a link brings beside the offer. */
export type LinkNote = {
  readonly globalSeq: bigint
  /** The last attempt of an instance, if it was heard of after our last words on this link; else null. */
  readonly heardSince: (instance: string) => bigint | null
} & (
  | { readonly kind: 'ident' }
  /** `half`: the session is one that we asked the peer for, without ever hearing its answer. */
  | { readonly kind: 'reconnect'; readonly half: boolean }
)

/** Where both ends dial, establishments can cross: an answer counts when its dialler shows that it has heard it. */
export function awaitsSign(acceptor: PolicyKind): boolean {
  return acceptor === 'peer'
}

/** Replies to a RECONNECT that promise nothing. */
export type Say =
  | { readonly kind: 'reset'; readonly full: boolean }
  | { readonly kind: 'retry'; readonly connectSeq: number }
  | { readonly kind: 'retryGlobal'; readonly globalSeq: bigint }

export const arbitrate: Arbitrate = (existing, incoming) => {
  const { machine, policy } = existing
  const { offer } = incoming
  if (incoming.replaced) {
    return { kind: 'reject', code: 'INK_TAKEN_OVER', reason: 'another, newer instance with this name has taken over' }
  }
  if (machine.state.name === 'closed' || machine.state.name === 'draining') {
    return { kind: 'reject', code: 'INK_REFUSED', reason: 'the connection is being closed here' }
  }
  // As in Ceph, a lossy acceptor makes the session lossy, and its answer says so; the dialler may not want that.
  if ((offer.policy === 'lossy' && policy !== 'lossy') || policy === 'losslessClient') {
    const asked = offer.policy === 'lossy' ? 'lossy' : 'lossless'
    const reason = `the peer asks for a ${asked} session, and here is ${policy}`
    return { kind: 'reject', code: 'INK_POLICY_MISMATCH', reason }
  }
  const note = offer.note as LinkNote
  return note.kind === 'ident' ? onIdent(existing, incoming, note) : onReconnect(existing, incoming, note)
}

/** Table A: a new session. */
function onIdent({ machine }: Existing, { offer, instance }: Incoming, { globalSeq, heardSince }: LinkNote): Verdict {
  const { session } = machine
  const known = heardSince(instance) ?? 0n
  if (known > globalSeq)
    return { kind: 'reject', code: 'INK_REFUSED', reason: `attempt ${globalSeq} is older than ${known}` }
  if (session !== null) {
    if (session === offer.fresh && machine.instance === instance) {
      // It never heard our answer, so nothing was delivered either way: the same session goes on.
      const kind = machine.state.name === 'open' ? 'replace' : 'resume'
      return { kind, id: session, resumed: true, reason: 'an establishment that was cut is continued' }
    }
    if (machine.instance !== instance && heardSince(machine.instance ?? '') !== null) {
      const reason = 'another instance was heard of later: whichever of them lives may dial again'
      return { kind: 'reject', code: 'INK_REFUSED', reason }
    }
    return { kind: 'reset', id: offer.fresh, resumed: false, reason: 'the peer has lost the session' }
  }
  if (machine.state.name === 'connecting' && machine.best.dialler < offer.ballot.dialler) {
    return { kind: 'yield', epoch: machine.best.epoch, reason: 'both dialled, and our address is the lower one' }
  }
  return { kind: 'promise', id: offer.fresh, resumed: false, reason: 'a first session' }
}

/** Table B: an old one. */
function onReconnect({ machine }: Existing, { offer, instance }: Incoming, link: LinkNote): Verdict {
  const { session, tentative, best, state } = machine
  const id = offer.resume[0]?.id ?? ''
  const { epoch, dialler } = offer.ballot
  const promised = id !== session && id === tentative?.id && instance === tentative.instance
  if (id !== session && !promised) {
    if (link.kind === 'reconnect' && link.half) {
      return again({ kind: 'reset', full: false }, 'its answer to our request for this session never came')
    }
    return again({ kind: 'reset', full: true }, session === null ? 'there is no session' : 'there is another session')
  }
  const known = link.heardSince(instance) ?? 0n
  if (known > link.globalSeq) {
    return again({ kind: 'retryGlobal', globalSeq: known }, `attempt ${link.globalSeq} is older than ${known}`)
  }
  if (best.epoch > epoch) return again({ kind: 'retry', connectSeq: best.epoch }, `it is reconnect ${best.epoch} here`)
  if (best.epoch === epoch && state.name === 'connecting' && best.dialler < dialler) {
    return { kind: 'yield', epoch, reason: 'both dialled, and our address is the lower one' }
  }
  if (promised) {
    const reason = 'an establishment that was cut is continued'
    return { kind: session === null ? 'promise' : 'reset', id, resumed: true, reason }
  }
  const kind = state.name === 'open' ? 'replace' : 'resume'
  return { kind, id, resumed: true, reason: 'the session is known on both sides' }
}

function again(say: Say, reason: string): Verdict {
  return { kind: 'again', say, reason }
}
