/**
 * A dialler asks for a session, until SERVER_IDENT or RECONNECT_OK. Every reply to a RECONNECT is followed on the same link, as
 * Ceph does; the session hears only of the end.
 *
 * The sessions that can be resumed are asked for one after the other: the one that was agreed on first, then the one that
 * was only promised, which the peer holds instead of it or not at all.
 */
import { invariant, unreachable, type InkwireErrorCode } from '../../common/errors.ts'
import type { Resumable, SessionOffer } from '../../wire/wire.ts'
import { formatEntity, sameEntity, type EntityAddress } from './address.ts'
import { Malformed } from './codec.ts'
import * as frames from './control-frames.ts'
import { accountOf, withoutDialled } from './entity.ts'
import { IDENT_LOSSY, TAG } from './format.ts'
import { BOUNDLESS, ROUNDS_MAX, type HandshakeHost, type Opening } from './handshake.ts'
import { knownPeer, peerOf, type KnownPeer } from './known-peer.ts'
import { clientIdent, reconnect } from './our-ident.ts'
import { counterpart } from './peer-policies.ts'
import { cookieOf, sessionId } from './registry.ts'

type Asked =
  | { readonly for: 'nothing' }
  /** CLIENT_IDENT is out, with this cookie. */
  | { readonly for: 'new'; readonly cookie: bigint }
  /** SESSION_RECONNECT is out, for this session. */
  | { readonly for: 'old'; readonly session: Resumable; readonly connectSeq: bigint }

const EXPECTS: Readonly<Record<Asked['for'], readonly number[]>> = {
  nothing: [],
  new: [TAG.SERVER_IDENT, TAG.IDENT_MISSING_FEATURES, TAG.WAIT],
  old: [TAG.SESSION_RECONNECT_OK, TAG.SESSION_RESET, TAG.SESSION_RETRY, TAG.SESSION_RETRY_GLOBAL, TAG.WAIT],
}

/** On which link it is asked for, and who hears how that ends. */
export interface Asking {
  readonly target: EntityAddress
  /** What the peer has proved to be: who is dialled proves its type alone. */
  readonly peerBit: number
  /** Ourselves, as the peer sees us. */
  readonly seen: EntityAddress
  began(): void
  /** Both ends have dialled, and the other link is kept. */
  waits(): void
  rejected(code: InkwireErrorCode, reason: string): void
}

export class SessionAsker {
  readonly #host: HandshakeHost
  readonly #opening: Opening
  readonly #offer: SessionOffer
  readonly #of: Asking
  #asked: Asked = { for: 'nothing' }
  /** Sessions that were not asked for yet. */
  #untried: readonly Resumable[]
  #rounds = 0

  constructor(host: HandshakeHost, opening: Opening, offer: SessionOffer, of: Asking) {
    this.#host = host
    this.#opening = opening
    this.#offer = offer
    this.#of = of
    this.#untried = offer.policy === 'lossy' ? [] : offer.resume
  }

