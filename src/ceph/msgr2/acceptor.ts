/**
 * The acceptor's half of the handshake. A peer that asks for what it cannot have is told so and may ask again on the same
 * link; each time the session is asked anew.
 *
 * There is no CONFIRM in this protocol. Where both ends dial, an answer is followed by a KEEPALIVE2, and whatever the peer
 * sends next shows that the answer has come: only then is the link adopted. Else what is answered is adopted at once, for
 * nothing can cross, and clients in Linux take no KEEPALIVE2.
 */
import { toHex } from '../../common/bytes.ts'
import { invariant, unreachable, type InkwireErrorCode } from '../../common/errors.ts'
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Identity, SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import { BLANK, parseEntity, raceKey, sameSocket, type EntityAddress } from './address.ts'
import { awaitsSign, type LinkNote, type Say } from './decision-tables.ts'
import type { CephAuthServer, ServerStep } from './auth.ts'
import type { Banner } from './banner.ts'
import { cookieOf, sessionId } from './registry.ts'
import { Malformed, Reader } from './codec.ts'
import * as frames from './control-frames.ts'
import {
  accountOf,
  addressesDialled,
  identityOf,
  isAnywhere,
  nonceOf,
  NOTATION,
  numberProven,
  ourNumber,
} from './entity.ts'
import { entityBit, entityType, IDENT_LOSSY, TAG } from './format.ts'
import { attempt, BOUNDLESS, Opening, ROUNDS_MAX, SESSION_TAGS, type HandshakeHost } from './handshake.ts'
import { isSomebodyElse, knownPeer, type KnownPeer } from './known-peer.ts'
import { ERRNO } from './refusals.ts'

