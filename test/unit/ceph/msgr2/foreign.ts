/**
 * The other end of one Wire of msgr2, written by hand frame by frame: it says what a test wants, in any order.
 *
 * `asDialler` and `asAcceptor` take a Wire through banner, HELLO, authentication "none" and signatures, so that a test
 * begins where sessions are asked for.
 */
import { msgr2 } from '../../../../src/ceph/msgr2.ts'
import type { Identity, SessionAnswer, SessionOffer, Wire, WireProtocol } from '../../../../src/wire/wire.ts'
import { entityAddress, parseEntity, type EntityAddress } from '../../../../src/ceph/msgr2/address.ts'
import { OUR_BANNER, writeBanner } from '../../../../src/ceph/msgr2/banner.ts'
import { sessionId } from '../../../../src/ceph/msgr2/registry.ts'
import * as frames from '../../../../src/ceph/msgr2/control-frames.ts'
import { entityBit, FEATURES_SUPPORTED, TAG } from '../../../../src/ceph/msgr2/format.ts'
import { FrameDecoder } from '../../../../src/ceph/msgr2/frame-decoder.ts'
import { FrameEncoder } from '../../../../src/ceph/msgr2/frame-encoder.ts'
import { BOUNDLESS } from '../../../../src/ceph/msgr2/handshake.ts'
import { OutBuffer } from '../../../../src/wire/out-buffer.ts'
import { concat } from '../../../../src/common/bytes.ts'
import { RecordingSink } from '../../../support/recording-sink.ts'
import { CONTEXT } from '../../../support/ceph/captures.ts'

/** Where the two are; the stranger's address is the higher one. */
export const OURS = 'v2:127.0.0.1:6800/11'
export const THEIRS = 'v2:127.0.0.1:6801/22'
const NOWHERE = entityAddress('any', '127.0.0.1', 0, 0)!

export function address(text: string): EntityAddress {
  return parseEntity(text) ?? NOWHERE
}

const NOTHING = new Uint8Array(0)

/** A frame; of a message, instead of its segments, the number that it acks. */
export interface Heard {
  readonly tag: number
  readonly payload: Uint8Array
}

/** Who has which session with the messenger whose protocol this is: what an endpoint keeps. */
const PARTNERS = new WeakMap<WireProtocol, Map<string, Identity[]>>()

function partnersOf(protocol: WireProtocol): Map<string, Identity[]> {
  const known = PARTNERS.get(protocol) ?? new Map<string, Identity[]>()
  PARTNERS.set(protocol, known)
  return known
}

const SELF: Identity = { name: 'osd.1', instance: '0000000b'.padEnd(32, '7'), addresses: [] }

export class Foreign {
  readonly wire: Wire
  readonly sink: RecordingSink
  readonly #encoder = new FrameEncoder()
  readonly #heard: Heard[] = []
  readonly #decoder: FrameDecoder

  constructor(role: 'dialler' | 'acceptor', protocol: WireProtocol = msgr2(), bound: readonly string[] = [OURS]) {
    let seed = 0
    const partners = partnersOf(protocol)
    this.sink = new Partnering(partners)
    const context = {
      peersOf: (id: string) => partners.get(id) ?? [],
      self: { ...SELF, addresses: bound },
      randomBytes: (count: number) => new Uint8Array(count).map(() => (seed = (seed * 31 + 7) & 0xff)),
      ...CONTEXT,
      target: role === 'dialler' ? THEIRS : 'tcp://127.0.0.1:50000',
    }
    this.wire = protocol[role](context as never, this.sink)
    this.#decoder = new FrameDecoder(
      {
        banner: () => {},
        refuses: () => null,
        control: (tag, payload) => this.#heard.push({ tag, payload: payload.slice() }),
        header: () => null,
        message: ({ ackSeq }) => this.#heard.push({ tag: TAG.MESSAGE, payload: frames.writeNumber(BigInt(ackSeq)) }),
        fault: (_code, reason) => {
          throw new Error(`the wire wrote what does not decode: ${reason}`)
        },
      },
      CONTEXT,
    )
    this.#decoder.authenticated()
    this.#encoder.use(1)
  }

  /** What the Wire has written since the last call, and then these bytes of its session. */
  hear(session: Uint8Array = NOTHING): Heard[] {
    for (const bytes of [...this.wire.takeHandshake(), session]) this.#decoder.receive(bytes)
    return this.#heard.splice(0)
  }

  /** The one frame that it has written. */
  one(tag: number): Uint8Array {
    const heard = this.hear()
    if (heard.length !== 1 || heard[0]?.tag !== tag) {
      throw new Error(`heard ${JSON.stringify(heard.map((frame) => frame.tag))}, not [${tag}]`)
    }
    return heard[0].payload
  }

  raw(bytes: Uint8Array): this {
    this.wire.receive(bytes)
    return this
  }

  say(tag: number, payload: Uint8Array = new Uint8Array(0)): this {
    return this.raw(this.#encoder.control(tag, payload)!)
  }

  message(seq: number, ackSeq = 0): this {
    const fixed = { tid: seq, type: 2, priority: 127, version: 1, dataPrePaddingBytes: 0, dataOff: 0 }
    const header = { seq, ...fixed, ackSeq, flags: 3, compatVersion: 1, reserved: 0 }
    const out = new OutBuffer()
    this.#encoder.message(out, header, NOTHING, NOTHING, NOTHING)
    return this.raw(concat(out.take()))
  }

  banner(): this {
    return this.raw(writeBanner(OUR_BANNER))
  }

  hello(): this {
    return this.say(TAG.HELLO, frames.writeHello({ entityBit: entityBit('osd'), seen: address(OURS) }))
  }

  get told(): readonly unknown[] {
    return this.sink.told.map(([name]) => name)
  }
}

