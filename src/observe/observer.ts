/**
 * What looks into a messenger: it hears its events, looks at its dumps now and then, asks peers how far away they are, and follows
 * its calls. Whoever wants to know asks it: for a snapshot, a sentence, a trace, or text for a scrape.
 *
 * A message costs nothing for it. It ends with its messenger, and keeps no process alive.
 */
import { unref } from '../common/unref.ts'
import { Messenger, type Connection, type MessengerEvent, type WaitOptions } from '../index.ts'
import { Calls, type EndedCall } from './calls.ts'
import { publishCall, publishEvent, publishState } from './channels.ts'
import { debugLine } from './debug-log.ts'
import { Doors } from './doors.ts'
import { Exports } from './exports.ts'
import { Health, type HealthReport, type HealthStatus } from './health.ts'
import { Histogram } from './histogram.ts'
import { layerFamilies } from './layer-metrics.ts'
import { families, histograms, type Family, type HistogramFamily } from './metrics.ts'
import type { ResolvedObserve } from './options.ts'
import { prometheusText } from './prometheus.ts'
import { Roster, connectionOf } from './roster.ts'
import { dataOf, layersOf, processNow, type Snapshot } from './snapshot.ts'
import { Totals } from './totals.ts'
import { detailOf, type PeerTrace } from './trace.ts'
import type { Now, PeerView, Watched } from './watched.ts'
import type { Why } from './why.ts'

type SeamClock = ReturnType<typeof Messenger.seamOf>['clock']

/**
 * What looks into a messenger, made by `observe()`: it answers with a snapshot, a sentence, a trace, or text for a
 * scrape. Ends with its messenger, or `close()`.
 */
export class Observer implements Disposable {
  /** Whom it looks into. */
  readonly messenger: Messenger
  readonly #options: ResolvedObserve
  readonly #clock: SeamClock
  readonly #totals = new Totals()
  readonly #roster: Roster
  readonly #calls: Calls
  readonly #health: Health
  readonly #rtt = new Histogram()
  readonly #exports: Exports
  readonly #ends: (() => void)[] = []
  readonly #fromMs: number
  #timer: unknown = null
  #dueMs = 0
  #nextPingMs = 0
  #loopLagMs = 0
  #life: 'looking' | 'closed' = 'looking'
  readonly #doors: Doors
  /**
   * Resolves when whoever may ask can: the admin socket and the dashboard answer. At once where none was asked for.
   *
   * @throws InkwireError as a rejection: `INK_ADDRESS_IN_USE`, `INK_BIND_FAILED`. Unheard, it is a warning of the process.
   */
  readonly ready: Promise<void>

  /** @internal */
  constructor(messenger: Messenger, options: ResolvedObserve) {
    this.messenger = messenger
    this.#options = options
    this.#clock = Messenger.seamOf(messenger).clock
    // First: it may throw, and then nothing has begun.
    this.#doors = new Doors(this, options)
    this.#fromMs = this.#clock.nowMs()
    this.#roster = new Roster(this, this.#totals, options)
    this.#health = new Health(() => (messenger.toJSON() as { life: string }).life === 'running')
    this.#calls = new Calls(() => this.#clock.nowMs(), this.#callEnded.bind(this))
    const events = messenger.events$.subscribe({
      next: (event) => {
        this.#heard(event)
      },
      complete: () => {
        this.close()
      },
    })
    this.#ends.push(events.unsubscribe.bind(events))
    this.#ends.push(messenger.watchCalls({ began: (call) => this.#calls.began(call) }))
    this.#exports = new Exports(messenger, options, () => this.metrics())
    this.ready = this.#doors.open()
    this.#beat()
  }

  /** Where a browser finds the dashboard, with its token, once `ready` has resolved; '' where there is none. Keep it secret. */
  get dashboardUrl(): string {
    return this.#doors.dashboardUrl
  }

