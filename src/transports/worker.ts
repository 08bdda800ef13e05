/**
 * The worker transport: `worker://name` between the threads of one process, one messenger in each.
 *
 * Bytes go through memory that two threads share, and no system call is made for them while both are awake. A thread that
 * ends, for whatever reason, takes its links and its names with it.
 */
import type { MessagePort } from 'node:worker_threads'
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { badOption, booleanOption, describe, numberOption, optionObject, whole } from '../common/options.ts'
import { badAddress, formatAddress } from './address.ts'
import { nodeThreads } from '../late/modules.ts'
import type { RingSettings } from './ring-link.ts'
import { ringWatch } from './ring-watch.ts'
import { abortedListen } from './socket-listener.ts'
import { isRingSize, RING_BYTES_MIN } from './ring/ring.ts'
import type { Address, Link, Listener, ListenOptions, Transport } from './transport.ts'
import { vouchFor } from './vouched.ts'
import { refuse, type DoorAnswer, type DoorRequest } from './worker-hub.ts'
import { linkMemory, workerLink } from './worker-link.ts'

/** Options of {@link worker}. */
export interface WorkerOptions {
  /** What `hub.door()` gave; each `worker()` needs one of its own. */
  readonly door: MessagePort
  /** Bytes of shared memory of a link, in each direction; a power of two from 4,096 to 2^26. Default 1,048,576. */
  readonly ringBytes?: number | undefined
  /**
   * `write` answers false when more than this waits for room in the ring, 1 or more; `writable` comes at half of it.
   * Default 1 MiB.
   */
  readonly highWaterBytes?: number | undefined
  /**
   * How long `close` waits for the peer to take the rest and to close too, in ms, 1 or more; then it resets. Default
   * 5,000.
   */
  readonly closeTimeoutMs?: number | undefined
  /** As for `tcp()`, for the rings of a thread. Default true. */
  readonly busyPoll?: boolean | undefined
}

/** The resolved options. */
interface WorkerSettings extends RingSettings {
  readonly ringBytes: number
}

type OnLink = (link: Link) => void

const NO_HUB = 'the thread of the hub has ended, or its door was closed'

const MAX = 2 ** 31 - 1
const OPTIONS = ['door', 'ringBytes', 'highWaterBytes', 'closeTimeoutMs', 'busyPoll'] as const

/**
 * Dials and listens among the threads that have a door to the same hub.
 *
 * @example
 * const hub = workerHub()
 * const door = hub.door()
 * new Worker('./osd.js', { workerData: { door }, transferList: [door] })  // there: worker({ door: workerData.door })
 * const osd = new Messenger({ name: 'client.a', transports: [worker({ door: hub.door() })], policies })
 * @throws InkwireError `INK_BAD_OPTION`.
 */
export function worker(options: WorkerOptions): Transport {
  const { door, settings } = resolve(options)
  const places = new Places(door, settings)
  return vouchFor({
    scheme: 'worker',
    parse,
    listen: (address, onLink, listenOptions) => places.listen(parse(address), onLink, listenOptions),
    dial: (address) => places.dial(parse(address)),
  })
}

interface Place {
  readonly onLink: OnLink
  readonly onMissed: ListenOptions['onMissed']
}

/** What one thread does through its door. */
class Places {
  readonly #door: MessagePort
  readonly #settings: WorkerSettings
  readonly #places = new Map<string, Place>()
  /** What the hub was asked, by number; 'gone' answers all of it when the hub is. */
  readonly #asked = new Map<number, (answer: 'done' | 'taken' | 'gone') => void>()
  #ids = 0
  #hasHub = true

