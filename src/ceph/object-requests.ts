/**
 * Requests to OSDs until they are answered: placed, sent, and sent again when the session, the map or the OSD asks for it.
 *
 * A request keeps its tid through all repetitions, so that an OSD that has executed it answers without executing it
 * again. It is sent again when its session was lost, when a newer map gives its group to others, when a block is lifted,
 * and (under a new tid) when the OSD answers EAGAIN or ESTALE. Nobody else ends it but its answer, its deadline or its
 * signal.
 *
 * The requests of one object stand in a line, and none is sent before those ahead of it, however often they are sent: the
 * last of several writes that nobody waited for is the one that stays.
 */
import { InkwireError, asError } from '../common/errors.ts'
import type { Messenger, Runtime } from '../index.ts'
import { rxjs } from '../streams/rxjs.ts'
import { FEATURES_SUPPORTED } from './msgr2/format.ts'
import { CephError } from './ceph-error.ts'
import { cephTime } from './encoding.ts'
import type { ObjectOp } from './messages/object-op.ts'
import { OSD_MAP_FLAG, type OsdMap } from './messages/osd-map.ts'
import { OSD_FLAG, OsdOp } from './messages/osd-op.ts'
import type { OsdOpReplyBody } from './messages/osd-op-reply.ts'
import { formatPg } from './messages/placement.ts'
import type { MonClient } from './mon-client.ts'
import { OsdSessions } from './osd-sessions.ts'
import { pauseMs, rest } from './pauses.ts'
import { Targets, type ObjectName, type Target } from './targets.ts'
import { Waits, type CallOptions, type Wait } from './waits.ts'

/** What is to be done with one object. */
export interface ObjectRequest extends ObjectName {
  readonly writes: boolean
  readonly ops: readonly ObjectOp[]
  readonly data: Uint8Array
}

/** The requests of one object that are not answered yet, in the order in which they were made. */
interface Line {
  readonly name: ObjectName
  readonly waits: Set<FlightWait>
  target: Target | null
  /** The OSD is looked for, or asked again soon: nothing is sent meanwhile. `again`: what was found is old already. */
  phase: 'idle' | 'placing' | 'again' | 'resting'
  /** Repetitions in a row without an answer that counts. */
  setbacks: number
  /** Ends what the line waits for by itself. */
  readonly over: AbortController
}

interface Flight {
  readonly request: ObjectRequest
  readonly line: Line
  tid: number
  attempts: number
  /** It must be sent to its target, which has not got it or has forgotten it. */
  due: boolean
  /** Ends the wait for the time when it counts as laggy. */
  readonly over: AbortController
}

type FlightWait = Wait<Flight, OsdOpReplyBody>

/** Of the whole process: an OSD knows a request by the client's global id, its incarnation and this. */
let tids = 0

/** Ceph takes it for a number that may be negative, and shows it as one. */
const INCARNATIONS = 2 ** 31
const EAGAIN = 11
const ESTALE = 116
/** As long as librados waits before it calls a request laggy. */
const LAGGY_MS = 10_000

export interface ObjectRequestsOptions {
  readonly runtime: Runtime
  readonly timeoutMs: number
  readonly pendingMax: number
}

export class ObjectRequests {
  readonly #runtime: Runtime
  readonly #sessions: OsdSessions
  readonly #targets: Targets
  /** Another run of this program counts its tids from 1, too, and may have the same number. */
  readonly #incarnation: number
  readonly #flights: Waits<Flight, OsdOpReplyBody>
  readonly #lines = new Map<string, Line>()
  #map: OsdMap | null = null
  /** To the maps and the state of the monitors. */
  readonly #followed = new (rxjs().Subscription)()

