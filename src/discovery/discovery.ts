/**
 * Discovery of one messenger: several lookups at once, merged; who waits for a name, and who follows it.
 *
 * What a lookup says is never trusted. An address is dialled for the name that it is to have, and the handshake proves that name,
 * or there is no session. A peer with which there is a session is not lost, whatever lookups say: it is lost when that has ended
 * as well.
 */
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { describe, methodsOption } from '../common/options.ts'
import { signalOf } from '../common/signal-option.ts'
import { atOnce } from '../common/user-code.ts'
import { Messenger, type Connection, type Finder, type FindOptions } from '../index.ts'
import { Follows } from './follows.ts'
import { guarded } from './guarded.ts'
import type { Lookup, LookupRun, LookupWorld } from './lookup.ts'
import { Sightings, type Change, type PeerRecord } from './machine/sightings.ts'
import { checkOptions, type DiscoveryOptions } from './options.ts'
import { Watches, type Watching, type WatchTarget } from './watches.ts'

/**
 * Finds peers of a messenger, and announces it, until it is closed.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for what is no messenger; `INK_BAD_OPTION`.
 */
export function discovery(messenger: Messenger, options: DiscoveryOptions): Discovery
/**
 * The same as the option `discovery` of a messenger that is about to be made: `new Messenger({ discovery: discovery({ lookups }) })`
 * finds peers by `messenger.connect({ name })`.
 */
export function discovery(options: DiscoveryOptions): (messenger: Messenger) => Discovery
export function discovery(
  first: Messenger | DiscoveryOptions,
  options?: DiscoveryOptions,
): Discovery | ((messenger: Messenger) => Discovery) {
  if (first instanceof Messenger) return new Discovery(first, options as DiscoveryOptions)
  const isPlan = options === undefined && typeof first === 'object' && (first as unknown) !== null
  if (isPlan && 'lookups' in first) {
    checkOptions(first)
    return (messenger) => new Discovery(messenger, first)
  }
  throw new InkwireError(
    'INK_BAD_ARGUMENT',
    `discovery() takes a Messenger and { lookups: […] }, not ${describe(first)}`,
  )
}

/**
 * Who can be found, by several lookups at once. Made by `discovery()`; ends with its messenger, `close()`, or `await
 * using`.
 */
export class Discovery implements AsyncDisposable, Finder {
  readonly #messenger: Messenger
  readonly #clock: ReturnType<typeof Messenger.seamOf>['clock']
  readonly #sightings: Sightings
  readonly #watches = new Watches()
  readonly #runs: LookupRun[] = []
  readonly #sinceMs: number
  readonly #announces: boolean
  readonly #onFailure: (lookup: string, error: Error) => void
  readonly #follows: Follows
  /** Lost to all lookups, but not to their sessions. */
  readonly #held = new Map<string, PeerRecord>()
  #closed: Promise<void> | null = null

  /** @internal */
  constructor(messenger: Messenger, options: DiscoveryOptions) {
    const { lookups, onFailure, announces, peersMax } = checkOptions(options)
    this.#onFailure = onFailure
    this.#announces = announces
    this.#messenger = messenger
    this.#clock = Messenger.seamOf(messenger).clock
    this.#sinceMs = this.#clock.wallMs()
    this.#sightings = new Sightings(peersMax)
    this.#follows = new Follows(messenger, this.#clock, (name) => this.#sightings.of(name))
    messenger.events$.subscribe({ complete: () => void this.close() })
    try {
      for (const [index, lookup] of lookups.entries()) this.#runs.push(runOf(lookup, this.#world(index, lookup.name)))
    } catch (thrown) {
      // Those before it do not look on for nobody.
      void this.close()
      throw thrown
    }
  }

