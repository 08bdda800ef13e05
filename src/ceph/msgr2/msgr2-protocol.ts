/**
 * Ceph's msgr2 as a wire protocol. `msgr2()` in ../msgr2.ts makes one with keys and ciphers; this file is pure.
 *
 * It puts the parts together: the decoder cuts bytes into frames, the handshake of the role runs until it is established,
 * and from then on frames go to the session; an acceptor may wait for the first. One lane, one ack, no credit, no
 * goodbye. On a lossy session Ceph acks nothing, so there a message counts as acked when it is handed to the link.
 */
import type { Deque } from '../../common/deque.ts'
import { invariant, type InkwireErrorCode } from '../../common/errors.ts'
import type { Budget } from '../../policies/policy.ts'
import { InboundMessage, type OutboundMessage } from '../../wire/message.ts'
import type { OutBuffer } from '../../wire/out-buffer.ts'
import type { ServiceWorld } from '../../wire/service.ts'
import type { BatchHeader, Marks, SessionAnswer, SessionOffer, Wire } from '../../wire/wire.ts'
import type { WireContext, WireProtocol, WireSink } from '../../wire/wire.ts'
import { Acceptor } from './acceptor.ts'
import { arbitrate, type Say } from './decision-tables.ts'
import type { CephAuth } from './auth.ts'
import { Registry } from './registry.ts'
import { Malformed } from './codec.ts'
import * as frames from './control-frames.ts'
import { Dialler } from './dialler.ts'
import { NOTATION } from './entity.ts'
import { CAPABILITIES, FEATURES_REQUIRED, FEATURES_SUPPORTED, MESSAGE_FLAGS, TAG, tagName } from './format.ts'
import { FrameDecoder, type FrameReceiver } from './frame-decoder.ts'
import { FrameEncoder } from './frame-encoder.ts'
import type { HandshakeHost, Shared } from './handshake.ts'
import { peerPolicies } from './peer-policies.ts'
import { emptyHeader, type MessageHeader } from './message-header.ts'

export interface ProtocolOptions {
  readonly auth: CephAuth
  /** Cluster features that are claimed; messages are encoded by them. */
  readonly supported?: bigint
  readonly required?: bigint
}

/** The protocol of one messenger: its links share tickets, cookies and a counter. */
export function msgr2Protocol(options: ProtocolOptions): WireProtocol {
  const { auth, supported = FEATURES_SUPPORTED, required = FEATURES_REQUIRED } = options
  const shared: Shared = { auth, registry: new Registry(), supported, required }
  return Object.freeze({
    name: 'msgr2',
    capabilities: CAPABILITIES,
    arbitrate,
    addresses: NOTATION,
    policies: peerPolicies,
    ownAuth: 'it has authentication of its own, give msgr2() a keyring or a key',
    provesNames: auth.provesNames,
    dialler: (context: WireContext, sink: WireSink): Wire => new Msgr2Wire('dialler', shared, context, sink),
    acceptor: (context: WireContext, sink: WireSink): Wire => new Msgr2Wire('acceptor', shared, context, sink),
    ...(auth.service === undefined ? {} : { service: (world: ServiceWorld) => auth.service!(world) }),
  })
}

const NOTHING = new Uint8Array(0)

