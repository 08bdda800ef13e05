/**
 * One end of a simulated link, and the circuit that holds two ends together.
 *
 * An end keeps the contract of `Link`. What the network does to a circuit (cut it, silence it, stall it) it does here;
 * which hosts, paths and probabilities there are is the network's business. The ends of a crashed process are deaf: no
 * handler of theirs is called again.
 */
import type { Clock } from '../../messenger/runtime.ts'
import type { Lease, Link, LinkCapabilities, LinkClosed, LinkEnd, LinkHandlers } from '../../transports/transport.ts'
import { UNSENT_GONE } from '../../transports/unsent.ts'
import type { SeededRandom } from './random.ts'
import { SimulatedPipe, type PipeConditions } from './simulated-pipe.ts'

const CAPABILITIES: LinkCapabilities = {
  local: false,
}

/** What a circuit needs to know of the network around it. */
export interface CircuitWorld {
  readonly clock: Clock
  readonly random: SeededRandom
  conditions(from: string, to: string): PipeConditions
  /** False: nothing passes from one host to the other now. */
  passes(from: string, to: string): boolean
  /** @internal */
  latencyMs(from: string, to: string): number
  /** @internal */
  readBytesPerMs(host: string): number
  /** @internal */
  trace(line: string): void
  /** The circuit is over at both ends. */
  ended(circuit: Circuit): void
}

/** Sizes of the buffers of one circuit. */
export interface CircuitBuffers {
  readonly highWaterBytes: number
  readonly kernelBytes: number
  readonly closeTimeoutMs: number
}

/** Two ends, or one and nobody. */
export class Circuit {
  readonly id: number
  readonly world: CircuitWorld
  readonly buffers: CircuitBuffers
  readonly dialler: SimulatedLink
  acceptor: SimulatedLink | null = null
  /** Nothing passes any more, and nobody is told: a cable was pulled, a firewall forgot. */
  silent = false
  stalledUntilMs = 0

  constructor(id: number, world: CircuitWorld, buffers: CircuitBuffers, from: SimulatedPlace, to: SimulatedPlace) {
    this.id = id
    this.world = world
    this.buffers = buffers
    this.dialler = new SimulatedLink(this, from, to, 'dialling')
  }

  /** The other end, once there is one. */
  other(end: SimulatedLink): SimulatedLink | null {
    return end === this.dialler ? this.acceptor : this.dialler
  }

  /** Breaks it: both ends are told that it was reset, each after its own latency. */
  cut(reason = 'the network cut the link'): void {
    for (const end of [this.dialler, this.acceptor]) end?.breakLater(reason)
  }

  /** One end is told that it is broken; the other hears of it when it writes, and until then takes what was on its way. */
  cutAt(host: string, reason = 'the network cut the link'): void {
    for (const end of [this.dialler, this.acceptor]) if (end?.host === host) end.forsakeLater(reason)
  }

  /** Nothing passes for so many ms, then everything does. */
  stall(ms: number): void {
    this.stalledUntilMs = Math.max(this.stalledUntilMs, this.world.clock.nowMs() + ms)
  }

  /** The path changed: whatever can move, moves. */
  pump(): void {
    this.dialler.pipe.pump()
    this.acceptor?.pipe.pump()
  }
}

/** A host and one of its addresses. */
export interface SimulatedPlace {
  readonly host: string
  readonly address: string
}

export class SimulatedLink implements Link {
  readonly capabilities = CAPABILITIES
  handlers!: LinkHandlers
  readonly localAddress: string
  readonly remoteAddress: string
  readonly circuit: Circuit
  readonly host: string
  readonly pipe: SimulatedPipe
  readonly #to: string
  #phase: 'dialling' | 'open' | 'closing' | 'over'
  #blocked = false
  #paused = false
  #deaf = false
  #closeTimer: unknown = null
  /** Sees what the dialler writes before it hears anything: its first flight. */
  onWrite: ((chunk: Uint8Array) => void) | null = null