type Phase =
  | { readonly at: 'hello' }
  | { readonly at: 'auth'; readonly auth: CephAuthServer; readonly step: 'request' | 'more' }
  | { readonly at: 'signature' }
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
  #phase: Phase = { at: 'hello' }
  /** When we last said something that the peer had to hear before it asked; see Registry. */
  #spokeAt = 0
  #peerBit = 0
  #rounds = 0
  #method = 0
  #seen: EntityAddress = BLANK
  /** Where the peer dialled. */
  #dialled: EntityAddress = BLANK
  #proven: { readonly name: string | null; readonly globalId: bigint } = { name: null, globalId: 0n }
  /** Whose attempts these are. */
  #account = ''
  /** For the service; see CephAuth. */
  note: unknown = null

  constructor(host: HandshakeHost) {
    this.#host = host
    this.opening = new Opening(host, 'server')
    this.opening.sayBanner()
  }

  get expects(): readonly number[] {
    const phase = this.#phase
    switch (phase.at) {
      case 'hello':
        return [TAG.HELLO]
      case 'auth':
        return phase.step === 'request' ? [TAG.AUTH_REQUEST] : [TAG.AUTH_REQUEST_MORE]
      case 'signature':
        return [TAG.AUTH_SIGNATURE]
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
    if (!this.opening.banner(banner)) return
    const { self } = this.#host.context
    const bit = entityBit(self.name.slice(0, self.name.indexOf('.')))
    // Ceph's clients learn from it which of their addresses is used.
    const from = NOTATION.parse(this.#host.context.target ?? '')
    const seen = (from === null ? null : parseEntity(from.text)) ?? BLANK
    this.opening.say(TAG.HELLO, frames.writeHello({ entityBit: bit, seen }))
  }

  frame(tag: number, payload: Uint8Array): void {
    const phase = this.#phase
    switch (phase.at) {
      case 'hello':
        this.#hello(frames.readHello(payload))
        break
      case 'auth':
        this.#authenticate(phase.auth, tag, payload)
        break
      case 'signature':
        if (this.opening.verify(frames.readSignature(payload))) this.#phase = { at: 'ask' }
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

  #hello({ entityBit: bit, seen }: frames.Hello): void {
    const { context, shared } = this.#host
    if (entityType(bit) === undefined) throw new Malformed(`an entity of type ${bit}`)
    this.#peerBit = bit
    this.#seen = seen
    const auth = attempt(() => shared.auth.server(context.self.name, context.randomBytes))
    if (auth instanceof AuthRefused) this.#bad(ERRNO.EACCES, [], [], auth.message)
    else this.#phase = { at: 'auth', auth, step: 'request' }
  }

  #authenticate(auth: CephAuthServer, tag: number, payload: Uint8Array): void {
    const canSeal = this.opening.revision === 1
    const step = attempt((): ServerStep => {
      if (tag === TAG.AUTH_REQUEST) {
        const request = frames.readAuthRequest(payload)
        this.#method = request.method
        return auth.request(request, this.#peerBit, canSeal)
      }
      return auth.more(frames.readBlob(payload))
    })
    if (step instanceof AuthRefused) this.#bad(ERRNO.EACCES, [], [], step.message)
    else if (step.kind === 'bad') this.#bad(step.result, step.methods, step.modes, step.reason)
    else if (step.kind === 'more') {
      this.opening.say(TAG.AUTH_REPLY_MORE, frames.writeBlob(step.payload))
      this.#phase = { at: 'auth', auth, step: 'more' }
    } else {
      const { globalId, secrets, payload: proof } = step
      this.#proven = { name: step.proven, globalId }
      this.note = step.note ?? null
      this.opening.say(TAG.AUTH_DONE, frames.writeAuthDone({ globalId, mode: secrets.mode, payload: proof }))
      this.#phase = { at: 'signature' }
      this.opening.sign(secrets)
      this.#spokeAt = this.#host.shared.registry.heard.moment
    }
  }

  /** Ceph lets a client try another method on the same link; with one method there is nothing to try. */
  #bad(result: number, methods: readonly number[], modes: readonly number[], reason: string): void {
    this.opening.say(TAG.AUTH_BAD_METHOD, frames.writeAuthBadMethod({ method: this.#method, result, methods, modes }))
    this.#host.fault('INK_AUTH_REFUSED', reason)
  }

  #identified(ident: frames.ClientIdent): void {
    const { context, shared } = this.#host
    if (ident.addresses.length === 0) throw new Malformed('it has no address')
    if (!this.#isOurs(ident.target)) {
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
    const { name: principal } = this.#proven
    const gid = this.#number() ?? ident.gid
    const serverCookie = lossy ? 0n : this.#newCookie()
    const known: KnownPeer = { entityBit: this.#peerBit, gid, addresses, principal, serverCookie }
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

  /**
   * Who the peer is in this session, or was when it is over. Who cannot be that comes under what it has proved, where it finds
   * no session of this id, and is told so. It is not refused: perhaps it is the other one that has lied.
   */
  #knownAs(id: string, said: Pick<KnownPeer, 'addresses' | 'serverCookie'>): KnownPeer {
    const { context, shared } = this.#host
    const proof = { entityBit: this.#peerBit, name: this.#proven.name, number: this.#number() }
    const living = (context.peersOf?.(id) ?? []).map(knownPeer)
    const known = [...living, shared.registry.recall(id)].find(
      (one) => one !== undefined && !isSomebodyElse(one, proof),
    )
    return known ?? { ...said, entityBit: proof.entityBit, gid: proof.number ?? -1n, principal: proof.name }
  }

  /** The number that the peer proved; null when it only says one. */
  #number(): bigint | null {
    return numberProven(this.#peerBit, this.#proven.name, this.#proven.globalId)
  }

  #offer(addresses: readonly EntityAddress[], epoch: number, lossy: boolean): Omit<SessionOffer, 'fresh' | 'resume'> {
    const ballot = { epoch, dialler: raceKey(addresses) }
    return { ballot, channel: 0, policy: lossy ? 'lossy' : 'peer', grant: BOUNDLESS }
  }

  readonly #heardSince = (instance: string): bigint | null =>
    this.#host.shared.registry.heard.since(this.#spokeAt, this.#account, instance)

  #ask(asked: LinkNote, known: KnownPeer, offer: SessionOffer): void {
    if (++this.#rounds > ROUNDS_MAX) throw new Malformed('the peer asks again and again')
    const identity = identityOf(this.#peerBit, known.gid, known.addresses)
    const peer = { ...identity, principal: known.principal, detail: known }
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

  #newCookie(): bigint {
    return new Reader(this.#host.context.randomBytes(8)).u64() || 1n
  }

  #sayIdent(cookie: bigint, lossy: boolean): void {
    const { context, shared } = this.#host
    const ident: frames.Ident = {
      addresses: addressesDialled(context.self, this.#seen, this.#dialled),
      gid: ourNumber(context.self.name, shared.auth.globalId),
      globalSeq: shared.registry.nextGlobalSeq(),
      supported: shared.supported,
      required: shared.required,
      flags: lossy ? IDENT_LOSSY : 0n,
      cookie,
    }
    this.opening.say(TAG.SERVER_IDENT, frames.writeServerIdent(ident))
  }

  again(say: Say): void {
    if (this.#phase.at !== 'deciding') return
    this.#phase = { at: 'ask' }
    this.#spokeAt = this.#host.shared.registry.heard.moment
    switch (say.kind) {
      case 'reset':
        this.opening.say(TAG.SESSION_RESET, frames.writeBool(say.full))
        break
      case 'retry':
        this.opening.say(TAG.SESSION_RETRY, frames.writeNumber(BigInt(say.connectSeq)))
        break
      case 'retryGlobal':
        this.opening.say(TAG.SESSION_RETRY_GLOBAL, frames.writeNumber(say.globalSeq))
        break
      default:
        unreachable(say)
    }
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
      this.#sayIdent(phase.lossy ? this.#newCookie() : 0n, !phase.lossy)
    }
    this.#over()
  }

  #over(): void {
    this.end()
    this.#host.stop()
  }

  /** Only what is certainly another address is refused: behind a wildcard any place may be ours. */
  #isOurs(target: EntityAddress): boolean {
    const { self } = this.#host.context
    const own = self.addresses.map(parseEntity).filter((address) => address !== null)
    if (own.length === 0 || own.some(isAnywhere)) return target.nonce === 0 || target.nonce === nonceOf(self.instance)
    return own.some((address) => sameSocket(address, target) && (target.nonce === 0 || target.nonce === address.nonce))
  }
}