  constructor(door: MessagePort, settings: WorkerSettings) {
    this.#door = door
    this.#settings = settings
    door.on('message', (answer: DoorAnswer) => this.#hear(answer))
    door.on('close', () => this.#lost())
    door.unref()
  }

  dial(address: Address): Link {
    const memory = linkMemory(this.#settings.ringBytes)
    const { port1: port, port2: far } = new (nodeThreads().MessageChannel)()
    const remoteAddress = formatAddress(address)
    const link = workerLink(this.#settings, { port, memory, role: 'dialled', localAddress: '', remoteAddress })
    if (this.#hasHub) this.#tell({ say: 'dial', name: address.host, port: far, memory }, far)
    else refuse(far)
    return link
  }

  async listen(address: Address, onLink: OnLink, options?: ListenOptions): Promise<Listener> {
    const { host: name } = address
    const where = formatAddress(address)
    const answer = await this.#claim(address, options?.signal)
    if (answer === 'gone') throw new InkwireError('INK_BIND_FAILED', `Cannot listen on ${where}: ${NO_HUB}.`)
    if (answer === 'taken')
      throw new InkwireError('INK_ADDRESS_IN_USE', `${where} is taken; choose another name, or close its listener.`)
    const place = { onLink, onMissed: options?.onMissed }
    this.#places.set(name, place)
    this.#keepAlive()
    const close = async (): Promise<void> => {
      if (this.#places.get(name) !== place) return
      this.#places.delete(name)
      this.#keepAlive()
      await this.#ask('leave', name)
    }
    return { address, close }
  }

  /** Asks for a name. Who gives up meanwhile gives the name back once he has it. */
  #claim(address: Address, signal: AbortSignal | undefined): Promise<'done' | 'taken' | 'gone'> {
    if (signal?.aborted) return Promise.reject(abortedListen(address, signal))
    return new Promise((resolve, reject) => {
      let isWanted = true
      const release = onAbort(signal, () => {
        isWanted = false
        reject(abortedListen(address, signal!))
      })
      void this.#ask('listen', address.host).then((answer) => {
        release()
        if (isWanted) resolve(answer)
        else if (answer === 'done') void this.#ask('leave', address.host)
      })
    })
  }

  #ask(say: 'listen' | 'leave', name: string): Promise<'done' | 'taken' | 'gone'> {
    if (!this.#hasHub) return Promise.resolve('gone')
    const id = ++this.#ids
    return new Promise((resolve) => {
      this.#asked.set(id, resolve)
      this.#tell({ say, id, name })
      this.#keepAlive()
    })
  }

  #hear(answer: DoorAnswer): void {
    if (answer.say === 'link') {
      this.#accept(answer)
      return
    }
    const settle = this.#asked.get(answer.id)
    this.#asked.delete(answer.id)
    settle?.(answer.say)
    this.#keepAlive()
  }

  #accept({ name, port, memory }: Extract<DoorAnswer, { say: 'link' }>): void {
    const place = this.#places.get(name)
    if (place === undefined) {
      refuse(port)
      return
    }
    const localAddress = formatAddress({ scheme: 'worker', host: name, port: 0 })
    place.onLink(workerLink(this.#settings, { port, memory, role: 'accepted', localAddress, remoteAddress: '' }))
  }

  /** Who listens, or waits for an answer, keeps its thread alive, as a socket would. */
  #keepAlive(): void {
    if (this.#places.size > 0 || this.#asked.size > 0) this.#door.ref()
    else this.#door.unref()
  }

  #lost(): void {
    this.#hasHub = false
    for (const settle of this.#asked.values()) settle('gone')
    this.#asked.clear()
    for (const { onMissed } of this.#places.values()) onMissed?.(`No link arrives any more: ${NO_HUB}.`)
  }

  #tell(request: DoorRequest, ...moved: MessagePort[]): void {
    this.#door.postMessage(request, moved)
  }
}

function resolve(options: WorkerOptions): { readonly door: MessagePort; readonly settings: WorkerSettings } {
  const { door } = optionObject('worker()', options, OPTIONS) as Partial<WorkerOptions>
  if (!(door instanceof nodeThreads().MessagePort))
    throw badOption(`worker() needs door, from workerHub().door(), got ${describe(door)}`)
  const ringBytes = numberOption('ringBytes', options.ringBytes, whole(RING_BYTES_MIN, 2 ** 26), 1024 * 1024)
  if (!isRingSize(ringBytes)) throw badOption(`ringBytes must be a power of two, got ${ringBytes}`)
  const settings = Object.freeze({
    ringBytes,
    highWaterBytes: numberOption('highWaterBytes', options.highWaterBytes, whole(1, MAX), 1024 * 1024),
    closeTimeoutMs: numberOption('closeTimeoutMs', options.closeTimeoutMs, whole(1, MAX), 5000),
    watch: booleanOption('busyPoll', options.busyPoll, true) ? ringWatch : null,
  })
  return { door, settings }
}

function parse(address: Address): Address {
  const { scheme, host, port } = address
  if (scheme !== 'worker') throw badAddress(`The worker transport serves worker://name, not ${scheme}://.`)
  if (port === 0 && /^[a-z0-9._~-]{1,32}$/i.test(host)) return { scheme, host, port }
  throw badAddress(
    `'${host}' is no name for worker://name; write 1 to 32 letters, digits, dots or dashes, and no port.`,
  )
}
