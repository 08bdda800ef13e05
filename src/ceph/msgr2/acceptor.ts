/**
 * The acceptor's half of the handshake, from the moment when names are proved (login-acceptor.ts). A peer that asks for what
 * it cannot have is told so and may ask again on the same link; each time the session is asked anew.
 *
 * There is no CONFIRM in this protocol. Where both ends dial, an answer is followed by a KEEPALIVE2, and whatever the peer
 * sends next shows that the answer has come: only then is the link adopted. Else what is answered is adopted at once, for
 * nothing can cross, and clients in Linux take no KEEPALIVE2.
 */
import { toHex } from '../../common/bytes.ts'
import { invariant, unreachable, type InkwireErrorCode } from '../../common/errors.ts'
import type { Identity, SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import { BLANK, raceKey, type EntityAddress } from './address.ts'
import { awaitsSign, type LinkNote, type Say } from './decision-tables.ts'
import type { Banner } from './banner.ts'
import { Malformed } from './codec.ts'
import * as frames from './control-frames.ts'
import { accountOf, addressesDialled, isOurs } from './entity.ts'
import { IDENT_LOSSY, TAG } from './format.ts'
import { BOUNDLESS, Opening, ROUNDS_MAX, SESSION_TAGS, type HandshakeHost } from './handshake.ts'
import { knownPeer, peerOf, whoResumes, type KnownPeer } from './known-peer.ts'
import { AcceptorLogin } from './login-acceptor.ts'
import { sayAgain, serverIdent } from './our-ident.ts'
import { cookieOf, newCookie, sessionId } from './registry.ts'

type Phase =
  | { readonly at: 'login' }
  /** CLIENT_IDENT or SESSION_RECONNECT may come. */
  | { readonly at: 'ask' }
  /** The session was asked. */
  | {
      readonly at: 'deciding'
      readonly asked: LinkNote
      readonly peer: Identity
      readonly known: KnownPeer
      readonly lossy: boolean
    }
  /** We answered, and the peer has not shown yet that it heard it. */
  | { readonly at: 'answered' }
  | { readonly at: 'session' }
  | { readonly at: 'over' }

export class Acceptor {
  readonly opening: Opening
  readonly #host: HandshakeHost
  readonly #login: AcceptorLogin
  #phase: Phase = { at: 'login' }
  /** When we last said something that the peer had to hear before it asked; see Registry. */
  #spokeAt = 0
  #rounds = 0
  /** Where the peer dialled. */
  #dialled: EntityAddress = BLANK
  /** Whose attempts these are. */
  #account = ''

  constructor(host: HandshakeHost) {
    this.#host = host
    this.opening = new Opening(host, 'server')
    this.#login = new AcceptorLogin(host, this.opening)
    this.opening.sayBanner()
  }

  /** For the service; see CephAuth. */
  get note(): unknown {
    return this.#login.note
  }

  get expects(): readonly number[] {
    const phase = this.#phase
    switch (phase.at) {
      case 'login':
        return this.#login.expects
      case 'ask':
        return [TAG.CLIENT_IDENT, TAG.SESSION_RECONNECT]
      case 'answered':
      case 'session':
        return SESSION_TAGS
      case 'deciding':
      case 'over':
        return []
      default:
        return unreachable(phase)
    }
  }

  get established(): boolean {
    const { at } = this.#phase
    return at === 'answered' || at === 'session'
  }

  end(): void {
    this.#phase = { at: 'over' }
  }

  banner(banner: Banner): void {
    if (this.opening.banner(banner)) this.#login.begin()
  }

  frame(tag: number, payload: Uint8Array): void {
    const phase = this.#phase
    switch (phase.at) {
      case 'login':
        if (!this.#login.frame(tag, payload)) break
        this.#phase = { at: 'ask' }
        this.#spokeAt = this.#login.doneAt
        break
      case 'ask':
        if (tag === TAG.CLIENT_IDENT) this.#identified(frames.readClientIdent(payload))
        else this.#reconnecting(frames.readReconnect(payload))
        break
      case 'deciding':
      case 'answered':
      case 'session':
      case 'over':
        invariant(false, 'the decoder lets nothing through that is not expected')
        break
      default:
        unreachable(phase)
    }
  }

  #identified(ident: frames.ClientIdent): void {
    const { context, shared } = this.#host
    if (ident.addresses.length === 0) throw new Malformed('it has no address')
    if (!isOurs(context.self, ident.target)) {
      this.#host.fault('INK_WRONG_PEER', 'the peer meant to reach another address, or an older incarnation')
      return
    }
    this.#dialled = ident.target
    const missing = shared.required & ~ident.supported
    if (missing !== 0n) {
      this.opening.say(TAG.IDENT_MISSING_FEATURES, frames.writeNumber(missing))
      this.#host.fault('INK_INCOMPATIBLE', `the peer lacks features that this side requires: 0x${missing.toString(16)}`)
      return
    }
    const lossy = (ident.flags & IDENT_LOSSY) !== 0n
    const fresh = lossy ? toHex(context.randomBytes(16)) : sessionId(ident.cookie)
    const note: LinkNote = { kind: 'ident', globalSeq: ident.globalSeq, heardSince: this.#heardSince }
    const { addresses } = ident
    const { entityBit, name: principal, number } = this.#login.proof
    const gid = number ?? ident.gid
    const serverCookie = lossy ? 0n : newCookie(this.#host.context)
    const known: KnownPeer = { entityBit, gid, addresses, principal, serverCookie }
    this.#ask(note, known, { ...this.#offer(addresses, 0, lossy), fresh, resume: [], note })
  }

  #reconnecting(reconnect: frames.Reconnect): void {
    const { addresses, clientCookie, serverCookie, globalSeq, connectSeq, messageSeq } = reconnect
    if (addresses.length === 0) throw new Malformed('it has no address')
    const received = Number(messageSeq)
    if (!Number.isSafeInteger(received)) throw new Malformed('a number above 2^53 - 1')
    const epoch = Number(connectSeq)
    const id = sessionId(clientCookie)
    const half = this.#host.shared.registry.isPending(clientCookie)
    const note: LinkNote = { kind: 'reconnect', globalSeq, heardSince: this.#heardSince, half }
    const resume = [{ id, marks: [{ received, processed: received }] }]
    const known = this.#knownAs(id, { addresses, serverCookie })
    this.#ask(note, known, { ...this.#offer(addresses, epoch, false), fresh: id, resume, note })
  }

  #knownAs(id: string, said: Pick<KnownPeer, 'addresses' | 'serverCookie'>): KnownPeer {
    const { context, shared } = this.#host
    const living = (context.peersOf?.(id) ?? []).map(knownPeer)
    return whoResumes([...living, shared.registry.recall(id)], this.#login.proof, said)
  }

  #offer(addresses: readonly EntityAddress[], epoch: number, lossy: boolean): Omit<SessionOffer, 'fresh' | 'resume'> {
    const ballot = { epoch, dialler: raceKey(addresses) }
    return { ballot, channel: 0, policy: lossy ? 'lossy' : 'peer', grant: BOUNDLESS }
  }

  readonly #heardSince = (instance: string): bigint | null =>
    this.#host.shared.registry.heard.since(this.#spokeAt, this.#account, instance)

  #ask(asked: LinkNote, known: KnownPeer, offer: SessionOffer): void {
    if (++this.#rounds > ROUNDS_MAX) throw new Malformed('the peer asks again and again')
    const peer = peerOf(known)
    this.#account = accountOf(peer)
    this.#phase = { at: 'deciding', asked, peer, known, lossy: offer.policy === 'lossy' }
    this.#host.sink.offer(peer, offer)
  }

  answer(answer: SessionAnswer): void {
    const phase = this.#phase
    if (phase.at !== 'deciding') return
    const { registry } = this.#host.shared
    const lossy = answer.policy === 'lossy'
    registry.remember(answer.id, phase.known)
    registry.settleCookie(cookieOf(answer.id))
    if (!lossy) registry.heard.hear(this.#account, phase.peer.instance, phase.asked.globalSeq)
    if (phase.asked.kind === 'ident') this.#sayIdent(lossy ? 0n : phase.known.serverCookie, lossy)
    else this.opening.say(TAG.SESSION_RECONNECT_OK, frames.writeNumber(BigInt(answer.marks[0]?.processed ?? 0)))
    this.#phase = { at: 'answered' }
    this.#host.established(lossy)
    if (awaitsSign(answer.policy)) this.opening.say(TAG.KEEPALIVE2, frames.writeStamp(0))
    else this.heard()
  }

  /** The peer is in the session. */
  heard(): void {
    if (this.#phase.at !== 'answered') return
    this.#phase = { at: 'session' }
    this.#host.sink.confirmed()
  }

  #sayIdent(cookie: bigint, lossy: boolean): void {
    const addresses = addressesDialled(this.#host.context.self, this.#login.seen, this.#dialled)
    const ident = serverIdent(this.#host, addresses, { lossy, cookie })
    this.opening.say(TAG.SERVER_IDENT, frames.writeServerIdent(ident))
  }

  again(say: Say): void {
    if (this.#phase.at !== 'deciding') return
    this.#phase = { at: 'ask' }
    this.#spokeAt = this.#host.shared.registry.heard.moment
    const { tag, payload } = sayAgain(say)
    this.opening.say(tag, payload)
  }

  yield(): void {
    if (this.#phase.at !== 'deciding') return
    this.opening.say(TAG.WAIT, new Uint8Array(0))
    this.#over()
  }

  /**
   * Ceph has no word for it: the link ends, and the peer dials again when it likes. Only that one end is lossy and the
   * other is not can be told, by the flag that would have been the answer's. A client of Ceph's takes that flag over; when
   * it is lossless from then on it must have got a cookie, or it aborts when the link ends.
   */
  reject(code: InkwireErrorCode, _reason: string): void {
    const phase = this.#phase
    if (phase.at !== 'deciding') return
    if (code === 'INK_POLICY_MISMATCH' && phase.asked.kind === 'ident') {
      this.#sayIdent(phase.lossy ? newCookie(this.#host.context) : 0n, !phase.lossy)
    }
    this.#over()
  }

  #over(): void {
    this.end()
    this.#host.stop()
  }
}
