/**
 * A TCP proxy on loopback that misbehaves on command, byte by byte, for scenario tests.
 *
 * It forwards what comes, FINs included, to a port of 127.0.0.1. Every control works on the links that are there and on
 * those to come. What it holds back is bounded: beyond 256 KiB per direction it leaves bytes in the kernel.
 *
 * @example
 * const proxy = await startProxy(port)
 * const connection = osd.connect(`tcp://127.0.0.1:${proxy.port}`)
 * proxy.cutAll()
 * await proxy.close()
 */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { holdPort, type HeldPort } from './held-port.ts'

/** Which way bytes go: to the target (from whoever dialled the proxy), or back. */
export type Direction = Way | 'both'
export type Way = 'toTarget' | 'fromTarget'

/** Modes to start with; each can be changed later. */
export interface ProxyOptions {
  readonly delayMs?: number
  readonly dribble?: boolean
  readonly blackhole?: Direction
}

export async function startProxy(targetPort: number, options?: ProxyOptions): Promise<TcpProxy> {
  const proxy = new TcpProxy(targetPort, await holdPort(), options)
  await proxy.accept()
  return proxy
}

interface Modes {
  delayMs: number
  dribble: boolean
  toTarget: 'flows' | 'held'
  fromTarget: 'flows' | 'held'
}

export class TcpProxy {
  /** Where to dial instead of the target. */
  readonly port: number
  /** Links that arrived so far. */
  accepted = 0
  /** Links that were cut so far. */
  cuts = 0
  /** How often bytes went the other way than those before them, the first counted: flights, while there is one link. */
  flights = 0
  /** Where each of the first thousand chunks that passed has ended, in bytes over both directions. */
  readonly ends: number[] = []
  /** Sees what is about to pass, and may change it or say `cutAfter`, but work no other control. Links count from 1. */
  tap: ((bytes: Uint8Array, way: Way, link: number) => void) | undefined
  /** Hears of a cut before either side can: who looks for it later may find that they have dialled again. */
  onCut: (() => void) | undefined
  #passed = 0
  #targetPort: number
  readonly #modes: Modes = { delayMs: 0, dribble: false, toTarget: 'flows', fromTarget: 'flows' }
  readonly #links = new Set<ProxyLink>()
  readonly #held: HeldPort
  #server: Server | undefined
  #bytesUntilCut = Infinity
  #nextCut: (() => number) | undefined
  #bytesUntilFlip = Infinity
  #lastWay: Way | undefined

  constructor(targetPort: number, held: HeldPort, options?: ProxyOptions) {
    this.#targetPort = targetPort
    this.#held = held
    this.port = held.port
    if (options?.delayMs !== undefined) this.delay(options.delayMs)
    if (options?.dribble !== undefined) this.dribble(options.dribble)
    if (options?.blackhole !== undefined) this.blackhole(options.blackhole)
  }

  /** Links that are there now. */
  get links(): number {
    return this.#links.size
  }

  /** Dials that come from now on go to this port: for a target that is told the proxy's address before it binds. */
  retarget(port: number): void {
    this.#targetPort = port
  }

