/**
 * One link of a hostile peer: the real wire protocol, so that it gets past every handshake, and no session behind it.
 *
 * What the wire says is written as it is, cut off or with a wrong bit; anything else can be written beside it. What comes
 * is parsed, noted and, while the link is polite, acked, so that the other side goes on sending what it should not.
 * Limits: BUFFERED_BYTES wait in a link, SAID_BYTES of what was said are remembered; what is beyond is left out.
 */
import { concat } from '../../common/bytes.ts'
import { Deque } from '../../common/deque.ts'
import type { InkwireErrorCode } from '../../common/errors.ts'
import type { Clock } from '../../messenger/runtime.ts'
import type { Link } from '../../transports/transport.ts'
import { AuthRefused } from '../../wire/auth-method.ts'
import type { InboundMessage, OutboundMessage } from '../../wire/message.ts'
import { OutBuffer } from '../../wire/out-buffer.ts'
import type { BatchHeader, Identity, Marks, SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import type { Wire, WireContext, WireProtocol, WireSink } from '../../wire/wire.ts'

const BUFFERED_BYTES = 4 << 20
const SAID_BYTES = 16 << 10

/** More than anybody can ever use. */
export const BOUNDLESS = { messages: 2 ** 40, bytes: 2 ** 50 }

/** How far a link has come. */
export type Standing =
  /** The handshake runs. */
  | 'shaking'
  /** Accepted: a session is asked for. Dialled: one is promised. */
  | 'asked'
  | 'promised'
  | 'open'
  /** The peer yielded or rejected. */
  | 'refused'
  | 'over'

/** What a link does to the bytes that its wire writes, counted from the first one. */
export interface Bend {
  /** Nothing after so many bytes. */
  readonly stopAt?: number
  /** One wrong bit in this byte. */
  readonly flipAt?: number
}

/** Whom a link tells. */
export interface LinkOwner {
  /** A message came. */
  heard(link: HostileLink, message: InboundMessage): void
  /** An accepted link is asked for a session. */
  asked(link: HostileLink): void
  /** The peer refused the session, or says which epoch goes first. */
  refused(link: HostileLink, why: InkwireErrorCode | number): void
  over(link: HostileLink): void
}

export interface HostileLinkOptions {
  readonly link: Link
  readonly role: 'dialler' | 'acceptor'
  readonly protocol: WireProtocol
  readonly context: WireContext
  readonly clock: Clock
  readonly owner: LinkOwner
  readonly bend: Bend
}

export class HostileLink implements WireSink {
  readonly link: Link
  readonly wire: Wire
  standing: Standing = 'shaking'
  /** Whether it reads and answers as a decent peer would, or lets everything lie. */
  manners: 'polite' | 'deaf' = 'polite'
  /** Who is at the other end, once it has said so. */
  peer: Identity | null = null
  /** The session that was asked for, or promised. */
  offered: SessionOffer | null = null
  answered: SessionAnswer | null = null
  readonly #owner: LinkOwner
  readonly #clock: Clock
  readonly #bend: Bend
  readonly #out = new OutBuffer()
  readonly #received: number[]
  readonly #said: Uint8Array[] = []
  #waiting: (() => void)[] = []
  #written = 0
  #token: number | null = null
  #owes = 0

  constructor({ link, role, protocol, context, clock, owner, bend }: HostileLinkOptions) {
    this.link = link
    this.#owner = owner
    this.#clock = clock
    this.#bend = bend
    this.wire = role === 'dialler' ? protocol.dialler(context, this) : protocol.acceptor(context, this)
    this.#received = Array.from({ length: this.wire.capabilities.lanes }, () => 0)
    link.handlers = {
      opened: () => {},
      data: (chunk) => this.#data(chunk),
      writable: () => {},
      closed: () => this.#turn('over'),
    }
  }

  /** Bytes that were written, altered ones too. */
  get writtenBytes(): number {
    return this.#written
  }

  /** What was written, from the first byte on. */
  get said(): Uint8Array {
    return concat(this.#said)
  }

  /** Asks for a session, and says all that the handshake needs from then on. */
  open(offer: SessionOffer): this {
    this.offered = offer
    try {
      this.wire.open(offer)
    } catch (thrown) {
      // It has no key for the name that it claims: there is nothing to say.
      if (!(thrown instanceof AuthRefused)) throw thrown
      this.reset()
    }
    this.#flush()
    return this
  }

  /** Adopts what was promised. */
  confirm(): void {
    if (this.standing !== 'promised') return
    this.wire.confirm()
    this.#flush()
    this.#turn('open')
  }

  /** Promises what was asked for. Nobody waits for CONFIRM here. */
  accept(answer: SessionAnswer): void {
    if (this.standing !== 'asked') return
    this.wire.answer(answer)
    this.#flush()
    this.#turn('open')
  }

  /** Another link goes first. */
  yield(epoch: number): void {
    if (this.standing !== 'asked') return
    this.wire.yield(epoch)
    this.#flush()
  }

  reject(code: InkwireErrorCode, reason: string): void {
    if (this.standing !== 'asked') return
    this.wire.reject(code, reason)
    this.#flush()
  }

  /** Messages with any numbers and marks, as one frame where the protocol has such. */
  send(header: Partial<BatchHeader>, ...messages: readonly Partial<OutboundMessage>[]): void {
    const queue = new Deque<OutboundMessage>()
    for (const message of messages) queue.push(whole(message))
    this.say((out) => {
      this.wire.encodeBatch(out, { ...HEADER, count: messages.length, ...header }, queue, 0, messages.length)
    })
  }

  /** The first so many bytes of a message, which claims to be as long as it is. */
  sendPiece(header: Partial<BatchHeader>, message: Partial<OutboundMessage>, bytes: number): void {
    this.say((out) => {
      this.wire.encodeChunk(out, { ...HEADER, ...header }, whole(message), 0, bytes)
    })
  }

  /** Whatever the wire can encode. */
  say(encode: (out: OutBuffer, wire: Wire) => void): void {
    if (this.standing === 'over') return
    encode(this.#out, this.wire)
    this.write(...this.#out.take().map((chunk) => chunk.slice()))
    this.#out.lend({ takenBytes: 0, passedBytes: 0 })
  }

  /** Any bytes at all. */
  write(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      if (this.standing === 'over' || this.link.bufferedBytes > BUFFERED_BYTES) return
      const bytes = this.#bent(chunk)
      if (this.#written < SAID_BYTES) this.#said.push(bytes.slice(0, SAID_BYTES - this.#written))
      this.#written += chunk.length
      if (bytes.length > 0) this.link.write([bytes])
    }
  }

  /** Takes nothing more from the link, which fills up. */
  deafen(): void {
    this.manners = 'deaf'
    this.link.pause()
  }

  close(): void {
    this.link.close()
  }

  reset(): void {
    this.link.reset()
  }

  /** Resolves when it has come to one of these, or is over, or so many ms have passed. True: one of these. */
  async reaches(standings: readonly Standing[], withinMs: number): Promise<boolean> {
    let waits = true
    const timer = this.#clock.setTimer(() => {
      waits = false
      this.#wake()
    }, withinMs)
    while (waits && this.standing !== 'over' && !standings.includes(this.standing))
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#clock.clearTimer(timer)
    return standings.includes(this.standing)
  }

  #bent(chunk: Uint8Array): Uint8Array {
    const { stopAt = Infinity, flipAt = -1 } = this.#bend
    const start = this.#written
    const bytes = chunk.slice(0, Math.max(0, Math.min(chunk.length, stopAt - start)))
    const at = flipAt - start
    if (at >= 0 && at < bytes.length) bytes[at]! ^= 0x10
    return bytes
  }

  #flush(): void {
    this.write(...this.wire.takeHandshake())
  }

  #data(chunk: Uint8Array): void {
    if (this.manners === 'deaf' || this.standing === 'over') return
    this.wire.receive(chunk)
    this.#flush()
    if (this.standing !== 'open') return
    const token = this.#token
    this.#token = null
    if (token !== null) this.say((out, wire) => wire.encodeKeepaliveAck(out, token))
    if (this.#owes > 0) this.say((out, wire) => wire.encodeAck(out, this.#marks(), BOUNDLESS))
    this.#owes = 0
  }

  #marks(): Marks[] {
    return this.#received.map((received) => ({ received, processed: received }))
  }

  #turn(standing: Standing): void {
    if (this.standing === 'over') return
    this.standing = standing
    if (standing === 'over') this.#owner.over(this)
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  // What the wire tells.

  offer(peer: Identity, offer: SessionOffer): void {
    this.peer = peer
    this.offered = offer
    // What is said about the session comes after the proof.
    this.#flush()
    this.#turn('asked')
    this.#owner.asked(this)
  }

  opened(peer: Identity, answer: SessionAnswer): void {
    this.peer = peer
    this.answered = answer
    this.#turn('promised')
  }

  yielded(_peer: Identity | null, epoch: number): void {
    this.#turn('refused')
    this.#owner.refused(this, epoch)
  }

  rejected(_peer: Identity | null, code: InkwireErrorCode): void {
    this.#turn('refused')
    this.#owner.refused(this, code)
  }

  confirmed(): void {}

  batch(): number {
    return 0
  }

  admit(): boolean {
    return true
  }

  message(message: InboundMessage): void {
    this.#received[message.lane] = message.seq
    this.#owes++
    this.#owner.heard(this, message)
  }

  marks(): void {}

  credit(): void {}

  keepalive(token: number): void {
    this.#token = token
  }

  verdicts(): void {}

  keepaliveAck(): void {}

  goodbye(): void {}

  fault(): void {
    this.#turn('refused')
  }
}

const HEADER: BatchHeader = {
  lane: 0,
  firstSeq: 1,
  count: 1,
  received: 0,
  processed: 0,
  stampMs: 0,
  stampCounter: 0,
  ackNow: false,
}

function whole(message: Partial<OutboundMessage>): OutboundMessage {
  const { front = null, middle = null, data = null } = message
  const [frontBytes, middleBytes] = [front?.length ?? 0, middle?.length ?? 0]
  const bytes = frontBytes + middleBytes + (data?.length ?? 0) + (message.extension?.length ?? 0)
  const given = { type: 1, version: 0, priority: 200, tid: 0, extension: null, settle: null, ...message }
  return { ...given, front, middle, data, bytes, frontBytes, middleBytes }
}