  constructor(messenger: Messenger, monitors: MonClient, options: ObjectRequestsOptions) {
    const { runtime, timeoutMs, pendingMax: max } = options
    this.#runtime = runtime
    this.#incarnation = Math.floor(runtime.random.next() * INCARNATIONS)
    this.#targets = new Targets(monitors, runtime)
    const why = (): string => (monitors.state.name === 'hunting' ? `; no monitor: ${monitors.state.reason}` : '')
    this.#flights = new Waits({ clock: runtime.clock, timeoutMs, max, why })
    this.#sessions = new OsdSessions(messenger, runtime, {
      replied: (address, tid, reply) => this.#replied(address, tid, reply),
      lost: (address) => due(this.#at(address)),
      refused: (address, error) => {
        for (const wait of this.#at(address)) wait.reject(error)
      },
      unblocked: (address, group) => {
        const name = formatPg(group)
        due(this.#at(address).filter(({ detail }) => formatPg(detail.line.target!.group) === name))
        this.#sendDue(this.#flights)
      },
      freed: () => this.#sendDue(this.#flights),
    })
    // Monitors that are closed already complete at once.
    const closed = new InkwireError('INK_CLOSED', 'the client of the monitors is closed')
    const maps = { next: (map: OsdMap) => this.#mapped(map), complete: () => this.close(closed) }
    this.#followed.add(monitors.osdMap$.subscribe(maps))
    // What was placed by an old map while there was no monitor is looked at again.
    const reopened = monitors.state$.subscribe(({ name }) => {
      if (name === 'open') this.#placeAll()
    })
    this.#followed.add(reopened)
  }

  /** The answer, whose result is not below zero. */
  async run(what: string, request: ObjectRequest, options: CallOptions): Promise<OsdOpReplyBody> {
    const line = this.#lineOf(request)
    const flight: Flight = { request, line, tid: ++tids, attempts: 0, due: true, over: new AbortController() }
    let joined: FlightWait | null = null
    try {
      return await this.#flights.add(what, flight, options, (wait) => {
        joined = wait
        this.#join(wait)
      })
    } finally {
      flight.over.abort()
      this.#leave(line, joined)
    }
  }

  close(error: InkwireError): void {
    this.#followed.unsubscribe()
    this.#flights.rejectAll(error)
    this.#sessions.close()
  }

