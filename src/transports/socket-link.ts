/**
 * One stream socket as a Link: a thin coat around net.Socket, whatever family it is of.
 *
 * Receives through `onread` into memory of its own choice (receive-memory.ts), or of its owner's: 1.6 to 2 times as fast as
 * 'data' events, and an idle link owns none. That is safe because a read, its `data` call and the choice of where the next one
 * goes are one synchronous step.
 *
 * A socket is dialling, open or ending. `ending` starts with whatever came first: close(), reset(), the peer's FIN or an
 * error; it fixes the reason, and from then on only `closed` is called, when the socket says 'close'.
 */
import type { Socket, SocketConstructorOpts } from 'node:net'
import { nodeNet } from '../late/modules.ts'
import { clearTimer, endOfTurn, setTimer } from './host.ts'
import { ReceiveMemory } from './receive-memory.ts'
import { listenTo, opened, wasReset, writeAll, type SocketHearer } from './socket-ears.ts'
import type { SocketKind, SocketOptions, SocketOrigin, SocketSettings } from './socket-kind.ts'
import { UNSENT_GONE, UnsentWrites } from './unsent.ts'
import type { Lease, Link, LinkCapabilities, LinkClosed, LinkEnd, LinkHandlers, LinkPeer } from './transport.ts'

export class SocketLink implements Link, SocketHearer {
  handlers!: LinkHandlers
  remoteAddress = ''
  peer: LinkPeer | undefined
  readonly #socket: Socket
  readonly #settings: SocketSettings
  readonly #kind: SocketKind
  readonly #memory = new ReceiveMemory()
  /** Where the owner wants the next bytes; null: they go to `#memory`. */
  #room: Uint8Array | null = null
  readonly #unsent = new UnsentWrites()
  #phase: 'dialling' | 'open' | 'ending' = 'dialling'
  /** write() answered false, and `writable` has not been called since. */
  #blocked = false
  /** What another thread has read before this one had the socket, and its owner has not been given yet. */
  #first: Uint8Array | undefined
  /** The kernel was asked for all the room that this kind of socket can have. */
  #isWide = false
  /** The first bytes may still say that the other end does not believe this one. */
  #isDoubted: boolean
  #closed: LinkClosed | undefined
  #closeTimer: NodeJS.Timeout | undefined

