/**
 * Requests to OSDs until they are answered: placed, sent, and sent again when the session, the map or the OSD asks for it.
 *
 * A request keeps its tid through all repetitions, so that an OSD that has executed it answers without executing it
 * again. It is sent again when its session was lost, when a newer map gives its group to others, when a block is lifted,
 * and (under a new tid) when the OSD answers EAGAIN or ESTALE. Nobody else ends it but its answer, its deadline or its
 * signal.
 */
import { Subscription } from 'rxjs'
import { InkwireError, asError } from '../common/errors.ts'
import type { Messenger, Runtime } from '../index.ts'
import { FEATURES_SUPPORTED } from '../wire/msgr2/format.ts'
import { CephError } from './ceph-error.ts'
import { cephTime } from './encoding.ts'
import type { ObjectOp } from './messages/object-op.ts'
import { OSD_MAP_FLAG, type NamedPool, type OsdMap } from './messages/osd-map.ts'
import { OSD_FLAG, OsdOp } from './messages/osd-op.ts'
import type { OsdOpReplyBody } from './messages/osd-op-reply.ts'
import { formatPg, type PlacementGroup } from './messages/placement.ts'
import type { MonClient } from './mon-client.ts'
import { placeOf } from './object-hash.ts'
import { OsdSessions } from './osd-sessions.ts'
import { Placements } from './placements.ts'
import { Waits, type CallOptions, type Wait } from './waits.ts'

/** What is to be done with one object. */
export interface ObjectRequest {
  readonly pool: string
  readonly namespace: string
  readonly object: string
  readonly writes: boolean
  readonly ops: readonly ObjectOp[]
  readonly data: Uint8Array
}

interface Target {
  readonly address: string
  readonly group: PlacementGroup
  readonly hash: number
  readonly epoch: number
  /** Who serves the group, as text: when it changes, the OSDs have forgotten the request. */
  readonly acting: string
}

interface Flight {
  readonly request: ObjectRequest
  tid: number
  attempts: number
  target: Target | null
  /** It must be sent to its target, which has not got it or has forgotten it. */
  due: boolean
  /** A placement is under way; another is to follow it. */
  placing: boolean
  again: boolean
  /** Repetitions in a row without an answer that counts. */
  setbacks: number
  /** Ends what the flight waits for by itself. */
  readonly over: AbortController
}

type FlightWait = Wait<Flight, OsdOpReplyBody>

/** Of the whole process: an OSD knows a request by the client's global id and this. */
let tids = 0

const EAGAIN = 11
const ESTALE = 116
const ENOENT = 2
const PAUSE_FIRST_MS = 50
const PAUSE_MAX_MS = 2000
/** As long as librados waits before it calls a request laggy. */
const LAGGY_MS = 10_000

export interface ObjectRequestsOptions {
  readonly runtime: Runtime
  readonly timeoutMs: number
  readonly pendingMax: number
}

export class ObjectRequests {
  readonly #monitors: MonClient
  readonly #runtime: Runtime
  readonly #sessions: OsdSessions
  readonly #placements: Placements
  readonly #flights: Waits<Flight, OsdOpReplyBody>
  /** To the maps and the state of the monitors. */
  readonly #followed = new Subscription()

  constructor(messenger: Messenger, monitors: MonClient, options: ObjectRequestsOptions) {
    this.#monitors = monitors
    this.#runtime = options.runtime
    this.#placements = new Placements(monitors)
    const why = (): string => (monitors.state.name === 'hunting' ? `; no monitor: ${monitors.state.reason}` : '')
    const { timeoutMs, pendingMax: max } = options
    this.#flights = new Waits({ clock: options.runtime.clock, timeoutMs, max, why })
    this.#sessions = new OsdSessions(messenger, options.runtime.clock, {
      replied: (address, tid, reply) => this.#replied(address, tid, reply),
      lost: (address) => this.#later(this.#at(address)),
      refused: (address, error) => {
        for (const wait of this.#at(address)) wait.reject(error)
      },
      unblocked: (address, group) => {
        const name = formatPg(group)
        for (const wait of this.#at(address)) if (formatPg(wait.detail.target!.group) === name) this.#send(wait)
      },
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
    const flight: Flight = {
      ...{ request, tid: ++tids, attempts: 0, target: null, due: true, placing: false, again: false, setbacks: 0 },
      over: new AbortController(),
    }
    try {
      return await this.#flights.add(what, flight, options, (wait) => {
        void this.#place(wait)
        void this.#repeat(wait)
      })
    } finally {
      flight.over.abort()
    }
  }

  close(error: InkwireError): void {
    this.#followed.unsubscribe()
    this.#flights.rejectAll(error)
    this.#sessions.close()
  }

