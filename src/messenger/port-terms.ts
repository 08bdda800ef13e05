/**
 * Who a port serves: who decides about it, who counts it, and where its data goes. `Port` is the port itself; see
 * link-port.ts.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Lease, LinkClosed, LinkHandlers } from '../transports/transport.ts'
import type { InboundMessage, Standing } from '../wire/message.ts'
import type { Verdict } from '../wire/verdict.ts'
import type { BatchHeader, Identity, Marks, SessionAnswer, SessionOffer } from '../wire/wire.ts'

/** What breaks the protocol in words about messages that failed. */
export const IMPOSSIBLE =
  'the peer says of messages that failed which it cannot have, or heard of more than it was told'

/** Who decides about a port. */
export interface Owner<Port> {
  /** What was dialled is open: the first flight leaves. */
  onLinked?(port: Port): void
  onOffer(port: Port, peer: Identity, offer: SessionOffer): void
  onOpened(port: Port, peer: Identity, answer: SessionAnswer): void
  onYielded(port: Port, peer: Identity | null, epoch: number): void
  onRejected(port: Port, peer: Identity | null, code: InkwireErrorCode, reason: string): void
  onConfirmed(port: Port, marks: readonly Marks[] | null): void
  /** The peer begins no message on it any more; see WireSink. */
  onParted(port: Port, epoch: number, stays: boolean): void
  onGoodbye(port: Port, reason: string): void
  /** The peer broke the protocol: the port is to be given up. */
  onFault(port: Port, code: InkwireErrorCode, reason: string): void
  /** The link is over, for whatever reason; the last call. */
  onClosed(port: Port, end: LinkClosed): void
}

/** Who counts the links that were accepted, whoever owns them. */
export interface Keeper<Port> {
  /** The port belongs to nobody again: its peer will offer anew. */
  readmit(port: Port): void
  /** It carries a session. */
  engaged(port: Port): void
  /** It closes in order: nobody wants it, and the transport still holds it. */
  leaves(port: Port): void
  /** The transport holds it no more. */
  gone(port: Port): void
}

/** Where the data of an adopted port goes. */
export interface DataSink {
  /** See WireSink. */
  readonly reusesBodies: boolean
  /** Bytes came: the peer lives. */
  heard(): void
  /** See WireSink. */
  dueMs(remainingMs: number): number
  batch(header: BatchHeader): number
  admit(bytes: number, skipped: boolean): boolean
  message(message: InboundMessage, standing: Standing): void
  marks(lane: number, received: number, processed: number): boolean
  credit(messages: number, bytes: number): void
  verdicts(first: number, verdicts: readonly Verdict[], taken: number): boolean
  keepalive(token: number): void
  keepaliveAck(token: number): void
  /** All of the bytes that came are parsed: hand messages over and answer. */
  turn(): void
  writable(): void
}

/** What a flow tells its connection. */
export interface FlowOwner {
  /** The messages of a turn are taken and acks are counted. */
  turn(): void
  /** A message is finished: an ack may be due. Called for every message. */
  afterFinish(): void
  /** The link is silent for too long. */
  silent(reason: string): void
  /** A peer's stamps are this far ahead. */
  skewed(aheadMs: number): void
}

/** What a port hears of its link. */
export interface LinkListener {
  began(): void
  receive(bytes: Uint8Array, lease: Lease | undefined): void
  room(): Uint8Array | null
  drained(): void
  closed(end: LinkClosed): void
}

/** Hears a link for its port: the names of both sides clash, and four closures per link would cost more than this. */
export class PortHandlers implements LinkHandlers {
  readonly port: LinkListener

  constructor(port: LinkListener) {
    this.port = port
  }

  opened(): void {
    // The first flight was written when the dial began; the link sends it by itself.
    this.port.began()
  }

  data(chunk: Uint8Array, lease?: Lease): void {
    this.port.receive(chunk, lease)
  }

  room(): Uint8Array | null {
    return this.port.room()
  }

  writable(): void {
    this.port.drained()
  }

  closed(end: LinkClosed): void {
    this.port.closed(end)
  }
}
