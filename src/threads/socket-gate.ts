/**
 * One TCP address for several threads: accepts, reads who comes, and hands the socket to the thread that this peer belongs to.
 *
 * A session lives in one thread, and its peer may lose its link at any time; so the same name has to lead to the same thread
 * each time. It is read from the first bytes (wire/native/first-flight.ts), which go along with the socket. Nothing is believed by
 * that: whoever claims another name comes to the thread of that name, and has to prove it there. Who says no name that is known here
 * is sorted by where it comes from.
 *
 * Limits: `strangersMax` connections that have not said who they are, each for `strangerTimeoutMs` and FLIGHT_BYTES_MAX; the
 * oldest makes room. UNTAKEN_MAX sockets on their way to one thread; further ones are closed.
 */
import type { Server } from 'node:net'
import type { MessagePort } from 'node:worker_threads'
import { InkwireError, wordsOf } from '../common/errors.ts'
import { unawaited } from '../common/user-code.ts'
import { describe, describeType, numberOption, optionObject, badOption, whole } from '../common/options.ts'
import { formatAddress, parseAddress } from '../transports/address.ts'
import { nodeNet, nodeThreads } from '../late/modules.ts'
import { mustMoveSockets, type GateWord, type ThreadWord } from '../transports/moving-sockets.ts'
import { acceptFrom, closeServer } from '../transports/socket-listener.ts'
import { boundTo, listenOnPort } from '../transports/tcp-listener.ts'
import { parseTcp } from '../transports/tcp-options.ts'
import type { Address } from '../transports/transport.ts'
import { Strangers, type Known } from './strangers.ts'

/** Options of {@link socketGate}. */
export interface SocketGateOptions {
  /** Where to listen: `tcp://host:port`, or port 0 for any. */
  readonly address: string
  /** How many threads share it, from 1 to 1,024. */
  readonly threads: number
  /**
   * The number of the thread that peers of this name belong to, from 0 on; the same each time. It must not throw: a peer without a
   * thread is closed. Default: a hash of the name.
   */
  readonly threadOf?: ((name: string, threads: number) => number) | undefined
  /** Hears of a connection that no thread got, with a sentence for logs. Left out: nobody does. */
  readonly onMissed?: ((reason: string) => void) | undefined
  /** How many connections the kernel holds until they are accepted, from 1 to 65,535. Default 511. */
  readonly backlog?: number | undefined
  /** How many connections may not have said yet who they are, from 1 to 65,536; the oldest makes room. Default 256. */
  readonly strangersMax?: number | undefined
  /** How long each of them may take for that, in ms, from 1 to 2^31 - 1. Default 10,000. */
  readonly strangerTimeoutMs?: number | undefined
}

/** Listens for several threads; see {@link socketGate}. */
export interface SocketGate {
  /** The address that was really bound, with its port. */
  readonly address: string
  /** The thread that peers of this name belong to. Whoever dials such a peer itself does it from there. */
  threadOf(name: string): number
  /**
   * A door for `tcp({ door })` in this thread: give it in `workerData`, and in `transferList`. Another one for the same number takes
   * the place of the first: for the thread that replaces one that has ended.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for a number that is none; `INK_CLOSED` after `close()`.
   */
  door(thread: number): MessagePort
  /** Stops listening and closes all doors. Sockets that were given away live on. Resolves when the address is free again. */
  close(): Promise<void>
}

/** Sockets that a thread has not taken yet. */
const UNTAKEN_MAX = 511
const OPTIONS = ['address', 'threads', 'threadOf', 'onMissed', 'backlog', 'strangersMax', 'strangerTimeoutMs']

/** What the gate knows of one thread. */
interface Slot {
  readonly port: MessagePort
  listens: boolean
  /** Sockets that it was given and has not taken. */
  untaken: number
}

/**
 * Listens on one TCP address for several threads, each with a messenger of its own that binds this address at its door.
 *
 * @example
 * const gate = await socketGate({ address: 'tcp://0.0.0.0:6800', threads: 4 })
 * for (let thread = 0; thread < 4; thread++) {
 *   const door = gate.door(thread)
 *   new Worker('./osd.js', { workerData: { door }, transferList: [door] })
 * }
 * // there: new Messenger({ name: 'osd.0', transports: [tcp({ door: workerData.door })], policies }).bind('tcp://0.0.0.0:6800')
 *
 * @throws InkwireError `INK_BAD_OPTION`, also on a Node whose sockets stay in their thread; `INK_BAD_ADDRESS`,
 * `INK_ADDRESS_IN_USE` or `INK_BIND_FAILED`.
 */