  /**
   * Sends a laggy request again: an OSD drops one that was placed by a map older than its own view of the group, without a
   * word. A request that it has carried out already it knows by its id.
   */
  async #repeat(wait: FlightWait): Promise<void> {
    const flight = wait.detail
    for (;;) {
      await this.#after(flight, LAGGY_MS)
      if (flight.over.signal.aborted) return
      flight.due = true
      void this.#place(wait)
    }
  }

  /** Finds the OSD, and sends if it is another one than before or if the last sending was in vain. */
  async #place(wait: FlightWait): Promise<void> {
    const flight = wait.detail
    flight.again = true
    if (flight.placing) return
    flight.placing = true
    try {
      while (flight.again) {
        flight.again = false
        const before = flight.target
        const target = await this.#find(flight)
        if (flight.over.signal.aborted) return
        flight.target = target
        if (before?.address !== target.address || before.acting !== target.acting) flight.due = true
        if (flight.due) this.#send(wait)
      }
    } catch (thrown) {
      wait.reject(asError(thrown))
    } finally {
      flight.placing = false
    }
  }

  /** Waits for newer maps as long as nobody can be asked. */
  async #find(flight: Flight): Promise<Target> {
    const { request } = flight
    const wait = { signal: flight.over.signal, timeoutMs: Infinity }
    let map = await this.#monitors.osdMap(wait)
    for (;;) {
      const pool = poolNamed(map, request.pool) ?? (await this.#poolBy(request.pool, wait))
      const { hash, group } = placeOf(pool, request.object, request.namespace)
      const placement = await this.#placements.of(map, pool, { hash, group }, request.object, request.namespace)
      const { epoch, acting, primary } = placement
      const osd = map.osds.get(primary)
      if (epoch < map.epoch) await this.#pause(flight)
      else if (epoch === map.epoch && osd?.up === true && osd.address !== null && !isPaused(map, request)) {
        const shard = pool.kind === 'erasure' ? acting.indexOf(primary) : -1
        const sharded = { ...group, shard }
        return { address: osd.address, group: sharded, hash, epoch, acting: `${formatPg(sharded)} ${acting.join()}` }
      }
      map = await this.#monitors.osdMap({ ...wait, epoch: Math.max(epoch, epoch === map.epoch ? epoch + 1 : 0) })
    }
  }

  /** A pool that this map lacks may be younger than the map. */
  async #poolBy(name: string, wait: CallOptions): Promise<NamedPool> {
    const { newest } = await this.#monitors.versions('osdmap', wait)
    const pool = poolNamed(await this.#monitors.osdMap({ ...wait, epoch: newest }), name)
    if (pool === undefined) throw new CephError(ENOENT, `the pool ${name}`, 'there is none of this name')
    return pool
  }

  #send(wait: FlightWait): void {
    const { request, target, tid } = wait.detail
    if (target === null || this.#sessions.blocked(target.address, target.group)) return
    wait.detail.due = false
    const attempt = wait.detail.attempts++
    const kind = request.writes ? OSD_FLAG.WRITE | OSD_FLAG.FULL_TRY : OSD_FLAG.READ
    const flags = OSD_FLAG.ON_DISK | kind | (attempt > 0 ? OSD_FLAG.RETRY : 0)
    const { group, hash, epoch } = target
    const { object, namespace, ops, data } = request
    const time = cephTime(this.#runtime.clock.wallMs())
    const fixed = { position: null, attempt, features: FEATURES_SUPPORTED }
    const body = { group, hash, epoch, flags, time, object, namespace, ops, data, ...fixed }
    try {
      this.#sessions.send(target.address, OsdOp.make(body, { tid }))
    } catch (thrown) {
      wait.reject(asError(thrown))
    }
  }

  #replied(address: string, tid: number, reply: OsdOpReplyBody): void {
    const wait = this.#at(address).find(({ detail }) => detail.tid === tid)
    if (wait === undefined) return
    const flight = wait.detail
    // An answer to an earlier sending: the one that counts is still to come.
    if (reply.attempt >= 0 && reply.attempt !== flight.attempts - 1) return
    if (reply.redirected) {
      const text = `osd redirects ${flight.request.object} to another pool (a cache tier), which is not followed here`
      wait.reject(new InkwireError('INK_INCOMPATIBLE', text))
    } else if (reply.result === -EAGAIN || reply.result === -ESTALE) {
      flight.tid = ++tids
      flight.attempts = 0
      this.#later([wait])
    } else if (reply.result < 0) {
      wait.reject(new CephError(-reply.result, `the object ${flight.request.object} in ${flight.request.pool}`))
    } else wait.resolve(reply)
  }

  /** Sends again after a pause that grows. */
  #later(waits: readonly FlightWait[]): void {
    for (const wait of waits) {
      wait.detail.target = null
      wait.detail.due = true
      void this.#pause(wait.detail).then(() => this.#place(wait))
    }
  }

  /** Sessions with OSDs that are gone end, and requests follow their groups. */
  #mapped(map: OsdMap): void {
    const there = new Set([...map.osds.values()].map(({ up, address }) => (up ? address : null)))
    for (const address of this.#sessions.addresses) if (!there.has(address)) this.#sessions.drop(address)
    this.#placeAll()
  }

  #placeAll(): void {
    for (const wait of this.#flights) void this.#place(wait)
  }

  #at(address: string): FlightWait[] {
    return [...this.#flights].filter(({ detail }) => detail.target?.address === address)
  }

  #pause(flight: Flight): Promise<void> {
    const { random } = this.#runtime
    const most = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** Math.min(flight.setbacks++, 10))
    return this.#after(flight, most * (1 - random.next() / 2))
  }

  /** Waits; less when the request is over. */
  #after(flight: Flight, delayMs: number): Promise<void> {
    const { clock } = this.#runtime
    return new Promise((resolve) => {
      const { signal } = flight.over
      const done = (): void => {
        clock.clearTimer(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = clock.setTimer(done, delayMs)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}

function poolNamed(map: OsdMap, name: string): NamedPool | undefined {
  return [...map.pools.values()].find((pool) => pool.name === name)
}

function isPaused({ flags }: OsdMap, { writes }: ObjectRequest): boolean {
  return (flags & (writes ? OSD_MAP_FLAG.PAUSE_WRITE : OSD_MAP_FLAG.PAUSE_READ)) !== 0
}