class Msgr2Wire implements Wire {
  readonly capabilities = CAPABILITIES
  readonly #sink: WireSink
  readonly #decoder: FrameDecoder
  readonly #encoder = new FrameEncoder()
  readonly #handshake: Dialler | Acceptor
  #lossy = false
  /** The peer's last KEEPALIVE2, which goes back as it came. */
  #stamp = NOTHING
  /** How many messages the peer knows that we have. */
  #acked = 0
  /** Of the message that is written: what is the same for all stands in it from the beginning. */
  readonly #written: MessageHeader = { ...emptyHeader(), flags: MESSAGE_FLAGS }
  readonly #header: BatchHeader = {
    lane: 0,
    firstSeq: 0,
    count: 1,
    received: 0,
    processed: 0,
    stampMs: 0,
    stampCounter: 0,
    ackNow: false,
  }

  constructor(role: 'dialler' | 'acceptor', shared: Shared, context: WireContext, sink: WireSink) {
    this.#sink = sink
    this.#decoder = new FrameDecoder(this.#receiver(), context)
    const host: HandshakeHost = {
      context,
      sink,
      shared,
      decoder: this.#decoder,
      encoder: this.#encoder,
      established: (lossy) => {
        this.#lossy = lossy
      },
      stop: () => {
        this.#decoder.stop()
      },
      fault: (code, reason) => {
        this.#fault(code, reason)
      },
    }
    this.#handshake = role === 'dialler' ? new Dialler(host) : new Acceptor(host)
  }

  receive(chunk: Uint8Array): void {
    this.#decoder.receive(chunk)
  }

  get note(): unknown {
    return this.#handshake.note
  }

  open(offer: SessionOffer): void {
    invariant(this.#handshake instanceof Dialler, 'an accepted link was used as a dialled one')
    this.#handshake.open(offer)
  }

  /** Nothing is said here: the answer to KEEPALIVE2 says it, or the first message. */
  confirm(): void {}

  answer(answer: SessionAnswer): void {
    this.#acceptor().answer(answer)
  }

  yield(): void {
    this.#acceptor().yield()
  }

  reject(code: InkwireErrorCode, reason: string): void {
    this.#acceptor().reject(code, reason)
  }

  again(say: unknown): void {
    this.#acceptor().again(say as Say)
  }

  takeHandshake(): Uint8Array[] {
    return this.#handshake.opening.take()
  }

  encodeBatch(out: OutBuffer, header: BatchHeader, queue: Deque<OutboundMessage>, index: number, count: number): void {
    for (let at = 0; at < count; at++) {
      const message = queue.at(index + at)
      if (message !== undefined) this.#encode(out, header.firstSeq + at, header.processed, message)
    }
    if (this.#lossy) this.#sink.marks(0, header.firstSeq + count - 1, header.firstSeq + count - 1)
  }

  encodeChunk(): void {
    invariant(false, 'this protocol has no chunks')
  }

  encodeAck(out: OutBuffer, marks: readonly Marks[], _credit: Budget): void {
    const processed = marks[0]?.processed ?? 0
    if (this.#lossy || processed <= this.#acked) return
    this.#acked = processed
    this.#control(out, TAG.ACK, frames.writeNumber(BigInt(processed)))
  }

  encodeKeepalive(out: OutBuffer, token: number): void {
    this.#control(out, TAG.KEEPALIVE2, frames.writeStamp(token))
  }

  encodeKeepaliveAck(out: OutBuffer, _token: number): void {
    this.#control(out, TAG.KEEPALIVE2_ACK, this.#stamp)
  }

  /** Ceph has none: the end of the link says it. */
  encodeGoodbye(): void {}

  #encode(out: OutBuffer, seq: number, processed: number, message: OutboundMessage): void {
    const header = this.#written
    const ackSeq = this.#lossy ? 0 : processed
    if (ackSeq > this.#acked) this.#acked = ackSeq
    header.seq = seq
    header.tid = message.tid
    header.type = message.type
    header.priority = message.priority
    header.version = message.version
    // Every version of a type is readable as its first one, as far as this side knows.
    header.compatVersion = Math.min(1, message.version)
    header.ackSeq = ackSeq
    const { front, middle, data } = message
    const put = this.#encoder.message(out, header, front ?? NOTHING, middle ?? NOTHING, data ?? NOTHING)
    if (!put) this.#spent()
  }

  #control(out: OutBuffer, tag: number, payload: Uint8Array): void {
    if (!this.#encoder.put(out, tag, [payload])) this.#spent()
  }

  #spent(): void {
    this.#fault('INK_RESET', 'every nonce of this link was used: the session goes on with a new one')
  }

  #receiver(): FrameReceiver {
    return {
      banner: (banner) => {
        this.#handshake.banner(banner)
      },
      refuses: (tag) => {
        if (this.#handshake.expects.includes(tag)) return null
        return `${tagName(tag) ?? tag} must not come ${this.#handshake.established ? 'in a session' : 'now'}`
      },
      control: (tag, payload) => {
        this.#receiveControl(tag, payload)
      },
      header: (header, bytes) => this.#begin(header, bytes),
      message: (header, body, offset, lengths, stable) => {
        this.#message(header, body, offset, lengths, stable)
      },
      fault: (code, reason) => {
        this.#fault(code, reason)
      },
    }
  }

  #receiveControl(tag: number, payload: Uint8Array): void {
    try {
      if (this.#handshake.established) {
        this.#handshake.heard()
        this.#session(tag, payload)
      } else this.#handshake.frame(tag, payload)
    } catch (thrown) {
      if (!(thrown instanceof Malformed)) throw thrown
      this.#fault('INK_INCOMPATIBLE', `${tagName(tag) ?? tag}: ${thrown.message}`)
    }
  }

  #session(tag: number, payload: Uint8Array): void {
    switch (tag) {
      case TAG.ACK:
        this.#acks(Number(frames.readNumber(payload)))
        break
      case TAG.KEEPALIVE2: {
        const token = frames.readStamp(payload)
        this.#stamp = payload.slice()
        this.#sink.keepalive(token)
        break
      }
      case TAG.KEEPALIVE2_ACK:
        this.#sink.keepaliveAck(frames.readStamp(payload))
        break
      default:
        invariant(false, `a session has no frame ${tag}`)
    }
  }

  /** One ack stands for both marks. Ceph sends none on a lossy session; what was handed to the link counts there. */
  #acks(seq: number): void {
    if (!this.#lossy) this.#sink.marks(0, seq, seq)
  }

  #begin({ seq, ackSeq }: MessageHeader, bytes: number): string | null {
    this.#handshake.heard()
    const header = this.#header
    header.firstSeq = seq
    // Zero says nothing new; the session takes marks as the highest so far.
    header.received = header.processed = this.#lossy ? 0 : ackSeq
    const skip = this.#sink.batch(header)
    if (skip < 0) return `message ${seq} follows one that never came, or acks what was never sent`
    this.#skipped = skip > 0
    return this.#sink.admit(bytes, this.#skipped) ? null : `a message of ${bytes} bytes is above the receive window`
  }

  #skipped = false

  #message(header: MessageHeader, body: Uint8Array, at: number, lengths: readonly number[], stable: boolean): void {
    if (this.#skipped) return
    const { type, version, priority, tid, seq } = header
    const [, front = 0, middle = 0, data = 0] = lengths
    const offset = body.byteOffset + at
    // prettier-ignore
    const message = new InboundMessage(
      type, version, priority, tid, seq, 0, 0, 0, body.buffer, offset, front, middle, data,
    )
    this.#sink.message(message, stable ? 'own' : 'borrowed')
  }

  #fault(code: InkwireErrorCode, reason: string): void {
    this.#decoder.stop()
    this.#handshake.end()
    this.#sink.fault(code, reason)
  }

  #acceptor(): Acceptor {
    invariant(this.#handshake instanceof Acceptor, 'a dialled link was used as an accepted one')
    return this.#handshake
  }
}