  /** Everything that is known now, as plain data. */
  snapshot(): Snapshot {
    const { connections: _, layers, ...dump } = this.messenger.dump()
    this.#meet()
    const now = this.now()
    const peers = this.#roster.views(now)
    return {
      v: 1,
      ...dump,
      atMs: now.wallMs,
      observedMs: now.nowMs - this.#fromMs,
      everyMs: this.#options.everyMs,
      process: processNow(),
      loopLagMs: this.#loopLagMs,
      health: this.health(),
      peers,
      peersLeftOut: 0,
      counters: Object.fromEntries(this.#roster.counters(peers)),
      events: Object.fromEntries(this.#totals.events),
      rtt: dataOf(this.#rtt),
      calls: this.#calls.all.map(({ times, ...rest }) => ({ ...rest, times: dataOf(times) })),
      callsRunning: { ...this.#calls.running },
      ...layersOf({ layers }),
    }
  }

  /**
   * Why a peer is slow, or that it is not: one sentence, with a cause to switch on.
   *
   * @param peer its name, its address, or the id of a connection (`#7`); those that are over are found, too.
   * @throws InkwireError `INK_BAD_ARGUMENT` when there is none such.
   */
  why(peer: string): Why {
    return this.#find('why()', peer).view(this.now()).why
  }

  /** Everything about one peer. Throws as `why()` does. */
  peer(peer: string): PeerView {
    return this.#find('peer()', peer).view(this.now())
  }

  /** What happened to one peer last, or to all, also to connections that are over. Throws as `why()` does. */
  trace(peer?: string): readonly PeerTrace[] {
    const wanted = peer === undefined ? this.#roster.all : [this.#find('trace()', peer)]
    return wanted.map((watched) => watched.entries())
  }

  /** How far away a peer is now, in ms. Throws as `why()` and `connection.ping()` do. */
  async ping(peer: string, options: WaitOptions = {}): Promise<number> {
    return await this.#find('ping()', peer).ping(options)
  }

  /** Whether this process serves: all of it, and each service that was named. */
  health(): HealthReport {
    return this.#health.report()
  }

  /**
   * Says whether a service of this process serves.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for a name that is none, or the 65th of them.
   */
  setHealth(service: string, status: HealthStatus): void {
    this.#health.set(service, status)
  }

  /** Everything that is measured, as families of samples. */
  metrics(): readonly (Family | HistogramFamily)[] {
    const snapshot = this.snapshot()
    const own = families(snapshot, (peer) => this.#totals.label(peer))
    return [...own, ...layerFamilies(snapshot), ...histograms(snapshot)]
  }

  /** The same as text for a scrape by Prometheus; its type is `PROMETHEUS_TYPE`. */
  prometheus(): string {
    return prometheusText(this.metrics(), { messenger: this.messenger.name })
  }

  /** Looks no more. What it knows stays, as it was. Closing again does nothing. */
  close(): void {
    if (this.#life === 'closed') return
    this.#life = 'closed'
    this.#clock.clearTimer(this.#timer)
    for (const end of this.#ends.splice(0)) end()
    this.#exports.stop()
    this.#doors.close()
  }

  /** As `close()`. */
  [Symbol.dispose](): void {
    this.close()
  }

  // What the roster needs.

  /** @internal */
  now(): Now {
    return { nowMs: this.#clock.nowMs(), wallMs: this.#clock.wallMs(), loopLagMs: this.#loopLagMs }
  }

  /** @internal */
  onState(connection: Connection, watched: Watched, state: string): void {
    if (this.#life === 'closed') return
    this.#note(watched, 'state', state)
    publishState({ messenger: this.messenger, connection, state })
  }

  #find(what: string, peer: string): Watched {
    this.#meet()
    return this.#roster.get(what, peer)
  }

  #heard(event: MessengerEvent): void {
    this.#totals.event(event.type)
    const connection = connectionOf(event)
    const watched = connection === null ? null : this.#roster.watch(connection)
    const detail = detailOf(event)
    if (event.type === 'fault') watched?.fault(this.#clock.nowMs())
    if (event.type === 'waitCycle') watched?.cycle(event.calls)
    if (watched === null) debugLine(this.messenger.name, connection?.peer.name ?? '-', event.type, detail)
    else this.#note(watched, event.type, detail)
    publishEvent(this.messenger, event)
  }

  #note(watched: Watched, what: string, detail: string): void {
    watched.trace.add(this.#clock.wallMs(), what, detail)
    debugLine(this.messenger.name, watched.name, what, detail)
  }

  #callEnded(ended: EndedCall): void {
    const { call, tookMs } = ended
    if (call.side === 'asked') this.#roster.watch(call.connection)?.called(tookMs)
    publishCall(this.messenger, ended)
    this.#exports.ended(ended)
  }

  /** Connections of which no event has told yet: they are dialled. */
  #meet(): void {
    if (this.#life === 'closed') return
    for (const connection of this.messenger.connections) this.#roster.watch(connection)
  }

  #beat(): void {
    const { everyMs, pingMs } = this.#options
    const nowMs = this.#clock.nowMs()
    if (this.#dueMs > 0) this.#loopLagMs = Math.max(0, nowMs - this.#dueMs)
    this.#meet()
    const asks = pingMs > 0 && nowMs >= this.#nextPingMs
    if (asks) this.#nextPingMs = nowMs + pingMs
    for (const watched of this.#roster.living.values()) {
      watched.beat(nowMs)
      if (asks) watched.ask(() => this.#clock.nowMs(), this.#rtt)
    }
    this.#doors.looked()
    this.#dueMs = nowMs + everyMs
    this.#timer = this.#clock.setTimer(this.#beat.bind(this), everyMs)
    // Looking keeps no process alive.
    unref(this.#timer)
  }
}