  constructor(settings: SocketSettings, kind: SocketKind, origin: SocketOrigin) {
    this.#settings = settings
    this.#kind = kind
    this.#isDoubted = 'make' in origin && kind.refusedBy !== undefined
    const socket = this.#socketOf(origin)
    this.#socket = socket
    listenTo(socket, this)
    kind.tune(socket)
    if ('make' in origin) {
      socket.on(kind.opens, opened)
      origin.connect(socket)
    } else this.#enterOpen()
    if (this.#first !== undefined) this.#saySoon()
  }

  get capabilities(): LinkCapabilities {
    return this.#kind.capabilities
  }

  /** Empty while it dials and after it has ended. */
  get localAddress(): string {
    return this.#kind.localAddress(this.#socket)
  }

  get bufferedBytes(): number {
    return this.#socket.destroyed ? 0 : this.#socket.writableLength
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase === 'ending') return false
    const socket = this.#socket
    writeAll(socket, chunks, this.#onFlushed)
    const isSent = socket.writableLength === 0
    this.#unsent.add(chunks, isSent)
    if (!isSent && !this.#isWide) this.#widen()
    if (socket.writableLength <= this.#settings.highWaterBytes) return true
    this.#blocked = true
    return false
  }

  pause(): void {
    if (this.#phase !== 'ending') this.#socket.pause()
  }

  resume(): void {
    if (this.#phase === 'ending') return
    this.#socket.resume()
    if (this.#first !== undefined) this.#saySoon()
  }

  close(): void {
    const phase = this.#phase
    if (phase === 'ending') return
    this.#enterEnding('local', 'The link was closed on this side.')
    if (phase === 'open') this.#sayEnd()
    else if (this.#socket.writableLength === 0) {
      this.#socket.destroy()
      return
    }
    this.#startCloseTimer()
  }

  reset(): void {
    this.#enterEnding('local', 'The link was reset on this side.')
    this.#breakOff()
  }

  #widen(): void {
    if (this.#phase !== 'open') return
    this.#isWide = true
    this.#kind.widen?.(this.#socket)
  }

  #socketOf(origin: SocketOrigin): Socket {
    if ('make' in origin) return origin.make(this.#socketOptions())
    if ('handle' in origin) {
      this.#first = origin.first
      return new (nodeNet().Socket)({ ...this.#socketOptions(), handle: origin.handle } as SocketConstructorOpts)
    }
    // A socket that somebody else made cannot have `onread`.
    const { accepted } = origin
    accepted.on('data', (chunk: Buffer) => this.#onData(chunk, undefined))
    accepted.resume()
    return accepted
  }

  #socketOptions(): SocketOptions {
    const memory = this.#memory
    const callback = (count: number): boolean => {
      const room = this.#room
      if (room !== null) this.#onData(room.subarray(0, count), undefined)
      else {
        this.#onData(memory.buffer.subarray(0, count), memory.lease)
        memory.advance(count)
      }
      return true
    }
    const buffer = (): Uint8Array => {
      this.#room = this.#phase === 'open' ? (this.handlers.room?.() ?? null) : null
      return this.#room ?? memory.buffer
    }
    return { allowHalfOpen: false, onread: { buffer, callback } }
  }

  onOpened(): void {
    const doubt = this.#kind.distrusts?.(this.#socket) ?? null
    if (doubt !== null) {
      this.#enterEnding('distrusted', doubt)
      this.#breakOff()
    } else if (this.#phase === 'ending') this.#sayEnd()
    else {
      this.#enterOpen()
      this.handlers.opened()
    }
  }

  /** Only when connected: a socket that tries its next address has forgotten that it was ended. */
  #sayEnd(): void {
    this.#socket.end()
    // Reads on, and drops: unread bytes would make the kernel send a RST, which destroys what the peer has not read yet.
    this.#socket.resume()
  }

  /** In the turn in which the link was made, or went on: what the socket itself reads comes in a later one. */
  #saySoon(): void {
    endOfTurn(() => {
      const first = this.#first
      if (first === undefined || this.#socket.isPaused()) return
      this.#first = undefined
      this.#onData(first, undefined)
    })
  }

  #onData(chunk: Uint8Array, lease: Lease | undefined): void {
    if (this.#phase === 'ending' || (this.#isDoubted && this.#isRefused(chunk))) return
    this.#settings.poller?.found()
    this.handlers.data(chunk, lease)
  }

  #isRefused(first: Uint8Array): boolean {
    this.#isDoubted = false
    const reason = this.#kind.refusedBy?.(first) ?? null
    if (reason === null) return false
    this.#enterEnding('distrusted', reason)
    this.#breakOff()
    return true
  }

  /** One function for all writes: no closure per write. Called when a write was passed on, never inside write(). */
  readonly #onFlushed = (): void => {
    if (!this.#unsent.pass() && this.#phase !== 'ending') {
      this.#enterEnding('failed', UNSENT_GONE)
      this.#breakOff()
    }
    if (!this.#blocked || this.#phase === 'ending') return
    if (this.#socket.writableLength > this.#settings.highWaterBytes >> 1) return
    this.#blocked = false
    this.handlers.writable()
  }

  /** The peer's FIN. net.Socket answers with ours (allowHalfOpen: false), behind what is still buffered. */
  onEnd(): void {
    if (this.#phase === 'ending') return
    if (wasReset(this.#socket)) this.#enterEnding('reset', 'The other side broke the link off.')
    else this.#enterEnding('remote', 'The other side closed the link.')
    this.#startCloseTimer()
  }

  onError(error: Error): void {
    const { end, message } = this.#kind.endOf(error, this.#phase === 'open')
    this.#enterEnding(end, message, error)
  }

  onClose(): void {
    clearTimer(this.#closeTimer)
    this.#memory.close()
    this.#enterEnding('failed', 'The socket closed without giving a reason.')
    this.handlers.closed(this.#closed!)
  }

  /** The peer's address is asked for now: a closed socket does not know it any more, and logs want it then. */
  #enterOpen(): void {
    this.#phase = 'open'
    this.remoteAddress = this.#kind.remoteAddress(this.#socket)
    this.peer = this.#kind.peerOf?.(this.#socket)
  }

  #enterEnding(end: LinkEnd, message: string, cause?: Error): void {
    this.#phase = 'ending'
    this.#closed ??= cause === undefined ? { end, message } : { end, message, cause }
  }

  #startCloseTimer(): void {
    this.#closeTimer = setTimer(() => this.#breakOff(), this.#settings.closeTimeoutMs)
  }

  #breakOff(): void {
    const socket = this.#socket
    // libuv refuses to reset while it sends a FIN, and net would then never say 'close'; while it dials, net would wait.
    const sendsFin = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished
    if (socket.connecting || sendsFin) socket.destroy()
    else if (!socket.destroyed) this.#kind.abort(socket)
  }
}