  /** Peers that are known, without this messenger. */
  get peers(): readonly PeerRecord[] {
    return [...this.#sightings.peers, ...this.#held.values()]
  }

  /**
   * Told of peers of a type, or of one: first of those that are known already. The function that is returned ends it.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for what is no target.
   */
  watch(target: WatchTarget, watching: Watching): () => void {
    return this.#watches.add(target, watching, this.peers)
  }

  /**
   * Connects to a peer by its name, wherever it is: as soon as it is found, and again where it is found later, when its link is lost. The
   * messenger proves that it has that name.
   *
   * @throws InkwireError as `messenger.connect()`; `INK_ABORTED` when the signal fires before the peer is found; `INK_CLOSED`.
   */
  async connect({ signal: given, ...options }: FindOptions): Promise<Connection> {
    const signal = signalOf('connect()', { signal: given })
    return this.#follows.connect(this.#sightings.of(options.name) ?? (await this.#found(options.name, signal)), options)
  }

  /** Looks no more, and takes back what was announced. Connections live on. Never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#stop()
    return this.#closed
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #stop(): Promise<void> {
    this.#watches.close()
    // One that throws at once is one that has stopped.
    await Promise.allSettled(this.#runs.map(async (run) => run.stop()))
  }

  #found(name: string, signal: AbortSignal | undefined): Promise<PeerRecord> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== null) reject(new InkwireError('INK_CLOSED', `connect(): ${name} is not looked for any more`))
      const abort = (): void => {
        end()
        const text = `connect(): ${name} was not found before its signal fired`
        reject(new InkwireError('INK_ABORTED', text, { cause: signal?.reason }))
      }
      const release = onAbort(signal, abort)
      const stop = this.#watches.add(
        { name },
        {
          found: (record) => {
            end()
            resolve(record)
          },
          closed: () => {
            end()
            reject(new InkwireError('INK_CLOSED', `connect(): ${name} was not found before discovery was closed`))
          },
        },
        [],
      )
      const end = (): void => {
        release()
        stop()
      }
      if (signal?.aborted === true) abort()
    })
  }

  #world(index: number, name: string): LookupWorld {
    let isFailing = false
    return {
      messenger: this.#messenger,
      self: () => this.#self(),
      nowMs: () => this.#clock.nowMs(),
      timer: (run, delayMs) => {
        const timer = this.#clock.setTimer(run, delayMs)
        return () => {
          this.#clock.clearTimer(timer)
        }
      },
      seen: (records) => {
        isFailing = false
        if (this.#closed !== null) return
        const others = records.filter((record) => record.name !== this.#messenger.name)
        for (const change of this.#sightings.replace(index, others)) this.#changed(change)
      },
      failed: (error) => {
        if (isFailing) return
        isFailing = true
        guarded('onFailure', () => this.#onFailure(name, error))
      },
    }
  }

  #self(): PeerRecord | null {
    const { name, instance, addresses } = this.#messenger
    if (!this.#announces || this.#closed !== null || addresses.length === 0) return null
    return { name, instance, sinceMs: this.#sinceMs, addresses }
  }

  #changed(change: Change): void {
    const { record } = change
    const { name } = record
    if (change.type === 'lost') {
      const session = this.#session(record)
      if (session === undefined) this.#watches.tell(change)
      else this.#hold(record, session)
      return
    }
    const held = this.#held.get(name)
    this.#held.delete(name)
    if (held === undefined) this.#watches.tell(change)
    else if (held.instance !== record.instance || held.addresses.join() !== record.addresses.join()) {
      this.#watches.tell({ type: 'moved', record })
    }
    this.#follows.found(name)
  }

  #session({ name, instance }: PeerRecord): Connection | undefined {
    return this.#messenger.connections.find(
      ({ peer, state }) => state === 'open' && peer.name === name && (instance === null || peer.instance === instance),
    )
  }

  /** It is there for as long as its session is open. */
  #hold(record: PeerRecord, session: Connection): void {
    this.#held.set(record.name, record)
    const look = session.state$.subscribe((state) => {
      if (state === 'open') return
      // In a turn of its own: whoever hears of it may do anything.
      this.#clock.later(() => {
        look.unsubscribe()
        if (this.#held.get(record.name) !== record) return
        this.#held.delete(record.name)
        this.#changed({ type: 'lost', record })
      })
    })
  }
}

/** What runs now; a promise of it would never be stopped. */
function runOf(lookup: Lookup, world: LookupWorld): LookupRun {
  const run: LookupRun = atOnce(lookup.start(world), `start() of ${lookup.name}`)
  return methodsOption(`discovery(): what start() of ${lookup.name} gives`, run, ['stop'], 'one with stop()')
}