export async function socketGate(options: SocketGateOptions): Promise<SocketGate> {
  mustMoveSockets('socketGate()')
  const { address, threads, threadOf, onMissed } = optionObject(
    'socketGate()',
    options,
    OPTIONS,
  ) as Partial<SocketGateOptions>
  if (typeof address !== 'string') throw badOption(`socketGate() needs address, got ${describeType(address)}`)
  if (threads === undefined) throw badOption('socketGate() needs threads, the number of those that share the address')
  for (const [name, given] of Object.entries({ threadOf, onMissed }))
    if (given !== undefined && typeof given !== 'function')
      throw badOption(`${name} must be a function, not ${describeType(given)}`)
  const place = parseTcp('tcp', parseAddress(address))
  const server = nodeNet().createServer({ pauseOnConnect: true })
  const gate = new Gate(server, {
    threads: numberOption('threads', threads, whole(1, 1024), 1),
    threadOf: threadOf ?? hashed,
    onMissed: onMissed ?? (() => {}),
    strangersMax: numberOption('strangersMax', options.strangersMax, whole(1, 65_536), 256),
    strangerTimeoutMs: numberOption('strangerTimeoutMs', options.strangerTimeoutMs, whole(1, 2 ** 31 - 1), 10_000),
  })
  const backlog = numberOption('backlog', options.backlog, whole(1, 65_535), 511)
  await listenOnPort(server, backlog, place, { onMissed: gate.missed })
  gate.open()
  return gate
}

interface GateSettings {
  readonly threads: number
  readonly threadOf: (name: string, threads: number) => number
  readonly onMissed: (reason: string) => unknown
  readonly strangersMax: number
  readonly strangerTimeoutMs: number
}

class Gate implements SocketGate {
  readonly #server: Server
  readonly #settings: GateSettings
  readonly #slots = new Map<number, Slot>()
  readonly #strangers: Strangers
  #place: Address | null = null

  constructor(server: Server, settings: GateSettings) {
    this.#server = server
    this.#settings = settings
    this.#strangers = new Strangers(settings, { known: (one) => this.#give(one), missed: this.missed })
  }

  /** It listens. */
  open(): void {
    this.#place = boundTo(this.#server, 'tcp')
    acceptFrom(this.#server, (origin) => this.#strangers.add(origin))
  }

  get address(): string {
    return formatAddress(this.#place!)
  }

  threadOf(name: string): number {
    const { threadOf, threads } = this.#settings
    const thread = threadOf(name, threads)
    if (Number.isInteger(thread) && thread >= 0 && thread < threads) return thread
    unawaited(thread)
    throw new InkwireError('INK_BAD_ARGUMENT', `threadOf() gave ${describe(thread)} for ${name}; there are ${threads}`)
  }

  door(thread: number): MessagePort {
    if (!this.#server.listening) throw new InkwireError('INK_CLOSED', 'this gate is closed')
    if (!Number.isInteger(thread) || thread < 0 || thread >= this.#settings.threads)
      throw new InkwireError(
        'INK_BAD_ARGUMENT',
        `door() takes a thread from 0 to ${this.#settings.threads - 1}, not ${describe(thread)}`,
      )
    const { port1: port, port2 } = new (nodeThreads().MessageChannel)()
    const slot: Slot = { port, listens: false, untaken: 0 }
    this.#slots.get(thread)?.port.close()
    this.#slots.set(thread, slot)
    port.on('message', ({ say }: ThreadWord) => this.#hear(slot, say))
    port.on('close', () => {
      if (this.#slots.get(thread) === slot) this.#slots.delete(thread)
    })
    port.unref()
    return port2
  }

  async close(): Promise<void> {
    this.#strangers.end()
    for (const { port } of this.#slots.values()) port.close()
    await closeServer(this.#server)
  }

  #hear(slot: Slot, say: ThreadWord['say']): void {
    if (say === 'took') {
      slot.untaken--
      return
    }
    slot.listens = say === 'listen'
    tell(slot, say === 'listen' ? { say: 'here', address: this.#place! } : { say: 'left' })
  }

  /** A socket goes to its thread. */
  #give(one: Known): void {
    const { name, from, handle, first } = one
    let thread: number
    try {
      thread = this.threadOf(name ?? from)
    } catch (thrown) {
      one.refuse(`threadOf() failed: ${wordsOf(thrown)}`)
      return
    }
    const slot = this.#slots.get(thread)
    if (slot?.listens !== true) one.refuse(`thread ${thread}, where it belongs, does not listen`)
    else if (slot.untaken >= UNTAKEN_MAX) one.refuse(`thread ${thread} has ${UNTAKEN_MAX} sockets to take already`)
    else {
      slot.untaken++
      tell(slot, { say: 'socket', handle: one.detach(), first }, handle, first.buffer)
    }
  }

  readonly missed = (reason: string): void => {
    try {
      unawaited(this.#settings.onMissed(reason))
    } catch {
      // Whoever only looks on breaks nothing.
    }
  }
}

function tell({ port }: Slot, word: GateWord, ...moved: readonly object[]): void {
  port.postMessage(word, moved as never)
}

/** FNV-1a: the same number in every process and version, so that a restart sorts as before. */
function hashed(name: string, threads: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  return (hash >>> 0) % threads
}