/** Notes whom sessions are with: whoever asks for one here gets it. */
class Partnering extends RecordingSink {
  readonly #partners: Map<string, Identity[]>

  constructor(partners: Map<string, Identity[]>) {
    super()
    this.#partners = partners
  }

  override offer(peer: Identity, offer: SessionOffer): void {
    super.offer(peer, offer)
    this.#has(offer.fresh, peer)
  }

  override opened(peer: Identity, answer: SessionAnswer): void {
    super.opened(peer, answer)
    this.#has(answer.id, peer)
  }

  #has(id: string, peer: Identity): void {
    const others = (this.#partners.get(id) ?? []).filter(({ name }) => name !== peer.name)
    this.#partners.set(id, [...others, peer])
  }
}

export const COOKIE = 0x1122334455667788n
export const SESSION = sessionId(COOKIE)

export function offer(changes: Partial<SessionOffer> = {}): SessionOffer {
  const ballot = { epoch: 3, dialler: '11' }
  const fresh = 'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb'
  return { ballot, channel: 0, policy: 'peer', fresh, resume: [], grant: BOUNDLESS, ...changes }
}

/** An offer to go on with `SESSION`, of which the dialler has handled five messages. */
export function resuming(processed = 5, unproven = false): SessionOffer {
  const marks = [{ received: processed, processed }]
  return offer({ resume: [{ id: SESSION, marks, unproven }] })
}

export function answer(changes: Partial<SessionAnswer> = {}): SessionAnswer {
  return { id: SESSION, resumed: false, marks: [], policy: 'peer', grant: BOUNDLESS, ...changes }
}

/** A stranger that was dialled, and now waits for CLIENT_IDENT or RECONNECT. */
export function asAcceptor(asked: SessionOffer, protocol?: WireProtocol): Foreign {
  const foreign = new Foreign('dialler', protocol)
  foreign.wire.open(asked)
  foreign.banner().hello()
  foreign.say(TAG.AUTH_DONE, frames.writeAuthDone({ globalId: 1n, mode: 1, payload: new Uint8Array(0) }))
  const heard = foreign.hear().map(({ tag }) => tag)
  if (heard.join() !== [TAG.HELLO, TAG.AUTH_REQUEST, TAG.AUTH_SIGNATURE].join())
    throw new Error(`heard ${heard.join()}`)
  foreign.say(TAG.AUTH_SIGNATURE, new Uint8Array(32))
  return foreign
}

/** A stranger that dialled, and may now say CLIENT_IDENT or RECONNECT. */
export function asDialler(protocol?: WireProtocol, bound?: readonly string[]): Foreign {
  const foreign = new Foreign('acceptor', protocol, bound).banner().hello()
  const request = { method: 1, modes: [1], payload: new Uint8Array(0) }
  foreign.say(TAG.AUTH_REQUEST, frames.writeAuthRequest(request)).say(TAG.AUTH_SIGNATURE, new Uint8Array(32))
  const heard = foreign.hear().map(({ tag }) => tag)
  if (heard.join() !== [TAG.HELLO, TAG.AUTH_DONE, TAG.AUTH_SIGNATURE].join()) throw new Error(`heard ${heard.join()}`)
  return foreign
}

export function clientIdent(changes: Partial<frames.ClientIdent> = {}): Uint8Array {
  return frames.writeClientIdent({
    addresses: [address(THEIRS)],
    target: address(OURS),
    gid: 2n,
    globalSeq: 1n,
    supported: FEATURES_SUPPORTED,
    required: 0n,
    flags: 0n,
    cookie: COOKIE,
    ...changes,
  })
}

export function serverIdent(changes: Partial<frames.Ident> = {}): Uint8Array {
  return frames.writeServerIdent({
    addresses: [address(THEIRS)],
    gid: 2n,
    globalSeq: 9n,
    supported: FEATURES_SUPPORTED,
    required: 0n,
    flags: 0n,
    cookie: 77n,
    ...changes,
  })
}

export function reconnect(changes: Partial<frames.Reconnect> = {}): Uint8Array {
  return frames.writeReconnect({
    addresses: [address(THEIRS)],
    clientCookie: COOKIE,
    serverCookie: 77n,
    globalSeq: 4n,
    connectSeq: 2n,
    messageSeq: 6n,
    ...changes,
  })
}
