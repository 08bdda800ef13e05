/**
 * One link's side of the native protocol: it puts the parts together.
 *
 * The frame decoder cuts bytes into frames, the handshake of the role runs until it is established, and from then on frames go to the
 * session. Pure: no clock, no randomness, no I/O of its own. `receive` must not be called from inside a sink's method; everything
 * else may be.
 */
import type { Deque } from '../../common/deque.ts'
import { invariant, type InkwireErrorCode } from '../../common/errors.ts'
import type { Budget } from '../../policies/policy.ts'
import type { OutboundMessage } from '../message.ts'
import type { OutBuffer } from '../out-buffer.ts'
import type { Verdict } from '../verdict.ts'
import type { BatchHeader, Marks, SessionAnswer, SessionOffer, Wire, WireContext, WireSink } from '../wire.ts'
import { BatchDecoder } from './batch-decoder.ts'
import { BatchEncoder } from './batch-encoder.ts'
import { MalformedFrame } from './control-fields.ts'
import * as frames from './control-frames.ts'
import * as session from './session-frames.ts'
import { capabilitiesWith } from './features.ts'
import { CHECKSUM, CONTROL_HEADER_BYTES, TAG, tagName, type ChecksumKind } from './format.ts'
import { FrameDecoder, type FrameReceiver } from './frame-decoder.ts'
import { HandshakeAcceptor } from './handshake-acceptor.ts'
import { HandshakeDialler } from './handshake-dialler.ts'
import { SESSION_TAGS, type HandshakeHost } from './handshake.ts'
import type { Place } from './pouring.ts'

const NO_FLIGHT: Uint8Array[] = []
const VERSION_1 = capabilitiesWith([])

export class NativeWire implements Wire, FrameReceiver, HandshakeHost {
  /** What version 1 can do, until the peer's HELLO says more. */
  capabilities = VERSION_1
  readonly sink: WireSink
  readonly #frames: FrameDecoder
  /** Null when it is over and all of it is written: most of a link's life, and it holds a lot. */
  #handshake: HandshakeDialler | HandshakeAcceptor | null
  readonly #allocate: WireContext['allocate']
  /** Each made for the first message of its way: a link at rest needs neither. */
  #encoder: BatchEncoder | null = null
  #decoder: BatchDecoder | null = null
  #checksum: ChecksumKind = CHECKSUM.CRC32C
  #frameBytesMax = Infinity

  constructor(role: 'dialler' | 'acceptor', checksums: readonly ChecksumKind[], context: WireContext, sink: WireSink) {
    this.sink = sink
    this.#allocate = context.allocate
    this.#frames = new FrameDecoder(this, context)
    const Role = role === 'dialler' ? HandshakeDialler : HandshakeAcceptor
    this.#handshake = new Role(this, context, checksums)
  }

  receive(chunk: Uint8Array): void {
    this.#frames.receive(chunk)
  }

  room(): Uint8Array | null {
    return this.#frames.room()
  }

  open(offer: SessionOffer): void {
    this.#dialler().open(offer)
  }

  confirm(marks: readonly Marks[] | null = null): void {
    this.#dialler().confirm(marks)
  }

  answer(answer: SessionAnswer): void {
    this.#acceptor()?.answer(answer)
  }

  yield(epoch: number): void {
    this.#acceptor()?.yield(epoch)
  }

  reject(code: InkwireErrorCode, reason: string): void {
    this.#acceptor()?.reject(code, reason)
  }

