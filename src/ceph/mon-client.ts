/**
 * A client of a cluster's monitors: commands, maps, and a session with whichever monitor answers.
 *
 * When the monitor is lost (a restart, a cut link), the next one is dialled; the messenger authenticates anew; maps are
 * subscribed to from the epoch that is known; and calls without an answer are asked again, unless their options say
 * otherwise. So a command may be executed twice. What the monitor sends that does not decode ends the session with it.
 * Limits: `pendingMax` calls of each kind; every call has a deadline.
 *
 * @example
 * const messenger = new Messenger({ name: 'client.admin', policies: { default: lossy() }, wire: msgr2({ keyring }) })
 * const monitors = new MonClient(messenger, { monitors: ['v2:10.0.0.1:3300/0'] })
 * const { output } = await monitors.command({ prefix: 'status' })
 */
import { hostname } from 'node:os'
import type { Observable, Subject } from 'rxjs'
import { asError, InkwireError } from '../common/errors.ts'
import { onlyKnown } from '../common/options.ts'
import type { Message, Messenger, MessageInit } from '../index.ts'
import { rxjs } from '../streams/rxjs.ts'
import { CephError } from './ceph-error.ts'
import { Config } from './messages/config.ts'
import { MonCommand, MonCommandAck } from './messages/mon-command.ts'
import { MonMapMessage, readMonMap, type MonMap } from './messages/mon-map.ts'
import { MonSubscribe } from './messages/mon-subscribe.ts'
import { MonGetVersion, MonGetVersionReply, type MonVersions } from './messages/mon-version.ts'
import { OsdMapMessage } from './messages/osd-map-message.ts'
import type { OsdMap } from './messages/osd-map.ts'
import { MonHunter } from './mon-hunter.ts'
import { MonMaps } from './mon-maps.ts'
import { monClientOptions, commandText, type MonClientOptions } from './options.ts'
import { CALL_OPTIONS, Waits, type CallOptions } from './waits.ts'

/** Where a client stands. */
export type MonClientState =
  /** Looking for a monitor; why there is none, once that is known. */
  | { readonly name: 'hunting'; readonly reason: string }
  /** In a session with the monitor at `monitor`. */
  | { readonly name: 'open'; readonly monitor: string }
  /** Over: closed by its owner (null), or refused for good. */
  | { readonly name: 'closed'; readonly error: InkwireError | null }

/** Options of `command()`. */
export interface CommandOptions extends CallOptions {
  /** What some commands read, such as a keyring to import. Default: nothing. */
  readonly input?: Uint8Array | string | undefined
  /** `repeat` (the default): ask the next monitor when this one is lost. `reject`: INK_RESET, whether it ran or not. */
  readonly onLost?: 'repeat' | 'reject' | undefined
}

/** What a command printed. */
export interface CommandResult {
  readonly output: Uint8Array
  readonly status: string
}

interface Asked {
  readonly init: (tid: number) => MessageInit
  readonly repeat: boolean
  /** In a session that has not ended. */
  sent: boolean
}

/**
 * A client of a cluster's monitors: it finds one that answers, keeps its maps, and asks commands. Ends with
 * `close()`, or `await using`.
 */
export class MonClient implements AsyncDisposable {
  /** The state now, and every change; completes after `closed`. Never errors. */
  readonly state$: Observable<MonClientState>
  /** The newest map of monitors, and every newer one. Never errors. */
  readonly monMap$: Observable<MonMap>
  /** The newest map of OSDs, and every newer one, without those in between. Never errors. */
  readonly osdMap$: Observable<OsdMap>
  /** What the monitors configure for this client, whenever they tell. Never errors. */
  readonly config$: Observable<ReadonlyMap<string, string>>
  readonly #hunter: MonHunter
  readonly #maps = new MonMaps()
  readonly #states = new (rxjs().Subject)<MonClientState>()
  readonly #monMaps = new (rxjs().Subject)<MonMap>()
  readonly #osdMaps = new (rxjs().Subject)<OsdMap>()
  readonly #configs = new (rxjs().Subject)<ReadonlyMap<string, string>>()
  readonly #commands: Waits<Asked, CommandResult>
  readonly #versions: Waits<Asked, MonVersions>
  readonly #mapWaits: Waits<() => boolean, void>
  #state: MonClientState

