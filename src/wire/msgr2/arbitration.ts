/**
 * Ceph's rules for an arriving link, as one pure and total function: the two decision tables of its ProtocolV2.
 *
 * A CLIENT_IDENT asks for a new session, a RECONNECT for an old one. What Ceph keeps as connect_seq is the epoch of the
 * machine's best ballot; peer_global_seq is in the note of the last promise. Where Ceph depends on `resetcheck`, Inkwire
 * checks: a session whose peer has lost it is always told so. Ceph's `replacing` does not exist here: a replacement is
 * done when the verdict is. Its lossy rows do not either: a lossy session has no connection that outlives its link.
 */
import type { Arbitrate, Existing, Incoming, Verdict } from '../arbitrate.ts'

/** What a link brings beside the offer. */
export type LinkNote =
  | { readonly kind: 'ident'; readonly globalSeq: bigint }
  | {
      readonly kind: 'reconnect'
      readonly globalSeq: bigint
      /** True when the session is one that we asked the peer for, without ever hearing its answer. */
      readonly half: boolean
    }

/** What stays with the connection. */
export interface PeerNote {
  readonly globalSeq: bigint
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
function onIdent({ machine }: Existing, { offer, instance }: Incoming, { globalSeq }: LinkNote): Verdict {
  const note: PeerNote = { globalSeq }
  const { session } = machine
  const known = heard(machine.note, machine.instance, instance)
  if (known > globalSeq)
    return { kind: 'reject', code: 'INK_REFUSED', reason: `attempt ${globalSeq} is older than ${known}` }
  if (session !== null) {
    if (session === offer.fresh && machine.instance === instance) {
      // It never heard our answer, so nothing was delivered either way: the same session goes on.
      const kind = machine.state.name === 'open' ? 'replace' : 'resume'
      return { kind, id: session, resumed: true, note, reason: 'an establishment that was cut is continued' }
    }
    return { kind: 'reset', id: offer.fresh, resumed: false, note, reason: 'the peer has lost the session' }
  }
  if (machine.state.name === 'connecting' && machine.best.dialler < offer.ballot.dialler) {
    return { kind: 'yield', epoch: machine.best.epoch, reason: 'both dialled, and our address is the lower one' }
  }
  return { kind: 'promise', id: offer.fresh, resumed: false, note, reason: 'a first session' }
}

/** Table B: an old one. */
function onReconnect({ machine }: Existing, { offer, instance }: Incoming, link: LinkNote): Verdict {
  const { session, best, state } = machine
  const [resumed] = offer.resume
  const { epoch, dialler } = offer.ballot
  if (link.kind === 'reconnect' && link.half && session !== resumed?.id) {
    return again({ kind: 'reset', full: false }, 'its answer to our request for this session never came')
  }
  if (session === null) return again({ kind: 'reset', full: true }, 'there is no session')
  if (resumed === undefined || resumed.id !== session) {
    return again({ kind: 'reset', full: true }, 'there is another session')
  }
  const known = heard(machine.note, machine.instance, instance)
  if (known > link.globalSeq) {
    return again({ kind: 'retryGlobal', globalSeq: known }, `attempt ${link.globalSeq} is older than ${known}`)
  }
  if (best.epoch > epoch) return again({ kind: 'retry', connectSeq: best.epoch }, `it is reconnect ${best.epoch} here`)
  if (best.epoch === epoch && state.name === 'connecting' && best.dialler < dialler) {
    return { kind: 'yield', epoch, reason: 'both dialled, and our address is the lower one' }
  }
  const kind = state.name === 'open' ? 'replace' : 'resume'
  const note: PeerNote = { globalSeq: link.globalSeq }
  return { kind, id: session, resumed: true, note, reason: 'the session is known on both sides' }
}

function again(say: Say, reason: string): Verdict {
  return { kind: 'again', say, reason }
}

/** The last attempt that was heard of this incarnation of the peer. */
function heard(note: unknown, known: string | null, instance: string): bigint {
  if (note === undefined || known !== instance) return 0n
  return (note as PeerNote).globalSeq
}
