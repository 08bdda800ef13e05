/** The options of `observe()`, checked once; every default with its reason. */
import { describe, numberOption, optionObject, whole } from '../common/options.ts'
import { InkwireError, Messenger } from '../index.ts'
import { dashboardPlace } from './dashboard/dashboard-server.ts'
import type { OpenTelemetryApi } from './open-telemetry.ts'
import type { PromRegistry } from './prom-client.ts'

/** Options of `observe()`. */
export interface ObserveOptions {
  /** How often everything is looked at, in ms: rates and ages are as fine as that; 50 to 60,000, default 1000. */
  readonly everyMs?: number | undefined
  /** How often each peer is asked how far away it is, in ms; 100 to 3,600,000, or 0: never. Default 5000. */
  readonly pingMs?: number | undefined
  /** How many connections that are over are kept, with their traces; 0 to 10,000, default 64. */
  readonly endedMax?: number | undefined
  /** How long they are kept, in ms; 0 to 2,147,483,647, default an hour. */
  readonly endedMs?: number | undefined
  /**
   * Where this process answers questions, which only read: `unix:///run/osd.0.asok`, or the path alone. Only its owner may open it.
   * A socket that a dead process left there is taken over. Default: nowhere. See docs/CLI.md.
   */
  readonly admin?: string | undefined
  /** The path of a file with counters that can be read also when this process hangs or is dead. Default: `admin` with `.stat` behind it. */
  readonly stat?: string | undefined
  /**
   * Where a page shows what is going on, to whoever has its token: `http://127.0.0.1:0` takes any free port. Loopback addresses only.
   * `observer.dashboardUrl` has the address with the token. Default: nowhere.
   */
  readonly dashboard?: string | undefined
  /** The token of that page, 16 to 200 of letters, digits, "-" and "_". Default: 192 random bits, anew each time. */
  readonly dashboardToken?: string | undefined
  /**
   * The module `@opentelemetry/api`, as it is imported: metrics and spans go to what is registered there. Default:
   * nowhere.
   */
  readonly openTelemetry?: OpenTelemetryApi | undefined
  /**
   * A registry of `prom-client`: a scrape of it has the metrics of this messenger, too, until the observer is closed.
   * Default: none.
   */
  readonly promClient?: PromRegistry | undefined
}

export interface ResolvedObserve {
  readonly everyMs: number
  readonly pingMs: number
  readonly endedMax: number
  readonly endedMs: number
  readonly admin: string | null
  readonly stat: string | null
  readonly dashboard: { readonly host: string; readonly port: number } | null
  readonly dashboardToken: string | undefined
  readonly openTelemetry: OpenTelemetryApi | null
  readonly promClient: PromRegistry | null
}

const OPTIONS = [
  'everyMs',
  'pingMs',
  'endedMax',
  'endedMs',
  'admin',
  'stat',
  'dashboard',
  'dashboardToken',
  'openTelemetry',
  'promClient',
] as const

export function resolveObserve(messenger: unknown, given: ObserveOptions): ResolvedObserve {
  if (!(messenger instanceof Messenger)) {
    const text = `observe() takes the Messenger to look into, not ${describe(messenger)}: observe(messenger, { … })`
    throw new InkwireError('INK_BAD_ARGUMENT', text)
  }
  optionObject('observe()', given, OPTIONS)
  const { openTelemetry, promClient } = given
  if (openTelemetry !== undefined && !isApi(openTelemetry)) {
    const text = "observe(): openTelemetry is the module, as in import * as api from '@opentelemetry/api'"
    throw new InkwireError('INK_BAD_OPTION', `${text}; it has no metrics, trace, context and propagation`)
  }
  if (promClient !== undefined && !isRegistry(promClient)) {
    const text = "observe(): promClient is a registry, as in import { register } from 'prom-client'"
    throw new InkwireError('INK_BAD_OPTION', `${text}; not ${describe(promClient)}`)
  }
  const admin = pathOption('admin', given.admin)
  return {
    admin,
    dashboard: dashboardOption(given.dashboard),
    dashboardToken: tokenOption(given.dashboardToken),
    stat: pathOption('stat', given.stat) ?? (admin === null ? null : `${admin}.stat`),
    // A person looks once a second; a dump of a thousand connections takes milliseconds.
    everyMs: numberOption('everyMs', given.everyMs, whole(50, 60_000), 1000),
    // Often enough to see a peer stop, and no load.
    pingMs: given.pingMs === 0 ? 0 : numberOption('pingMs', given.pingMs, whole(100, 3_600_000), 5000),
    // Some hundred KiB of traces, at most.
    endedMax: numberOption('endedMax', given.endedMax, whole(0, 10_000), 64),
    endedMs: numberOption('endedMs', given.endedMs, whole(0, 2 ** 31 - 1), 3_600_000),
    openTelemetry: openTelemetry ?? null,
    promClient: promClient ?? null,
  }
}

function dashboardOption(given: unknown): ResolvedObserve['dashboard'] {
  if (given === undefined) return null
  const place = typeof given === 'string' ? dashboardPlace(given) : null
  if (place !== null) return place
  const text =
    'dashboard is a loopback address such as http://127.0.0.1:0: whoever is elsewhere comes by a tunnel or a proxy'
  throw new InkwireError('INK_BAD_OPTION', `${text}; not ${describe(given)}`)
}

function tokenOption(given: unknown): string | undefined {
  if (given === undefined || (typeof given === 'string' && /^[\w-]{16,200}$/.test(given))) return given
  throw new InkwireError('INK_BAD_OPTION', 'dashboardToken is 16 to 200 of letters, digits, "-" and "_"')
}

/** Longer paths of sockets are cut by the kernel, in silence. */
const PATH_BYTES_MAX = 100

function pathOption(name: string, given: unknown): string | null {
  if (given === undefined) return null
  const path = typeof given === 'string' ? given.replace(/^unix:\/\//, '') : ''
  if (
    path === '' ||
    path.includes('\0') ||
    /^[a-z]+:/.test(path) ||
    new TextEncoder().encode(path).length > PATH_BYTES_MAX
  ) {
    const text = `${name} is a path such as unix:///run/osd.0.asok, of at most ${PATH_BYTES_MAX} bytes, not ${describe(given)}`
    throw new InkwireError('INK_BAD_OPTION', text)
  }
  return path
}

function isApi(given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return false
  return ['metrics', 'trace', 'context', 'propagation'].every((part) => part in given)
}

function isRegistry(given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return false
  const { registerMetric, removeSingleMetric } = given as Record<string, unknown>
  return typeof registerMetric === 'function' && typeof removeSingleMetric === 'function'
}
