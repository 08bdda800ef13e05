/**
 * Ceph's msgr2 for the model checker: what its Wires do to offers and answers, on frames instead of bytes. The decisions
 * about arriving links are the real ones.
 *
 * An offer becomes CLIENT_IDENT or RECONNECT; the answer to an ident says nothing about resuming; there is one ack, no
 * credit, no CONFIRM and no goodbye. Numbers that are bigint on the wire are numbers here, so that states can be written.
 */
import type { Arbitrate } from '../../wire/arbitrate.ts'
import { arbitrate, type LinkNote, type PeerNote, type Say } from '../../wire/msgr2/arbitration.ts'
import { CAPABILITIES } from '../../wire/msgr2/format.ts'
import { BOUNDLESS } from '../../wire/msgr2/handshake.ts'
import type { SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import type { ModelProtocol } from './state.ts'

interface Asked {
  readonly kind: 'ident' | 'reconnect'
  readonly attempt: number
  readonly half: boolean
  /** What the session offered, as the dialler's Wire remembers it. */
  readonly from: SessionOffer
}

const noteOf = (offer: SessionOffer): Asked => offer.note as Asked

/** CLIENT_IDENT: with the cookie of an earlier one that was never answered, if there is one. */
function ident(from: SessionOffer, attempt: number, cookie: string): SessionOffer {
  const note: Asked = { kind: 'ident', attempt, half: false, from }
  return {
    ...from,
    ballot: { ...from.ballot, epoch: 0 },
    fresh: cookie,
    resume: [],
    grant: BOUNDLESS,
    ...wired(from, note),
  }
}

/** RECONNECT, which tells what was handled. */
function reconnect(from: SessionOffer, attempt: number, epoch: number): SessionOffer {
  const resume = from.resume.slice(0, 1).map(({ id, marks }) => {
    const handled = marks[0]?.processed ?? 0
    return { id, marks: [{ received: handled, processed: handled }] }
  })
  const note: Asked = { kind: 'reconnect', attempt, half: false, from }
  const fresh = resume[0]?.id ?? from.fresh
  return { ...from, ballot: { ...from.ballot, epoch }, fresh, resume, grant: BOUNDLESS, ...wired(from, note) }
}

/** Of a policy the wire tells only whether it is lossy. */
function wired(from: SessionOffer, note: Asked): Pick<SessionOffer, 'policy' | 'note'> {
  return { policy: from.policy === 'lossy' ? 'lossy' : 'peer', note }
}

function ask(from: SessionOffer, attempt: number, pending: string | null): SessionOffer {
  if (from.resume.length > 0 && from.policy !== 'lossy') return reconnect(from, attempt, Math.max(1, from.ballot.epoch))
  return ident(from, attempt, pending ?? from.fresh)
}

function again(offer: SessionOffer, said: unknown): SessionOffer | null {
  const say = said as
    Exclude<Say, { kind: 'retryGlobal' }> | { readonly kind: 'retryGlobal'; readonly globalSeq: number }
  const { attempt, from } = noteOf(offer)
  switch (say.kind) {
    case 'retry':
      return reconnect(from, attempt, say.connectSeq + 1)
    case 'retryGlobal':
      return reconnect(from, say.globalSeq + 1, offer.ballot.epoch)
    case 'reset': {
      const [old] = from.resume
      return ident(from, attempt, !say.full && old?.unproven === true ? old.id : from.fresh)
    }
  }
}

/** What the dialler's Wire makes of SERVER_IDENT or RECONNECT_OK. */
function hear(offer: SessionOffer, answer: SessionAnswer, attempt: number): SessionAnswer {
  const { kind, from } = noteOf(offer)
  const fits = {
    lossy: 'lossy',
    losslessClient: 'losslessServer',
    losslessServer: 'losslessClient',
    peer: 'peer',
  } as const
  const common = { policy: fits[from.policy], grant: BOUNDLESS }
  if (kind === 'ident') {
    const resumed = from.resume.some(({ id }) => id === offer.fresh)
    return { id: offer.fresh, resumed, marks: [], note: attempt, ...common }
  }
  const handled = answer.marks[0]?.processed ?? 0
  return { id: offer.fresh, resumed: true, marks: [{ received: handled, processed: handled }], ...common }
}

/** The real decisions, with numbers that can be written. */
const decide: Arbitrate = (existing, incoming) => {
  const { machine } = existing
  const known: { readonly note?: PeerNote } =
    machine.note === undefined ? {} : { note: { globalSeq: BigInt(machine.note as number) } }
  const { kind, attempt, half } = noteOf(incoming.offer)
  const note: LinkNote = { kind, globalSeq: BigInt(attempt), half }
  const { note: _, ...rest } = machine
  const verdict = arbitrate(
    { ...existing, machine: { ...rest, ...known } },
    { ...incoming, offer: { ...incoming.offer, note } },
  )
  if (verdict.kind === 'again') {
    const say = verdict.say as Say
    return say.kind === 'retryGlobal' ? { ...verdict, say: { ...say, globalSeq: Number(say.globalSeq) } } : verdict
  }
  if ('note' in verdict) return { ...verdict, note: Number((verdict.note as PeerNote).globalSeq) }
  return verdict
}

export const MSGR2: ModelProtocol = {
  capabilities: { ...CAPABILITIES, batchMax: 1 },
  arbitrate: decide,
  again,
  frames: {
    ask,
    hear,
    meet: (offer, pending) => {
      const note = noteOf(offer)
      return { ...offer, note: { ...note, half: note.kind === 'reconnect' && pending.includes(offer.fresh) } }
    },
  },
}
