/** The options of the clients, checked once at the edge, with their defaults and the reasons for them. */
import { InkwireError } from '../common/errors.ts'
import { badOption, describe, numberOption, optionObject, whole, wholeOrInfinity } from '../common/options.ts'
import type { Overrides, Resolved } from '../common/options.ts'
import type { Runtime } from '../index.ts'
import { runtimeOption } from '../messenger/foreign-runtime.ts'

/** What `new MonClient()` takes. */
export interface MonClientOptions {
  /** Addresses of some monitors, such as `v2:10.0.0.1:3300/0`; at least one. The others are learnt from them. */
  readonly monitors: readonly string[]
  /** How long one monitor may take to answer a dial before the next is tried, in ms, 10 to 600,000; default 3,000. */
  readonly huntMs?: number | undefined
  /** How long a call waits for its answer, in ms, 1 or more; default 30,000. Infinity: for ever. */
  readonly timeoutMs?: number | undefined
  /** How many calls of a kind may wait at the same time, 1 to 65,536; default 1,024. */
  readonly pendingMax?: number | undefined
  /** Time and chance; replace them to simulate. Default: Node's. */
  readonly runtime?: Overrides<Runtime> | undefined
}

/** What `new ObjectClient()` takes. */
export interface ObjectClientOptions {
  /** The pool's name. */
  readonly pool: string
  /** Default: none. */
  readonly namespace?: string | undefined
  /** How long a call waits for its answer, in ms, 1 or more; default 30,000. Infinity: for ever. */
  readonly timeoutMs?: number | undefined
  /** How many calls may wait at the same time, 1 to 65,536; default 1,024. */
  readonly pendingMax?: number | undefined
  /** Time and chance; replace them to simulate. Default: Node's. */
  readonly runtime?: Overrides<Runtime> | undefined
}

/** As Ceph's mon_client_hunt_interval. */
const HUNT_MS = 3000
/** Longer than an election of monitors, and than a restarted OSD needs to come up. */
const TIMEOUT_MS = 30_000
/** Each holds its bytes until it is answered. As Ceph's objecter_inflight_ops. */
const PENDING_MAX = 1024

/** Throws INK_BAD_OPTION. */
export function monClientOptions(
  given: MonClientOptions,
): Resolved<Omit<MonClientOptions, 'runtime'>> & { readonly runtime: Runtime } {
  const where = 'new MonClient()'
  const known = ['monitors', 'huntMs', 'timeoutMs', 'pendingMax', 'runtime']
  const { monitors, huntMs } = optionObject(where, given, known) as Partial<MonClientOptions>
  if (!Array.isArray(monitors) || monitors.length === 0 || monitors.some((one) => typeof one !== 'string')) {
    throw badOption(`${where}: monitors must be a list of addresses such as v2:10.0.0.1:3300/0, with at least one`)
  }
  return {
    monitors: [...(monitors as readonly string[])],
    huntMs: numberOption('huntMs', huntMs, whole(10, 600_000), HUNT_MS),
    ...shared(where, given),
  }
}

/** Throws INK_BAD_OPTION. */
export function objectClientOptions(
  given: ObjectClientOptions,
): Resolved<Omit<ObjectClientOptions, 'runtime'>> & { readonly runtime: Runtime } {
  const where = 'new ObjectClient()'
  const known = ['pool', 'namespace', 'timeoutMs', 'pendingMax', 'runtime']
  const { pool, namespace = '' } = optionObject(where, given, known) as Partial<ObjectClientOptions>
  if (typeof pool !== 'string' || pool === '') throw badOption(`${where}: pool must be a name, not ${describe(pool)}`)
  if (typeof namespace !== 'string') throw badOption(`${where}: namespace must be a name, not ${describe(namespace)}`)
  return { pool, namespace, ...shared(where, given) }
}

function shared(
  where: string,
  { timeoutMs, pendingMax, runtime }: Pick<MonClientOptions, 'timeoutMs' | 'pendingMax' | 'runtime'>,
) {
  return {
    timeoutMs: numberOption('timeoutMs', timeoutMs, wholeOrInfinity(1, 2 ** 31 - 1), TIMEOUT_MS),
    pendingMax: numberOption('pendingMax', pendingMax, whole(1, 65_536), PENDING_MAX),
    runtime: runtimeOption(where, runtime),
  }
}

/** A command as the monitors read it. Throws INK_BAD_ARGUMENT. */
export function commandText(command: unknown): string {
  const { prefix } = (typeof command === 'object' && command !== null ? command : {}) as { prefix?: unknown }
  if (typeof prefix === 'string' && prefix !== '') return JSON.stringify(command)
  throw new InkwireError(
    'INK_BAD_ARGUMENT',
    `a command is an object with a prefix, such as { prefix: 'status' }, not ${describe(command)}`,
  )
}