  takeHandshake(): Uint8Array[] {
    if (this.#handshake === null) return NO_FLIGHT
    const flight = this.#handshake.flights.take()
    if (this.#handshake.established) this.#handshake = null
    return flight
  }

  encodeBatch(out: OutBuffer, header: BatchHeader, queue: Deque<OutboundMessage>, index: number, count: number): void {
    this.#encoding().encodeBatch(out, header, queue, index, count)
  }

  encodeChunk(out: OutBuffer, header: BatchHeader, message: OutboundMessage, offset: number, length: number): void {
    this.#encoding().encodeChunk(out, header, message, offset, length)
  }

  encodeAck(out: OutBuffer, marks: readonly Marks[], credit: Budget): void {
    session.writeAckFrame(out, marks, credit)
  }

  encodeFailed(out: OutBuffer, first: number, verdicts: readonly Verdict[], taken: number): void {
    frames.writeControlFrame(out, TAG.FAILED, session.encodeFailed({ first, verdicts, taken }))
  }

  encodePart(out: OutBuffer, epoch: number, stays: boolean): void {
    frames.writeControlFrame(out, TAG.END, session.encodeEnd(epoch, stays))
  }

  encodeKeepalive(out: OutBuffer, token: number): void {
    frames.writeControlFrame(out, TAG.KEEPALIVE, session.encodeToken(token))
  }

  encodeKeepaliveAck(out: OutBuffer, token: number): void {
    frames.writeControlFrame(out, TAG.KEEPALIVE_ACK, session.encodeToken(token))
  }

  encodeGoodbye(out: OutBuffer, reason: string): void {
    frames.writeControlFrame(out, TAG.GOODBYE, frames.encodeReason(reason))
  }

  // What the decoder tells.

  banner(banner: Uint8Array): void {
    this.#handshake?.banner(banner)
  }

  refuses(tag: number): string | null {
    const expected = this.#handshake?.expects ?? SESSION_TAGS
    if (expected.includes(tag)) return null
    const when = expected === SESSION_TAGS ? 'in a session' : 'at this point of the handshake'
    return `a frame ${tagName(tag) ?? tag} must not come ${when}`
  }

  control(tag: number, frame: Uint8Array): void {
    const payload = frame.subarray(CONTROL_HEADER_BYTES)
    try {
      if (this.#handshake === null || this.#handshake.established) this.#session(tag, payload)
      else this.#handshake.frame(tag, frame, payload)
    } catch (thrown) {
      if (!(thrown instanceof MalformedFrame)) throw thrown
      this.fault('INK_INCOMPATIBLE', `${tagName(tag) ?? tag}: ${thrown.message}`)
    }
  }

  messages(bytes: Uint8Array, at: number, end: number, stable: boolean): void {
    const reason = this.#decoding().decode(bytes, at, end, stable)
    if (reason !== null) this.fault('INK_INCOMPATIBLE', reason)
  }

  place(bytes: Uint8Array, at: number, have: number, total: number): Place | null {
    return this.#decoding().place(bytes, at, have, total)
  }

  placed(head: Uint8Array): void {
    const reason = this.#decoding().decodePlaced(head)
    if (reason !== null) this.fault('INK_INCOMPATIBLE', reason)
  }

  fault(code: InkwireErrorCode, reason: string): void {
    this.#frames.stop()
    this.#handshake?.end()
    this.sink.fault(code, reason)
  }

  // What the handshake does.

  greeted({ frameBytesMax, features }: frames.Hello): void {
    this.capabilities = capabilitiesWith(features)
    this.#frameBytesMax = frameBytesMax
  }

  authenticated(): void {
    this.#frames.authenticated()
  }

  agree(checksum: ChecksumKind): void {
    this.#frames.agree(checksum)
    this.#checksum = checksum
  }

  stop(): void {
    this.#frames.stop()
  }

  #encoding(): BatchEncoder {
    const checksum = this.#checksum
    const frameBytesMax = this.#frameBytesMax
    return (this.#encoder ??= new BatchEncoder({ checksum, frameBytesMax, capabilities: this.capabilities }))
  }

  #decoding(): BatchDecoder {
    return (this.#decoder ??= new BatchDecoder(this.sink, this.#allocate, this.capabilities))
  }

  #session(tag: number, payload: Uint8Array): void {
    if (tag !== TAG.GOODBYE) {
      session.tell(this.sink, this.capabilities, tag, payload)
      return
    }
    const reason = frames.decodeReason(payload)
    this.#frames.stop()
    this.sink.goodbye(reason)
  }

  #dialler(): HandshakeDialler {
    invariant(this.#handshake instanceof HandshakeDialler, 'an accepted link was used as a dialled one')
    return this.#handshake
  }

  /** Null when the handshake is over: nothing is decided any more. */
  #acceptor(): HandshakeAcceptor | null {
    const handshake = this.#handshake
    invariant(!(handshake instanceof HandshakeDialler), 'a dialled link was used as an accepted one')
    return handshake
  }
}
