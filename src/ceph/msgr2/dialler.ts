/**
 * The dialler's half of the handshake, until SERVER_IDENT or RECONNECT_OK. Every reply to a RECONNECT is followed on the
 * same link, as Ceph does; the session hears only of the end.
 *
 * The sessions that can be resumed are asked for one after the other: the one that was agreed on first, then the one that
 * was only promised, which the peer holds instead of it or not at all.
 */
import { invariant, unreachable, type InkwireErrorCode } from '../../common/errors.ts'
import type { PolicyKind } from '../../policies/policy.ts'
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Resumable, SessionOffer } from '../../wire/wire.ts'
import { BLANK, formatEntity, parseEntity, sameEntity, type EntityAddress } from './address.ts'
import type { CephAuthClient } from './auth.ts'
import type { Banner } from './banner.ts'
import { cookieOf, sessionId } from './registry.ts'
import { Malformed } from './codec.ts'
import * as frames from './control-frames.ts'
import { entityBit, entityType, IDENT_LOSSY, TAG } from './format.ts'
import { attempt, BOUNDLESS, Opening, ROUNDS_MAX, SESSION_TAGS, type HandshakeHost } from './handshake.ts'
import { accountOf, identityOf, ourAddresses, ourNumber, withoutDialled } from './entity.ts'
import { knownPeer, type KnownPeer } from './known-peer.ts'
import { explainBadMethod } from './refusals.ts'

type Phase =
  | { readonly at: 'hello' }
  | { readonly at: 'auth'; readonly auth: CephAuthClient }
  | { readonly at: 'signature'; readonly auth: CephAuthClient }
  /** CLIENT_IDENT is out, with this cookie. */
  | { readonly at: 'ident'; readonly cookie: bigint }
  /** SESSION_RECONNECT is out, for this session. */
  | { readonly at: 'reconnect'; readonly session: Resumable; readonly connectSeq: bigint }
  | { readonly at: 'session' }
  | { readonly at: 'over' }

const AUTH_TAGS = [TAG.AUTH_BAD_METHOD, TAG.AUTH_REPLY_MORE, TAG.AUTH_DONE]
const RECONNECT_TAGS = [TAG.SESSION_RECONNECT_OK, TAG.SESSION_RESET, TAG.SESSION_RETRY, TAG.SESSION_RETRY_GLOBAL]

const EXPECTS: Readonly<Record<Phase['at'], readonly number[]>> = {
  hello: [TAG.HELLO],
  auth: AUTH_TAGS,
  signature: [TAG.AUTH_SIGNATURE],
  ident: [TAG.SERVER_IDENT, TAG.IDENT_MISSING_FEATURES, TAG.WAIT],
  reconnect: [...RECONNECT_TAGS, TAG.WAIT],
  session: SESSION_TAGS,
  over: [],
}

/** What the other end must be for a session under this policy. */
const COUNTERPART: Readonly<Record<PolicyKind, PolicyKind>> = {
  lossy: 'lossy',
  losslessClient: 'losslessServer',
  losslessServer: 'losslessClient',
  peer: 'peer',
}

export class Dialler {
  readonly opening: Opening
  readonly #host: HandshakeHost
  readonly #target: EntityAddress
  #phase: Phase = { at: 'hello' }
  #offer: SessionOffer | null = null
  /** Sessions that were not asked for yet. */
  #untried: readonly Resumable[] = []
  #rounds = 0
  #peerBit = 0
  /** Ourselves, as the peer sees us. */
  #seen: EntityAddress = BLANK
  /** For the service; see CephAuth. */
  note: unknown = null

  constructor(host: HandshakeHost) {
    this.#host = host
    this.opening = new Opening(host, 'client')
    this.#target = parseEntity(host.context.target ?? '') ?? BLANK
  }

