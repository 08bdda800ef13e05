/**
 * Peers in etcd v3: each announces itself under a key with a lease, and watches those of all others.
 *
 * The key lives as long as its lease, and the lease as long as it is kept alive: whoever dies is gone after `ttlMs`. A watch tells of
 * changes at once; it begins anew, from all that there is, every minute and after each failure, so that nothing is missed for
 * longer than that.
 */
import { asError } from '../common/errors.ts'
import { badOption, numberOption, optionObject, whole } from '../common/options.ts'
import { EtcdClient, type Fetch } from './etcd-client.ts'
import type { Lookup, LookupRun, LookupWorld } from './lookup.ts'
import type { PeerRecord } from './machine/sightings.ts'
import { polling } from './polling.ts'
import { decodeRecord, encodeRecord } from './record.ts'

/** Options of `etcd()`. */
export interface EtcdOptions {
  /** `['http://10.0.0.1:2379', …]`: the next one is asked when one fails. */
  readonly endpoints: readonly string[]
  /** What keys begin with; default `/inkwire/peers/`. Ends with `/`. */
  readonly prefix?: string | undefined
  /** How long a peer counts that does not keep its lease alive, in ms: 3000 to 3,600,000, default 10,000; whole seconds. */
  readonly ttlMs?: number | undefined
  /** With each request, such as `{ authorization: token }`. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** In the place of the platform's `fetch`, which is the default. */
  readonly fetch?: Fetch | undefined
}

/** A watch begins anew after so long. */
const WATCH_MS = 60_000
/** How long a request may take. */
const REQUEST_MS = 5000
const AGAIN_MS = 1000

/**
 * Peers in etcd v3: each announces itself under a key with a lease, and watches those of all others. Throws
 * `INK_BAD_OPTION`.
 */
export function etcd(options: EtcdOptions): Lookup {
  const given = optionObject('etcd()', options, ['endpoints', 'prefix', 'ttlMs', 'headers', 'fetch'])
  const { endpoints, prefix = '/inkwire/peers/', fetch: asked = fetch } = given
  const isList = Array.isArray(endpoints) && endpoints.length > 0
  if (!isList || !endpoints.every((one) => typeof one === 'string' && /^https?:\/\/[^/\s]+$/.test(one))) {
    throw badOption("etcd() takes endpoints such as ['http://10.0.0.1:2379'], without a path")
  }
  if (typeof prefix !== 'string' || !prefix.endsWith('/')) throw badOption('etcd(): prefix ends with /')
  if (typeof asked !== 'function') throw badOption('etcd(): fetch is a function such as that of the platform')
  const ttlMs = numberOption('etcd(): ttlMs', given['ttlMs'], whole(3000, 3_600_000), 10_000)
  const headers = optionObject('etcd(): headers', given['headers'], 'any') as Record<string, string>
  const place = { endpoints: endpoints as string[], headers, fetch: asked as Fetch, timeoutMs: REQUEST_MS }
  return {
    name: 'etcd',
    start: (world) => {
      const [announcing, watching] = [
        announce(new EtcdClient(place), prefix, ttlMs, world),
        watch(new EtcdClient(place), prefix, world),
      ]
      return {
        stop: async () => {
          await Promise.all([announcing.stop(), watching.stop()])
        },
      }
    },
  }
}

function announce(client: EtcdClient, prefix: string, ttlMs: number, world: LookupWorld): LookupRun {
  let lease: string | null = null
  let told = ''
  return polling(
    world,
    ttlMs / 3,
    async (signal) => {
      if (lease !== null && !(await client.keepAlive(lease, signal))) lease = null
      const self = world.self()
      if (self === null) return
      const text = encodeRecord(self)
      if (lease !== null && text === told) return
      lease ??= await client.grant(Math.ceil(ttlMs / 1000), signal)
      await client.put(`${prefix}${self.name}/${self.instance}`, text, lease, signal)
      told = text
    },
    async () => {
      if (lease !== null) await client.revoke(lease, new AbortController().signal)
    },
  )
}

function watch(client: EtcdClient, prefix: string, world: LookupWorld): LookupRun {
  return polling(world, AGAIN_MS, async (stop) => {
    const { all, revision } = await client.list(prefix, stop)
    const records = new Map<string, PeerRecord>()
    const keep = (key: string, value: string): void => {
      const record = decodeRecord(value)
      if (record === null) records.delete(key)
      else records.set(key, record)
    }
    for (const { key, value } of all) keep(key, value)
    world.seen([...records.values()])
    const until = AbortSignal.any([stop, AbortSignal.timeout(WATCH_MS)])
    try {
      for await (const changes of client.watch(prefix, revision + 1, until)) {
        for (const { key, value, isDeleted } of changes) {
          if (isDeleted) records.delete(key)
          else keep(key, value)
        }
        if (!stop.aborted) world.seen([...records.values()])
      }
    } catch (thrown) {
      if (!until.aborted) throw asError(thrown)
    }
  })
}