  /** Resets both sides of every link; returns how many there were. */
  cutAll(): number {
    const links = [...this.#links]
    for (const link of links) this.#cut(link)
    return links.length
  }

  /** Cuts the link that carries the n-th byte from now on, counted over both directions, right behind that byte. */
  cutAfter(bytes: number): void {
    this.#bytesUntilCut = bytes
  }

  /** Changes one bit of the n-th byte from now on, counted over both directions, and passes it. */
  flipAfter(bytes: number): void {
    this.#bytesUntilFlip = bytes
  }

  /**
   * Cuts again and again, as `cutAfter` does, after half to one and a half times so many bytes, until the returned function
   * is called. Cuts by bytes, never by time: how many there are must not depend on how fast the machine is.
   */
  cutEvery(bytes: number, seed = 1): () => void {
    const random = mulberry32(seed)
    const draw = (): number => Math.ceil(bytes * (0.5 + random()))
    this.#nextCut = draw
    this.#bytesUntilCut = draw()
    return () => {
      this.#nextCut = undefined
      this.#bytesUntilCut = Infinity
    }
  }

  /** Half-open: bytes, FINs and RSTs are held back in silence, while both sides believe that the link is fine. */
  blackhole(direction: Direction = 'both'): void {
    if (direction !== 'fromTarget') this.#modes.toTarget = 'held'
    if (direction !== 'toTarget') this.#modes.fromTarget = 'held'
    this.#wake()
  }

  /** What was held back flows again, in order. */
  heal(): void {
    this.#modes.toTarget = 'flows'
    this.#modes.fromTarget = 'flows'
    this.#wake()
  }

  /** One byte at a time. */
  dribble(on = true): void {
    this.#modes.dribble = on
  }

  /** Every byte from now on arrives so much later. */
  delay(ms: number): void {
    this.#modes.delayMs = ms
  }

  /** New dials are refused by the kernel until `accept`; links that are there stay. */
  refuse(): void {
    this.#server?.close()
    this.#server = undefined
  }

  /** Listens, on the port that is held all the time. */
  accept(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
      this.#onClient(client)
    })
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.port, '127.0.0.1', resolve)
    })
  }

  /** Stops listening and resets what is left; these do not count as cuts. */
  async close(): Promise<void> {
    this.refuse()
    this.#held.release()
    await Promise.all([...this.#links].map((link) => link.end()))
  }

  #onClient(client: Socket): void {
    const number = ++this.accepted
    const target = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const link: ProxyLink = new ProxyLink(client, target, this.#modes, (bytes, way) =>
      this.#onBytes(link, bytes, way, number),
    )
    this.#links.add(link)
    void link.over.then(() => this.#links.delete(link))
  }

  /** How many of the bytes may still pass. The link is cut behind the last one: nothing passes it in either direction. */
  #onBytes(link: ProxyLink, bytes: Uint8Array, way: Way, number: number): number {
    if (way !== this.#lastWay) this.flights++
    this.#lastWay = way
    this.tap?.(bytes, way, number)
    const passing = Math.min(bytes.length, this.#bytesUntilCut)
    this.#flip(bytes.subarray(0, passing))
    this.#bytesUntilCut -= passing
    this.#passed += passing
    if (this.ends.length < 1000) this.ends.push(this.#passed)
    if (this.#bytesUntilCut > 0) return passing
    this.#bytesUntilCut = this.#nextCut?.() ?? Infinity
    link.stop()
    // The bytes are written when this returns; a reset in the same turn could take them back.
    setImmediate(() => this.#cut(link))
    return passing
  }

  #flip(bytes: Uint8Array): void {
    const index = this.#bytesUntilFlip - 1
    this.#bytesUntilFlip = index < bytes.length ? Infinity : this.#bytesUntilFlip - bytes.length
    if (index < bytes.length) bytes[index]! ^= 1
  }

  #cut(link: ProxyLink): void {
    if (!this.#links.delete(link)) return
    this.cuts++
    this.onCut?.()
    void link.end()
  }

  #wake(): void {
    for (const link of this.#links) link.wake()
  }
}

/** Two sockets and a pump each way. */
class ProxyLink {
  readonly over: Promise<unknown>
  readonly #sockets: readonly Socket[]
  readonly #pumps: readonly Pump[]

  constructor(client: Socket, target: Socket, modes: Modes, pass: (bytes: Uint8Array, way: Way) => number) {
    this.#sockets = [client, target]
    this.#pumps = [
      new Pump(
        client,
        target,
        modes,
        () => modes.toTarget === 'held',
        (bytes) => pass(bytes, 'toTarget'),
      ),
      new Pump(
        target,
        client,
        modes,
        () => modes.fromTarget === 'held',
        (bytes) => pass(bytes, 'fromTarget'),
      ),
    ]
    this.over = Promise.all(this.#sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    for (const socket of this.#sockets) socket.once('error', () => void this.end())
  }

  wake(): void {
    for (const pump of this.#pumps) pump.wake()
  }

  stop(): void {
    for (const pump of this.#pumps) pump.stop()
  }

  end(): Promise<unknown> {
    this.stop()
    for (const socket of this.#sockets) {
      socket.on('error', () => {})
      // libuv refuses to reset while it sends a FIN, and net would then never say 'close'.
      const sendsFin = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished
      if (sendsFin) socket.destroy()
      else if (!socket.destroyed) socket.resetAndDestroy()
    }
    return this.over
  }
}

const HELD_BYTES_MAX = 256 * 1024

/** One direction of a link: a queue with a due time for each chunk, emptied as the modes allow. */
class Pump {
  readonly #from: Socket
  readonly #to: Socket
  readonly #modes: Modes
  readonly #held: () => boolean
  readonly #pass: (bytes: Uint8Array) => number
  #queue: { bytes: Uint8Array; dueMs: number }[] = []
  #queuedBytes = 0
  #fin: { dueMs: number } | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(from: Socket, to: Socket, modes: Modes, held: () => boolean, pass: (bytes: Uint8Array) => number) {
    this.#from = from
    this.#to = to
    this.#modes = modes
    this.#held = held
    this.#pass = pass
    from.on('data', (bytes) => {
      this.#queue.push({ bytes, dueMs: performance.now() + this.#modes.delayMs })
      this.#queuedBytes += bytes.length
      this.#step()
    })
    from.once('end', () => {
      this.#fin = { dueMs: performance.now() + this.#modes.delayMs }
      this.#step()
    })
    to.on('drain', () => this.#step())
    this.wake()
  }

  wake(): void {
    this.#step()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #step(): void {
    clearTimeout(this.#timer)
    while (!this.#stopped && !this.#held() && !this.#to.writableNeedDrain) {
      const head = this.#queue[0]
      const dueMs = head?.dueMs ?? this.#fin?.dueMs
      if (dueMs === undefined) break
      const waitMs = dueMs - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#step(), waitMs)
        break
      }
      if (head === undefined) {
        this.#fin = undefined
        this.#to.end()
        break
      }
      this.#forward(head)
      if (this.#modes.dribble) {
        setImmediate(() => this.#step())
        break
      }
    }
    this.#throttle()
  }

  #forward(head: { bytes: Uint8Array }): void {
    const count = this.#pass(this.#modes.dribble ? head.bytes.subarray(0, 1) : head.bytes)
    this.#to.write(head.bytes.subarray(0, count))
    head.bytes = head.bytes.subarray(count)
    this.#queuedBytes -= count
    if (head.bytes.length === 0) this.#queue.shift()
  }

  /** Held links are not read either, so that the kernel keeps FINs and RSTs to itself. */
  #throttle(): void {
    if (this.#stopped) return
    if (this.#held() || this.#queuedBytes > HELD_BYTES_MAX) this.#from.pause()
    else this.#from.resume()
  }
}

/** A small seeded generator of numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
