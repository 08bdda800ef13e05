/** Where the requests of an object go: the OSD that serves its placement group, once the maps say so and it is up. */
import type { Runtime } from '../index.ts'
import { CephError } from './ceph-error.ts'
import type { NamedPool, OsdMap } from './messages/osd-map.ts'
import { formatPg, type PlacementGroup } from './messages/placement.ts'
import type { MonClient } from './mon-client.ts'
import { placeOf } from './object-hash.ts'
import { pauseMs, rest } from './pauses.ts'
import { Placements } from './placements.ts'
import type { CallOptions } from './waits.ts'

export interface ObjectName {
  readonly pool: string
  readonly namespace: string
  readonly object: string
}

export interface Target {
  readonly address: string
  readonly group: PlacementGroup
  readonly hash: number
  readonly epoch: number
  /** Who serves the group, as text: when it changes, the OSDs have forgotten the request. */
  readonly acting: string
}

const ENOENT = 2

export class Targets {
  readonly #monitors: MonClient
  readonly #runtime: Runtime
  readonly #placements: Placements

  constructor(monitors: MonClient, runtime: Runtime) {
    this.#monitors = monitors
    this.#runtime = runtime
    this.#placements = new Placements(monitors)
  }

  /** Waits for newer maps as long as nobody can be asked. A monitor that is behind is asked again, and counted. */
  async find(name: ObjectName, counted: { setbacks: number }, signal: AbortSignal): Promise<Target> {
    const { pool: poolName, object, namespace } = name
    const { clock, random } = this.#runtime
    const wait = { signal, timeoutMs: Infinity }
    let map = await this.#monitors.osdMap(wait)
    for (;;) {
      const pool = poolNamed(map, poolName) ?? (await this.#poolBy(poolName, wait))
      const { hash, group } = placeOf(pool, object, namespace)
      const placement = await this.#placements.of(map, pool, { hash, group }, object, namespace)
      const { epoch, acting, primary } = placement
      const osd = map.osds.get(primary)
      if (epoch < map.epoch) await rest(clock, pauseMs(counted.setbacks++, random), signal)
      else if (epoch === map.epoch && osd?.up === true && osd.address !== null) {
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
}

function poolNamed(map: OsdMap, name: string): NamedPool | undefined {
  return [...map.pools.values()].find((pool) => pool.name === name)
}