  get expects(): readonly number[] {
    return EXPECTS[this.#phase.at]
  }

  get established(): boolean {
    return this.#phase.at === 'session'
  }

  open(offer: SessionOffer): void {
    this.#offer = offer
    this.#untried = offer.policy === 'lossy' ? [] : offer.resume
    this.opening.sayBanner()
  }

  end(): void {
    this.#phase = { at: 'over' }
  }

  /** Something came in the session: for an acceptor that is news. */
  heard(): void {}

  banner(banner: Banner): void {
    if (!this.opening.banner(banner)) return
    const { self } = this.#host.context
    const bit = entityBit(self.name.slice(0, self.name.indexOf('.')))
    this.opening.say(TAG.HELLO, frames.writeHello({ entityBit: bit, seen: { ...this.#target, nonce: 0 } }))
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
        if (!this.opening.verify(frames.readSignature(payload))) return
        phase.auth.proved()
        this.#ask()
        break
      case 'ident':
        this.#answered(phase.cookie, tag, payload)
        break
      case 'reconnect':
        this.#reconnected(phase.session, phase.connectSeq, tag, payload)
        break
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
    const auth = attempt(() => shared.auth.client(context.self.name, context.randomBytes))
    if (auth instanceof AuthRefused) {
      this.#rejected('INK_AUTH_REFUSED', auth.message)
      return
    }
    this.#phase = { at: 'auth', auth }
    const request = attempt(() => auth.request(bit, this.opening.revision === 1))
    if (request instanceof AuthRefused) this.#refused(request)
    else this.opening.say(TAG.AUTH_REQUEST, frames.writeAuthRequest(request))
  }

  #authenticate(auth: CephAuthClient, tag: number, payload: Uint8Array): void {
    if (tag === TAG.AUTH_BAD_METHOD) {
      const bad = frames.readAuthBadMethod(payload)
      auth.refused()
      this.#refused(new AuthRefused(explainBadMethod(bad)))
      return
    }
    if (tag === TAG.AUTH_REPLY_MORE) {
      const answer = attempt(() => auth.more(frames.readBlob(payload)))
      if (answer instanceof AuthRefused) this.#refused(answer)
      else this.opening.say(TAG.AUTH_REQUEST_MORE, frames.writeBlob(answer))
      return
    }
    const { globalId, mode, payload: proof } = frames.readAuthDone(payload)
    const secrets = attempt(() => auth.done(globalId, mode, proof))
    if (secrets instanceof AuthRefused) {
      this.#refused(secrets)
      return
    }
    this.note = auth.note
    this.#phase = { at: 'signature', auth }
    this.opening.sign(secrets)
  }

  /** Nothing is proved yet, so this is the end of a link and of nothing else. */
  #refused({ message }: AuthRefused): void {
    this.#host.fault('INK_AUTH_REFUSED', message)
  }

  /** Resumes a session, or begins one. */
  #ask(): void {
    const [session, ...others] = this.#untried
    this.#untried = others
    if (session === undefined) this.#identify()
    else this.#reconnect(session, BigInt(Math.max(1, this.#asked().ballot.epoch)), 0n)
  }

  #identify(): void {
    const { context, shared } = this.#host
    const cookie = this.#isLossy() ? 0n : shared.registry.cookie(this.#key(), cookieOf(this.#asked().fresh))
    const ident: frames.ClientIdent = {
      addresses: ourAddresses(context.self, this.#seen),
      target: this.#target,
      gid: ourNumber(context.self.name, shared.auth.globalId),
      globalSeq: shared.registry.nextGlobalSeq(),
      supported: shared.supported,
      required: shared.required,
      flags: this.#isLossy() ? IDENT_LOSSY : 0n,
      cookie,
    }
    this.opening.say(TAG.CLIENT_IDENT, frames.writeClientIdent(ident))
    this.#phase = { at: 'ident', cookie }
  }

  #reconnect(session: Resumable, connectSeq: bigint, seenGlobalSeq: bigint): void {
    const { context, shared } = this.#host
    if (++this.#rounds > ROUNDS_MAX) throw new Malformed('the peer wants to be asked again and again')
    const reconnect: frames.Reconnect = {
      addresses: ourAddresses(context.self, this.#seen),
      clientCookie: cookieOf(session.id),
      serverCookie: knownPeer(session.peer)?.serverCookie ?? 0n,
      globalSeq: shared.registry.nextGlobalSeq(seenGlobalSeq),
      connectSeq,
      // What was received and not handled yet may come again: the session knows it as a duplicate.
      messageSeq: BigInt(session.marks[0]?.processed ?? 0),
    }
    this.opening.say(TAG.SESSION_RECONNECT, frames.writeReconnect(reconnect))
    this.#phase = { at: 'reconnect', session, connectSeq }
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
        this.#wait()
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
      this.#ask()
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
    const known = knownPeer(session.peer)
    const identity = identityOf(this.#peerBit, known?.gid ?? -1n, known?.addresses ?? [this.#target])
    const peer = { ...identity, detail: known }
    this.#begin(() => {
      const { policy } = this.#asked()
      const answer = { id: session.id, resumed: true, marks, policy: COUNTERPART[policy], grant: BOUNDLESS }
      this.#host.sink.opened(peer, answer)
    })
  }

  #answered(cookie: bigint, tag: number, payload: Uint8Array): void {
    if (tag === TAG.WAIT) {
      this.#wait()
      return
    }
    if (tag === TAG.IDENT_MISSING_FEATURES) {
      const missing = frames.readNumber(payload).toString(16)
      this.#rejected('INK_INCOMPATIBLE', `the peer requires features that this side does not offer: 0x${missing}`)
      return
    }
    this.#identified(cookie, frames.readServerIdent(payload))
  }

  #identified(cookie: bigint, ident: frames.Ident): void {
    const { shared, sink } = this.#host
    const missing = ident.required & ~shared.supported
    if (missing !== 0n) {
      const bits = missing.toString(16)
      this.#rejected('INK_INCOMPATIBLE', `the peer requires features that this side does not offer: 0x${bits}`)
      return
    }
    if (!ident.addresses.some((address) => sameEntity(address, this.#target))) {
      const others = ident.addresses.map(formatEntity).join(', ')
      this.#host.fault('INK_WRONG_PEER', `${formatEntity(this.#target)} was dialled, and ${others} answers`)
      return
    }
    const { policy, fresh, resume } = this.#asked()
    const lossy = (ident.flags & IDENT_LOSSY) !== 0n
    shared.registry.settle(this.#key())
    // The two ends must agree; the session is told what the other end is, and refuses what does not fit.
    const theirs = lossy === this.#isLossy() ? COUNTERPART[policy] : lossy ? 'lossy' : 'peer'
    const id = cookie === 0n ? fresh : sessionId(cookie)
    const resumed = resume.some((session) => session.id === id)
    const { gid, cookie: serverCookie } = ident
    const addresses = withoutDialled(ident.addresses)
    const known: KnownPeer = { entityBit: this.#peerBit, gid, addresses, principal: null, serverCookie }
    const peer = { ...identityOf(this.#peerBit, gid, addresses), detail: known }
    shared.registry.remember(id, known)
    if (!this.#isLossy()) shared.registry.heard.hear(accountOf(peer), peer.instance, ident.globalSeq)
    this.#begin(() => {
      sink.opened(peer, { id, resumed, marks: [], policy: theirs, grant: BOUNDLESS })
    })
  }

  #begin(tell: () => void): void {
    this.#phase = { at: 'session' }
    this.#host.established(this.#isLossy())
    tell()
  }

  #wait(): void {
    this.#over()
    this.#host.sink.yielded(null, 0)
  }

  #rejected(code: InkwireErrorCode, reason: string): void {
    this.#over()
    this.#host.sink.rejected(null, code, reason)
  }

  #over(): void {
    this.end()
    this.#host.stop()
  }

  #asked(): SessionOffer {
    invariant(this.#offer !== null, 'a dialled link has an offer')
    return this.#offer
  }

  #isLossy(): boolean {
    return this.#asked().policy === 'lossy'
  }

  /** The connection that asks: an anonymous one has cookies of its own. */
  #key(): string {
    return `${formatEntity(this.#target)}#${this.#asked().channel}`
  }
}