  constructor(circuit: Circuit, at: SimulatedPlace, to: SimulatedPlace, phase: 'dialling' | 'open') {
    const { world, buffers } = circuit
    this.circuit = circuit
    this.host = at.host
    this.#to = to.host
    this.localAddress = at.address
    this.remoteAddress = to.address
    this.#phase = phase
    this.pipe = new SimulatedPipe(world.clock, world.random, buffers.kernelBytes, {
      conditions: () => world.conditions(this.host, this.#to),
      waitMs: () => this.#waitMs(),
      readBytesPerMs: () => world.readBytesPerMs(this.#to),
      deliver: (bytes, lease) => circuit.other(this)?.receive(bytes, lease),
      drained: () => this.#drained(),
      finished: () => this.#finished(),
      torn: () => circuit.cut(UNSENT_GONE),
    })
  }

  get isOver(): boolean {
    return this.#phase === 'over'
  }

  get bufferedBytes(): number {
    return this.pipe.bufferedBytes
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase === 'closing' || this.#phase === 'over') return false
    for (const chunk of chunks) {
      this.onWrite?.(chunk)
      this.pipe.push(chunk)
    }
    if (this.pipe.bufferedBytes <= this.circuit.buffers.highWaterBytes) return true
    this.#blocked = true
    return false
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.circuit.other(this)?.pipe.pump()
  }

  close(): void {
    if (this.#phase === 'closing' || this.#phase === 'over') return
    if (this.#phase === 'dialling' && this.pipe.pendingBytes === 0) {
      this.end('local', 'The link was closed on this side.')
      return
    }
    this.#phase = 'closing'
    this.#closeTimer = this.circuit.world.clock.setTimer(() => this.reset(), this.circuit.buffers.closeTimeoutMs)
    this.pipe.finish()
  }

  reset(): void {
    if (this.#phase === 'over') return
    this.end('local', 'The link was reset on this side.')
    this.circuit.other(this)?.breakFrom(this.host)
  }

  /** The process is gone: this end neither speaks nor hears. `tells`: its kernel still says so to the other side. */
  die(tells: boolean): void {
    if (this.#phase === 'over') return
    this.#deaf = true
    this.end('failed', 'the process is gone')
    if (!tells) this.circuit.silent = true
    else this.circuit.other(this)?.breakFrom(this.host)
  }

  /** The dial is through. */
  establish(): void {
    if (this.#phase === 'over') return
    if (this.#phase === 'dialling') {
      this.#phase = 'open'
      if (!this.#deaf) this.handlers.opened()
    }
    this.pipe.open(this.circuit.world.clock.nowMs())
  }

  /** Bytes arrive. */
  receive(bytes: Uint8Array, lease: Lease | undefined): void {
    if (this.#phase === 'over') {
      // The dead end answers, if it can: the other side learns that nobody is here.
      this.circuit.other(this)?.breakFrom(this.host)
    } else if (this.#phase === 'open' && !this.#deaf) {
      this.circuit.world.trace(`${this.circuit.id} ${this.host} reads ${bytes.length}`)
      this.handlers.data(bytes, lease)
    }
  }

  /** Something broke the circuit; this end hears of it after its latency. */
  breakLater(reason: string): void {
    const { world } = this.circuit
    world.clock.setTimer(() => this.end('reset', reason), world.latencyMs(this.#to, this.host))
  }

  /** This end is told that the link is broken, and nobody else; what the kernel had taken goes on. */
  forsakeLater(reason: string): void {
    const { world } = this.circuit
    world.clock.setTimer(
      () => {
        if (this.#phase === 'dialling' || this.circuit.other(this)?.isOver !== false) this.end('reset', reason)
        else this.#forsake(reason)
      },
      world.latencyMs(this.#to, this.host),
    )
  }

  #forsake(reason: string): void {
    if (this.#phase === 'over') return
    this.pipe.orphan()
    this.#end(this.#phase === 'closing' ? 'local' : 'reset', reason)
  }

  /** A reset sent by the other host; it is lost when nothing passes. */
  breakFrom(host: string): void {
    const { world, silent } = this.circuit
    if (silent || !world.passes(host, this.host)) return
    this.breakLater('The other side broke the link off.')
  }

  /** The link is over for this side. The first reason counts. */
  end(end: LinkEnd, message: string, cause?: Error): void {
    if (this.#phase === 'over') return
    this.pipe.destroy()
    this.#end(this.#phase === 'closing' ? 'local' : end, message, cause)
  }

  #end(end: LinkEnd, message: string, cause?: Error): void {
    const { world } = this.circuit
    const reason: LinkClosed = { end, message, ...(cause && { cause }) }
    this.#phase = 'over'
    world.clock.clearTimer(this.#closeTimer)
    world.trace(`${this.circuit.id} ${this.host} ends ${reason.end}`)
    const other = this.circuit.other(this)
    if (other?.isOver === true) other.pipe.destroy()
    if (other?.isOver !== false) world.ended(this.circuit)
    if (!this.#deaf) world.clock.later(() => this.#tellClosed(reason))
  }

  #tellClosed(reason: LinkClosed): void {
    if (!this.#deaf) this.handlers.closed(reason)
  }

  /** How long what this end wrote must wait before the other end takes it. */
  #waitMs(): number {
    const { world, silent, stalledUntilMs } = this.circuit
    const other = this.circuit.other(this)
    if (silent || other === null || !world.passes(this.host, this.#to)) return Infinity
    if (other.#paused && other.#phase === 'open') return Infinity
    return Math.max(0, stalledUntilMs - world.clock.nowMs())
  }

  #drained(): void {
    if (!this.#blocked || this.pipe.bufferedBytes > this.circuit.buffers.highWaterBytes >> 1) return
    this.#blocked = false
    this.circuit.world.clock.later(() => {
      if (this.#phase === 'open' && !this.#deaf && !this.#blocked) this.handlers.writable()
    })
  }

  /** The other side has everything, and knows that no more will come. */
  #finished(): void {
    const other = this.circuit.other(this)
    this.end('local', 'The link was closed on this side.')
    if (other !== null && other.#phase === 'open') other.end('remote', 'The other side closed the link.')
  }
}
