/**
 * Ceph's msgr2 for the model checker: what its Wires do to offers and answers, on frames instead of bytes. The decisions
 * about arriving links are the real ones.
 *
 * An offer becomes CLIENT_IDENT or RECONNECT; the answer to an ident says nothing about resuming; there is one ack, no
 * credit and no goodbye. CONFIRM is what a dialler says first: the answer to KEEPALIVE2, or data. The conversation before
 * an offer takes no time: our last words on a link are said when it is dialled, or with the reply that asks again.
 * Numbers that are bigint on the wire are numbers here, so that states can be written.
 */
import type { Arbitrate } from '../../wire/arriving-link.ts'
import { arbitrate, awaitsSign, type LinkNote, type Say } from '../../ceph/msgr2/decision-tables.ts'
import { CAPABILITIES } from '../../ceph/msgr2/format.ts'
import { BOUNDLESS } from '../../ceph/msgr2/handshake.ts'
import type { Resumable, SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import type { Heard, ModelProtocol } from './plan.ts'

interface Asked {
  readonly kind: 'ident' | 'reconnect'
  readonly attempt: number
  /** What the session offered, as the dialler's Wire remembers it. */
  readonly from: SessionOffer
  /** Sessions that it has not asked for yet. */
  readonly untried: readonly Resumable[]
}

/** What the acceptor knows beside it. */
interface Met extends Asked {
  readonly half: boolean
  readonly heardSince: Heard
}

const noteOf = (offer: SessionOffer): Asked => offer.note as Asked

/** CLIENT_IDENT: with the cookie of an earlier one that was never answered, if there is one. */
function ident(from: SessionOffer, attempt: number, cookie: string): SessionOffer {
  const note: Asked = { kind: 'ident', attempt, from, untried: [] }
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
function reconnect({ id, marks, unproven }: Resumable, asked: Omit<Asked, 'kind'>, epoch: number): SessionOffer {
  const { from } = asked
  const handled = marks[0]?.processed ?? 0
  const resume = [{ id, marks: [{ received: handled, processed: handled }], unproven: unproven === true }]
  const note: Asked = { ...asked, kind: 'reconnect' }
  return { ...from, ballot: { ...from.ballot, epoch }, fresh: id, resume, grant: BOUNDLESS, ...wired(from, note) }
}

/** Of a policy the wire tells only whether it is lossy. */
function wired(from: SessionOffer, note: Asked): Pick<SessionOffer, 'policy' | 'note'> {
  return { policy: from.policy === 'lossy' ? 'lossy' : 'peer', note }
}

function ask(from: SessionOffer, attempt: number, pending: string | null): SessionOffer {
  const untried = from.policy === 'lossy' ? [] : from.resume
  return askNext({ attempt, from, untried }, pending)
}

function askNext({ attempt, from, untried: [session, ...untried] }: Omit<Asked, 'kind'>, pending: string | null) {
  if (session !== undefined) return reconnect(session, { attempt, from, untried }, Math.max(1, from.ballot.epoch))
  return ident(from, attempt, pending ?? from.fresh)
}

function again(offer: SessionOffer, said: unknown): SessionOffer | null {
  const say = said as
    Exclude<Say, { kind: 'retryGlobal' }> | { readonly kind: 'retryGlobal'; readonly globalSeq: number }
  const asked = noteOf(offer)
  const [session] = offer.resume
  if (session === undefined) return null
  switch (say.kind) {
    case 'retry':
      return reconnect(session, asked, say.connectSeq + 1)
    case 'retryGlobal':
      return reconnect(session, { ...asked, attempt: say.globalSeq + 1 }, offer.ballot.epoch)
    case 'reset':
      if (say.full || session.unproven !== true) return askNext(asked, null)
      return ident(asked.from, asked.attempt, session.id)
  }
}

/** What the dialler's Wire makes of SERVER_IDENT or RECONNECT_OK. */
function hear(offer: SessionOffer, answer: SessionAnswer): SessionAnswer {
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
    return { id: offer.fresh, resumed, marks: [], ...common }
  }
  const handled = answer.marks[0]?.processed ?? 0
  return { id: offer.fresh, resumed: true, marks: [{ received: handled, processed: handled }], ...common }
}

/** The real decisions, with numbers that can be written. */
const decide: Arbitrate = (existing, incoming) => {
  const { kind, attempt, half, heardSince } = incoming.offer.note as Met
  const big = (instance: string): bigint | null => {
    const known = heardSince(instance)
    return known === null ? null : BigInt(known)
  }
  const note: LinkNote = { kind, globalSeq: BigInt(attempt), heardSince: big, half }
  const verdict = arbitrate(existing, { ...incoming, offer: { ...incoming.offer, note } })
  if (verdict.kind !== 'again') return verdict
  const say = verdict.say as Say
  return say.kind === 'retryGlobal' ? { ...verdict, say: { ...say, globalSeq: Number(say.globalSeq) } } : verdict
}

export const MSGR2: ModelProtocol = {
  capabilities: { ...CAPABILITIES, batchMax: 1 },
  arbitrate: decide,
  again,
  frames: {
    ask,
    hear,
    attemptOf: (offer) => noteOf(offer).attempt,
    awaitsSign,
    meet: (offer, pending, heardSince) => {
      const asked = noteOf(offer)
      const note: Met = { ...asked, half: asked.kind === 'reconnect' && pending.includes(offer.fresh), heardSince }
      return { ...offer, note }
    },
  },
}