  #lineOf({ pool, namespace, object }: ObjectName): Line {
    const key = JSON.stringify([pool, namespace, object])
    const known = this.#lines.get(key)
    if (known !== undefined) return known
    const name = { pool, namespace, object }
    const fresh = { target: null, phase: 'idle' as const, setbacks: 0, over: new AbortController() }
    const line: Line = { name, waits: new Set(), ...fresh }
    this.#lines.set(key, line)
    return line
  }

  #join(wait: FlightWait): void {
    const { line } = wait.detail
    line.waits.add(wait)
    if (line.target === null) void this.#place(line)
    else this.#sendDue(line.waits)
    void this.#repeat(wait)
  }

  #leave(line: Line, wait: FlightWait | null): void {
    if (wait !== null) line.waits.delete(wait)
    if (line.waits.size > 0) return
    line.over.abort()
    const { pool, namespace, object } = line.name
    const key = JSON.stringify([pool, namespace, object])
    if (this.#lines.get(key) === line) this.#lines.delete(key)
  }

  /**
   * Sends a laggy request again, and those behind it: an OSD drops what was placed by a map older than its own view of the
   * group, without a word. A request that it has carried out already it knows by its id.
   */
  async #repeat(wait: FlightWait): Promise<void> {
    const { line, over } = wait.detail
    for (;;) {
      await rest(this.#runtime.clock, LAGGY_MS, over.signal)
      if (over.signal.aborted) return
      due([...line.waits].filter(({ id }) => id >= wait.id))
      void this.#place(line)
    }
  }

  /** Finds the OSD, and sends if it is another one than before or if the last sending was in vain. */
  async #place(line: Line): Promise<void> {
    if (line.phase !== 'idle') {
      if (line.phase === 'placing') line.phase = 'again'
      return
    }
    try {
      do {
        line.phase = 'placing'
        const target = await this.#targets.find(line.name, line, line.over.signal)
        if (line.over.signal.aborted) return
        const before = line.target
        line.target = target
        if (before?.address !== target.address || before.acting !== target.acting) due(line.waits)
      } while ((line.phase as Line['phase']) === 'again')
      line.phase = 'idle'
      this.#sendDue(line.waits)
    } catch (thrown) {
      line.phase = 'idle'
      for (const wait of [...line.waits]) wait.reject(asError(thrown))
    }
  }

  /** Sends what is due, in order; where one of a line must wait, so do those behind it. */
  #sendDue(waits: Iterable<FlightWait>): void {
    const held = new Set<Line>()
    for (const wait of [...waits]) {
      const { line, due: isDue } = wait.detail
      if (!isDue || held.has(line) || this.#flights.get(wait.id) === undefined) continue
      if (this.#mayGo(wait.detail)) this.#send(wait, line.target!)
      else held.add(line)
    }
  }

  #mayGo({ line: { phase, target }, request: { writes } }: Flight): boolean {
    if (phase !== 'idle' || target === null || this.#sessions.holds(target.address, target.group)) return false
    const paused = writes ? OSD_MAP_FLAG.PAUSE_WRITE : OSD_MAP_FLAG.PAUSE_READ
    return ((this.#map?.flags ?? 0) & paused) === 0
  }

  #send(wait: FlightWait, { address, group, hash, epoch }: Target): void {
    const flight = wait.detail
    const { object, namespace, ops, data, writes } = flight.request
    flight.due = false
    if (!isIntact(flight.request)) {
      wait.reject(changed(flight))
      return
    }
    const attempt = flight.attempts++
    const kind = writes ? OSD_FLAG.WRITE | OSD_FLAG.FULL_TRY : OSD_FLAG.READ
    const flags = OSD_FLAG.ON_DISK | kind | (attempt > 0 ? OSD_FLAG.RETRY : 0)
    const time = cephTime(this.#runtime.clock.wallMs())
    const fixed = { position: null, attempt, incarnation: this.#incarnation, features: FEATURES_SUPPORTED }
    const body = { group, hash, epoch, flags, time, object, namespace, ops, data, ...fixed }
    try {
      this.#sessions.send(address, { ...OsdOp.make(body), tid: flight.tid })
    } catch (thrown) {
      wait.reject(asError(thrown))
    }
  }

  #replied(address: string, tid: number, reply: OsdOpReplyBody): void {
    const wait = this.#at(address).find(({ detail }) => detail.tid === tid)
    if (wait === undefined) return
    const { request, line, attempts } = wait.detail
    // An answer to an earlier sending: the one that counts is still to come.
    if (reply.attempt >= 0 && reply.attempt !== attempts - 1) return
    if (reply.redirected) {
      const text = `osd redirects ${request.object} to another pool (a cache tier), which is not followed here`
      wait.reject(new InkwireError('INK_INCOMPATIBLE', text))
    } else if (reply.result === -EAGAIN || reply.result === -ESTALE) {
      this.#askAnew(wait)
    } else {
      line.setbacks = 0
      if (reply.result >= 0) wait.resolve(reply)
      else wait.reject(new CephError(-reply.result, `the object ${request.object} in ${request.pool}`))
    }
  }

  /** Under a new tid, after a pause that grows. What was not sent yet waits behind it. */
  #askAnew(wait: FlightWait): void {
    const flight = wait.detail
    const { line } = flight
    flight.tid = ++tids
    flight.attempts = 0
    flight.due = true
    if (line.phase !== 'idle') return
    line.phase = 'resting'
    void rest(this.#runtime.clock, pauseMs(line.setbacks++, this.#runtime.random), line.over.signal).then(() => {
      line.phase = 'idle'
      void this.#place(line)
    })
  }

  /** Sessions with OSDs that are gone end, and requests follow their groups. */
  #mapped(map: OsdMap): void {
    this.#map = map
    const there = new Set([...map.osds.values()].map(({ up, address }) => (up ? address : null)))
    for (const address of this.#sessions.addresses) if (!there.has(address)) this.#sessions.drop(address)
    this.#placeAll()
  }

  #placeAll(): void {
    for (const line of [...this.#lines.values()]) void this.#place(line)
  }

  #at(address: string): FlightWait[] {
    return [...this.#flights].filter(({ detail }) => detail.line.target?.address === address)
  }
}

/** The steps say how long their data is, and it may be sent long after it was given, and more than once. */
function isIntact({ ops, data }: ObjectRequest): boolean {
  return data.byteLength === ops.reduce((sum, { dataBytes }) => sum + dataBytes, 0)
}

function changed({ request: { object, pool }, attempts }: Flight): InkwireError {
  const what = 'has another length by now: leave its bytes alone until it is answered, or send a copy'
  return new InkwireError('INK_MESSAGE_CHANGED', `what was to be written to ${object} in ${pool} ${what}`, {
    outcome: attempts === 0 ? 'undelivered' : 'unknown',
  })
}

function due(waits: Iterable<FlightWait>): void {
  for (const wait of waits) wait.detail.due = true
}