  /**
   * Starts at once. The messenger stays its owner's: shut it down after `close()`.
   *
   * @throws InkwireError `INK_BAD_OPTION`.
   */
  constructor(messenger: Messenger, options: MonClientOptions) {
    const { monitors, huntMs, timeoutMs, pendingMax, runtime } = monClientOptions(options)
    this.#state = { name: 'hunting', reason: `${monitors.join(', ')}: no answer yet` }
    const why = (): string => (this.#state.name === 'hunting' ? `; no monitor: ${this.#state.reason}` : '')
    const limits = { clock: runtime.clock, timeoutMs, max: pendingMax, why }
    this.#commands = new Waits(limits)
    this.#versions = new Waits(limits)
    this.#mapWaits = new Waits(limits)
    this.state$ = newest(this.#states, () => this.#state)
    this.monMap$ = newest(this.#monMaps, () => this.#maps.monMap)
    this.osdMap$ = newest(this.#osdMaps, () => {
      this.#wantOsdMap()
      return this.#maps.osdMap
    })
    this.config$ = this.#configs.asObservable()
    const events = {
      opened: (_connection: unknown, monitor: string) => this.#opened(monitor),
      lost: (reason: string) => this.#lost(reason),
      message: (message: Message) => this.#receive(message),
      failed: (error: InkwireError) => this.#end(error),
    }
    this.#hunter = new MonHunter({ messenger, runtime, events, monitors, huntMs })
    this.#hunter.start()
  }

  /** Whether it has a monitor, and which. */
  get state(): MonClientState {
    return this.#state
  }

  /**
   * Runs a command, as the `ceph` tool does: `{ prefix: 'osd map', pool: 'lab', object: 'x', format: 'json' }`.
   *
   * @throws InkwireError as rejections: {@link CephError} when the monitor answers with an error number; `INK_TIMEOUT`,
   *   `INK_ABORTED`, `INK_CLOSED`, `INK_QUEUE_FULL`; `INK_RESET` with `onLost: 'reject'`; `INK_AUTH_REFUSED` and the like
   *   when this client can never be let in, such as without a key.
   */
  async command(command: object, options: CommandOptions = {}): Promise<CommandResult> {
    onlyKnown('command()', options, [...CALL_OPTIONS, 'input', 'onLost'])
    this.#mustRun()
    const text = commandText(command)
    const input = typeof options.input === 'string' ? new TextEncoder().encode(options.input) : options.input
    const init = (tid: number): MessageInit =>
      MonCommand.make(
        { fsid: this.#maps.monMap?.fsid ?? '', command: [text], input: input ?? new Uint8Array(0) },
        { tid },
      )
    const asked = { init, repeat: options.onLost !== 'reject', sent: false }
    return this.#commands.add(`the command ${text.slice(0, 200)}`, asked, options, () => this.#flush())
  }

  /** The newest and the oldest version of a map (`osdmap`, `monmap`) that the monitors have. Rejects as `command()`. */
  async versions(topic: string, options: CallOptions = {}): Promise<MonVersions> {
    onlyKnown('versions()', options, CALL_OPTIONS)
    this.#mustRun()
    const init = (handle: number): MessageInit => MonGetVersion.make({ handle, topic }, { tid: handle })
    const asked = { init, repeat: true, sent: false }
    return this.#versions.add(`the versions of ${topic}`, asked, options, () => this.#flush())
  }

  /** The map of monitors, once it is known. Rejects as `command()`. */
  async monMap(options: CallOptions = {}): Promise<MonMap> {
    onlyKnown('monMap()', options, CALL_OPTIONS)
    this.#mustRun()
    await this.#until('the map of monitors', () => this.#maps.monMap !== null, options)
    return this.#maps.monMap!
  }

  /** The map of OSDs, once it is known and of `epoch` or later. Rejects as `command()`. */
  async osdMap(options: CallOptions & { readonly epoch?: number } = {}): Promise<OsdMap> {
    onlyKnown('osdMap()', options, [...CALL_OPTIONS, 'epoch'])
    this.#mustRun()
    this.#wantOsdMap()
    const { epoch = 0 } = options
    const what = `the map of OSDs${epoch > 0 ? ` of epoch ${epoch}` : ''}`
    await this.#until(what, () => (this.#maps.osdMap?.epoch ?? -1) >= epoch, options)
    return this.#maps.osdMap!
  }

  /** Ends the session. Calls that wait reject with `INK_CLOSED`. Calling it again does nothing. */
  async close(): Promise<void> {
    this.#hunter.stop()
    this.#end(null)
  }

  /** As `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #until(what: string, holds: () => boolean, options: CallOptions): Promise<void> {
    if (!holds()) await this.#mapWaits.add(what, holds, options)
  }

  #opened(monitor: string): void {
    this.#become({ name: 'open', monitor })
    this.#subscribe()
    this.#flush()
  }

  #lost(reason: string): void {
    for (const wait of [...this.#commands, ...this.#versions]) {
      if (wait.detail.sent && !wait.detail.repeat) {
        wait.reject(new InkwireError('INK_RESET', `the monitor was lost before it answered: ${reason}`))
      }
      wait.detail.sent = false
    }
    this.#become({ name: 'hunting', reason })
  }

  #receive(message: Message): void {
    try {
      this.#take(message)
    } catch (thrown) {
      if (!(thrown instanceof InkwireError)) throw thrown
      this.#hunter.again(thrown.message)
    }
  }

  #take(message: Message): void {
    switch (message.type) {
      case MonMapMessage.type:
        this.#takeMonMap(readMonMap(MonMapMessage.read(message)))
        break
      case OsdMapMessage.type:
        this.#takeOsdMap(message)
        break
      case MonCommandAck.type:
        this.#answer(message)
        break
      case MonGetVersionReply.type: {
        const versions = MonGetVersionReply.read(message)
        this.#versions.get(versions.handle)?.resolve(versions)
        break
      }
      case Config.type:
        this.#configs.next(Config.read(message))
        break
      default:
      // Monitors tell clients more than this one asks for; what it does not know, it does not need.
    }
  }

  #answer(message: Message): void {
    const wait = this.#commands.get(message.tid)
    const { result, status, output } = MonCommandAck.read(message)
    if (result >= 0) wait?.resolve({ output, status })
    else wait?.reject(new CephError(-result, 'the monitor refused the command', status))
  }

  #takeMonMap(map: MonMap): void {
    if (!this.#maps.takeMonMap(map)) return
    this.#hunter.learn(map.monitors.flatMap(({ address }) => address ?? []))
    this.#flush()
    this.#settleMaps()
    this.#monMaps.next(map)
  }

  #takeOsdMap(message: Message): void {
    const news = this.#maps.takeOsdMap(OsdMapMessage.read(message))
    if (news === 'gap') this.#subscribe(true)
    if (news !== 'newer') return
    this.#settleMaps()
    this.#osdMaps.next(this.#maps.osdMap!)
  }

  #settleMaps(): void {
    for (const wait of this.#mapWaits) if (wait.detail()) wait.resolve()
  }

  #wantOsdMap(): void {
    if (this.#maps.wantsOsdMap) return
    this.#maps.wantsOsdMap = true
    this.#subscribe()
  }

  #subscribe(whole = false): void {
    this.#send(MonSubscribe.make({ topics: this.#maps.topics(whole), hostname: hostname() }))
  }

  /** Asks what is not asked yet. Before the first map nobody knows which cluster this is. */
  #flush(): void {
    if (this.#hunter.connection === null || this.#maps.monMap === null) return
    for (const wait of [...this.#commands, ...this.#versions]) {
      if (wait.detail.sent) continue
      try {
        wait.detail.sent = this.#send(wait.detail.init(wait.id))
      } catch (thrown) {
        // Too large, or the queue is full: that is this call's business and no other's.
        wait.reject(asError(thrown))
      }
    }
  }

  /** False when there is no session: the next one begins with what is missing. */
  #send(init: MessageInit): boolean {
    const { connection } = this.#hunter
    if (connection === null || connection.state === 'closed') return false
    connection.send(init)
    return true
  }

  #become(state: MonClientState): void {
    this.#state = state
    this.#states.next(state)
  }

  #end(error: InkwireError | null): void {
    if (this.#state.name === 'closed') return
    this.#become({ name: 'closed', error })
    const reason = error ?? this.#closedError()
    for (const waits of [this.#commands, this.#versions, this.#mapWaits]) waits.rejectAll(reason)
    for (const subject of [this.#states, this.#monMaps, this.#osdMaps, this.#configs]) subject.complete()
  }

  #mustRun(): void {
    if (this.#state.name === 'closed') throw this.#state.error ?? this.#closedError()
  }

  #closedError(): InkwireError {
    return new InkwireError('INK_CLOSED', 'the client of the monitors is closed')
  }
}

/** What is there now (null: nothing yet), and then what comes. */
function newest<T>(news: Subject<T>, now: () => T | null): Observable<T> {
  return new (rxjs().Observable)<T>((subscriber) => {
    const first = now()
    if (first !== null) subscriber.next(first)
    return news.subscribe(subscriber)
  })
}