  get expects(): readonly number[] {
    return EXPECTS[this.#asked.for]
  }

  frame(tag: number, payload: Uint8Array): void {
    const asked = this.#asked
    switch (asked.for) {
      case 'new':
        this.#answered(asked.cookie, tag, payload)
        break
      case 'old':
        this.#reconnected(asked.session, asked.connectSeq, tag, payload)
        break
      case 'nothing':
        invariant(false, 'the decoder lets nothing through that is not expected')
        break
      default:
        unreachable(asked)
    }
  }

  /** Resumes a session, or begins one. */
  begin(): void {
    const [session, ...others] = this.#untried
    this.#untried = others
    if (session === undefined) this.#identify()
    else this.#reconnect(session, BigInt(Math.max(1, this.#offer.ballot.epoch)), 0n)
  }

  #identify(): void {
    const lossy = this.#isLossy()
    const cookie = lossy ? 0n : this.#host.shared.registry.cookie(this.#key(), cookieOf(this.#offer.fresh))
    const ident = clientIdent(this.#host, this.#of.seen, this.#of.target, { lossy, cookie })
    this.#opening.say(TAG.CLIENT_IDENT, frames.writeClientIdent(ident))
    this.#asked = { for: 'new', cookie }
  }

  #reconnect(session: Resumable, connectSeq: bigint, seenGlobalSeq: bigint): void {
    if (++this.#rounds > ROUNDS_MAX) throw new Malformed('the peer wants to be asked again and again')
    const asked = reconnect(this.#host, this.#of.seen, session, { connectSeq, seenGlobalSeq })
    this.#opening.say(TAG.SESSION_RECONNECT, frames.writeReconnect(asked))
    this.#asked = { for: 'old', session, connectSeq }
  }

  #reconnected(session: Resumable, connectSeq: bigint, tag: number, payload: Uint8Array): void {
    switch (tag) {
      case TAG.SESSION_RESET:
        this.#reset(session, frames.readBool(payload))
        break
      case TAG.SESSION_RETRY: {
        const theirs = frames.readConnectSeq(payload)
        if (theirs < connectSeq) throw new Malformed('it goes backwards')
        this.#reconnect(session, theirs + 1n, 0n)
        break
      }
      case TAG.SESSION_RETRY_GLOBAL:
        this.#reconnect(session, connectSeq, frames.readGlobalSeq(payload))
        break
      case TAG.SESSION_RECONNECT_OK:
        this.#resumed(session, frames.readNumber(payload))
        break
      default:
        this.#of.waits()
    }
  }

  /**
   * The peer does not have the session. Not full: it asked for the session itself and never heard our answer, so nothing
   * was delivered either way, and the session is established once more under its name. Ceph does so whatever was
   * delivered before; Inkwire begins a new session when anything was, or messages could come twice.
   */
  #reset(session: Resumable, full: boolean): void {
    const { registry } = this.#host.shared
    registry.settle(this.#key())
    if (full || session.unproven !== true) {
      this.begin()
      return
    }
    registry.cookie(this.#key(), cookieOf(session.id))
    this.#identify()
  }

  #resumed(session: Resumable, messageSeq: bigint): void {
    const received = Number(messageSeq)
    if (!Number.isSafeInteger(received)) throw new Malformed(`message ${messageSeq}`)
    const marks = [{ received, processed: received }]
    // Only SERVER_IDENT says who the peer is; a session is resumed with the peer that it has.
    const known = knownPeer(session.peer) ?? this.#known(-1n, [this.#of.target], 0n)
    const peer = peerOf({ ...known, entityBit: this.#of.peerBit })
    this.#begin(() => {
      const { policy } = this.#offer
      const answer = {
        id: session.id,
        resumed: true,
        marks,
        policy: counterpart(policy, policy === 'lossy'),
        grant: BOUNDLESS,
      }
      this.#host.sink.opened(peer, answer)
    })
  }

  #answered(cookie: bigint, tag: number, payload: Uint8Array): void {
    if (tag === TAG.WAIT) {
      this.#of.waits()
      return
    }
    if (tag === TAG.IDENT_MISSING_FEATURES) {
      this.#lacks(frames.readNumber(payload))
      return
    }
    this.#identified(cookie, frames.readServerIdent(payload))
  }

  #identified(cookie: bigint, ident: frames.Ident): void {
    const { shared, sink } = this.#host
    const missing = ident.required & ~shared.supported
    if (missing !== 0n) {
      this.#lacks(missing)
      return
    }
    if (!ident.addresses.some((address) => sameEntity(address, this.#of.target))) {
      const others = ident.addresses.map(formatEntity).join(', ')
      this.#host.fault('INK_WRONG_PEER', `${formatEntity(this.#of.target)} was dialled, and ${others} answers`)
      return
    }
    const { policy, fresh, resume } = this.#offer
    const lossy = (ident.flags & IDENT_LOSSY) !== 0n
    shared.registry.settle(this.#key())
    const id = cookie === 0n ? fresh : sessionId(cookie)
    const resumed = resume.some((session) => session.id === id)
    const known = this.#known(ident.gid, withoutDialled(ident.addresses), ident.cookie)
    const peer = peerOf(known)
    shared.registry.remember(id, known)
    if (!this.#isLossy()) shared.registry.heard.hear(accountOf(peer), peer.instance, ident.globalSeq)
    this.#begin(() => {
      sink.opened(peer, { id, resumed, marks: [], policy: counterpart(policy, lossy), grant: BOUNDLESS })
    })
  }

  /** Whoever is dialled proves its type alone. */
  #known(gid: bigint, addresses: readonly EntityAddress[], serverCookie: bigint): KnownPeer {
    return { entityBit: this.#of.peerBit, gid, addresses, principal: null, serverCookie }
  }

  #begin(tell: () => void): void {
    this.#of.began()
    this.#host.established(this.#isLossy())
    tell()
  }

  #lacks(features: bigint): void {
    const bits = features.toString(16)
    this.#of.rejected('INK_INCOMPATIBLE', `the peer requires features that this side does not offer: 0x${bits}`)
  }

  #isLossy(): boolean {
    return this.#offer.policy === 'lossy'
  }

  /** The connection that asks: an anonymous one has cookies of its own. */
  #key(): string {
    return `${formatEntity(this.#of.target)}#${this.#offer.channel}`
  }
}
