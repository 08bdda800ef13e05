/**
 * One link and the wire protocol on it: where transport and session meet.
 *
 * A port has one owner at a time: the acceptor until an offer names a connection, then that connection's driver. Control
 * goes to the owner; data goes straight to the session, and only while the port is the one that was adopted (`sink` is
 * set): bytes on any other link of the connection change nothing.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Lease, Link, LinkClosed } from '../transports/transport.ts'
import type { InboundMessage, Standing } from '../wire/message.ts'
import type { Verdict } from '../wire/verdict.ts'
import type { Identity, Marks, SessionAnswer, SessionOffer } from '../wire/terms.ts'
import type { BatchHeader, Wire, WireContext, WireProtocol, WireSink } from '../wire/wire.ts'
import { beginChunk, endChunk, type Chunk } from './chunk.ts'
import { IMPOSSIBLE, PortHandlers, type DataSink, type Keeper, type LinkListener, type Owner } from './port-terms.ts'
import { disproof } from './proven-peer.ts'
import { Traffic } from './traffic.ts'

export type PortOwner = Owner<LinkPort>
export type PortKeeper = Keeper<LinkPort>

export class LinkPort implements WireSink, LinkListener {
  readonly id: number
  readonly link: Link
  readonly wire: Wire
  readonly role: 'dialler' | 'acceptor'
  owner: PortOwner
  readonly #firstOwner: PortOwner & Partial<PortKeeper>
  /** Who is at the other end, once it has said so. */
  peer: Identity | null = null
  /** Where it arrived, by the address that was bound; '' for one that was dialled. */
  local = ''
  /** Where it was dialled; null: it arrived. */
  readonly target: string | null
  sink: DataSink | null = null
  /** Who was given data of the read that is being parsed: it has its turn, also when the link is lost by then. */
  #fed: DataSink | null = null
  /** What is being parsed; null: nothing is. */
  chunk: Chunk | null = null
  /** True while the link takes no more; `writable` clears it. */
  blocked = false
  readonly traffic: Traffic
  #ended = false

  constructor(
    id: number,
    link: Link,
    protocol: WireProtocol,
    role: 'dialler' | 'acceptor',
    context: WireContext,
    owner: PortOwner & Partial<PortKeeper>,
  ) {
    this.id = id
    this.link = link
    this.traffic = new Traffic(link)
    this.role = role
    this.target = role === 'dialler' ? (context.target ?? null) : null
    this.owner = owner
    this.#firstOwner = owner
    this.wire = role === 'dialler' ? protocol.dialler(context, this) : protocol.acceptor(context, this)
    link.handlers = new PortHandlers(this)
  }

  /** Writes what the handshake has to say. */
  flushHandshake(): void {
    const chunks = this.wire.takeHandshake()
    if (chunks.length > 0) this.write(chunks)
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.#ended) return
    for (const chunk of chunks) this.traffic.takenBytes += chunk.length
    if (!this.link.write(chunks)) this.blocked = true
  }

  /** Says why the peer must offer again, and waits for that as on the first day. */
  giveBack(say: unknown): void {
    this.wire.again?.(say)
    this.flushHandshake()
    this.owner = this.#firstOwner
    this.#firstOwner.readmit?.(this)
  }

  /** The link carries a session from now on. */
  engage(sink: DataSink): void {
    this.sink = sink
    this.#firstOwner.engaged?.(this)
  }

  /** Ends the link after what was written; deaf from now on. */
  close(): void {
    this.flushHandshake()
    this.#deafen()
    this.link.close()
    this.#firstOwner.leaves?.(this)
  }

  /** Ends the link at once, unless the handshake has a last word to say; deaf from now on. */
  reset(): void {
    const last = this.wire.takeHandshake()
    if (last.length === 0) this.discard()
    else {
      this.write(last)
      this.close()
    }
  }

  /** Ends the link at once, with nothing to say; deaf from now on. */
  discard(): void {
    this.#deafen()
    this.link.reset()
  }

  /** Nobody wants the link any more; one that is closing in order may finish that. */
  abandon(): void {
    if (!this.#ended) this.reset()
  }

  // What the link tells, through its ears.

  began(): void {
    this.owner.onLinked?.(this)
  }

  receive(bytes: Uint8Array, lease: Lease | undefined): void {
    if (this.#ended) return
    this.traffic.heardBytes += bytes.length
    const chunk = (this.chunk = beginChunk(bytes, lease))
    this.#fed = this.sink
    this.#fed?.heard()
    this.wire.receive(bytes)
    const sink = this.sink ?? this.#fed
    this.#fed = null
    if (sink !== null) sink.turn()
    else if (!this.#isDeaf()) this.flushHandshake()
    this.chunk = null
    endChunk(chunk)
  }

  /** Where the next bytes had best be read to. */
  room(): Uint8Array | null {
    return this.#ended ? null : (this.wire.room?.() ?? null)
  }

  drained(): void {
    this.blocked = false
    this.sink?.writable()
  }

  closed(end: LinkClosed): void {
    this.#deafen()
    this.owner.onClosed(this, end)
    this.#firstOwner.gone?.(this)
  }

  /** Not the field: what was called in between may have changed it, which TypeScript cannot know. */
  #isDeaf(): boolean {
    return this.#ended
  }

  #deafen(): void {
    this.#ended = true
    this.sink = null
  }

  // What the wire tells.

  offer(peer: Identity, offer: SessionOffer): void {
    if (!this.#ended && this.#believes(peer)) this.owner.onOffer(this, peer, offer)
  }

  opened(peer: Identity, answer: SessionAnswer): void {
    if (!this.#ended && this.#believes(peer)) this.owner.onOpened(this, peer, answer)
  }

  yielded(peer: Identity | null, epoch: number): void {
    if (!this.#ended && this.#believes(peer)) this.owner.onYielded(this, peer, epoch)
  }

  rejected(peer: Identity | null, code: InkwireErrorCode, reason: string): void {
    if (!this.#ended && this.#believes(peer)) this.owner.onRejected(this, peer, code, reason)
  }

  /** A protocol that authenticates by itself does not ask what the transport knows. */
  #believes(peer: Identity | null): boolean {
    const reason = peer === null ? null : disproof(this.link, peer.name)
    if (reason !== null) this.fault('INK_AUTH_REFUSED', reason)
    return reason === null
  }

  confirmed(marks: readonly Marks[] | null = null): void {
    if (!this.#ended) this.owner.onConfirmed(this, marks)
  }

  parted(epoch: number, stays: boolean): void {
    if (this.sink !== null) this.owner.onParted(this, epoch, stays)
  }

  get reusesBodies(): boolean {
    return this.sink !== null && this.sink.reusesBodies
  }

  dueMs(remainingMs: number): number {
    return this.sink === null ? Infinity : this.sink.dueMs(remainingMs)
  }

  batch(header: BatchHeader): number {
    if (this.sink === null) return header.count
    this.#fed = this.sink
    return this.sink.batch(header)
  }

  admit(bytes: number, skipped: boolean): boolean {
    return this.sink === null ? true : this.sink.admit(bytes, skipped)
  }

  message(message: InboundMessage, standing: Standing): void {
    this.sink?.message(message, standing)
  }

  marks(lane: number, received: number, processed: number): void {
    if (this.sink?.marks(lane, received, processed) === false) {
      this.fault('INK_INCOMPATIBLE', `the peer acked messages of lane ${lane} that were never sent`)
    }
  }

  credit(messages: number, bytes: number): void {
    this.sink?.credit(messages, bytes)
  }

  verdicts(first: number, verdicts: readonly Verdict[], taken: number): void {
    if (this.sink?.verdicts(first, verdicts, taken) === false) this.fault('INK_INCOMPATIBLE', IMPOSSIBLE)
  }

  keepalive(token: number): void {
    this.sink?.keepalive(token)
  }

  keepaliveAck(token: number): void {
    this.sink?.keepaliveAck(token)
  }

  goodbye(reason: string): void {
    if (!this.#ended) this.owner.onGoodbye(this, reason)
  }

  fault(code: InkwireErrorCode, reason: string): void {
    if (!this.#ended) this.owner.onFault(this, code, reason)
  }
}
