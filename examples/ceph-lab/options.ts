/** The command line that the examples share: which cluster, as whom, and how long to wait for it. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { LabAuth, LabMode } from './conf.ts'

export interface ClusterOptions {
  /** Addresses of monitors; empty with `lab`. */
  readonly monitors: readonly string[]
  readonly keyring: string | null
  readonly name: string
  readonly timeoutMs: number
  /** Start a cluster, and use that. Null: use one that is there. */
  readonly lab: { readonly auth: LabAuth; readonly mode: LabMode } | null
  /** How links are protected; null: as Ceph prefers. */
  readonly modes: readonly LabMode[] | null
}

/** As `parseArgs` takes them. */
export type OwnOptions = NonNullable<ParseArgsConfig['options']>

/** What the user got wrong; the message is for them. */
export class UsageError extends Error {
  override name = 'UsageError'
}

export const CLUSTER_HELP = `  --mon ADDRESS      a monitor, such as v2:10.0.0.1:3300/0; may be given several times
  --keyring FILE     where the key of --name is; without one, authentication is "none"
  --name NAME        who to be; default client.admin
  --mode MODE        crc or secure; default: as Ceph prefers
  --timeout-ms N     how long to wait for the cluster, 100 to 600000; default 10000
  --lab              start a cluster of one monitor and one OSD on loopback, and use that (with --auth and --mode)
  --auth METHOD      of the lab: none or cephx; default cephx
  --help             this text`

const value = { type: 'string' } as const
const CLUSTER = {
  mon: { type: 'string', multiple: true },
  keyring: value,
  name: value,
  mode: value,
  'timeout-ms': value,
  lab: { type: 'boolean' },
  auth: value,
  help: { type: 'boolean', short: 'h' },
} as const satisfies OwnOptions

/** Null when only help is wanted. `own` are the options of one example. Throws UsageError. */
export function parseCluster(args: readonly string[], own: OwnOptions) {
  const values = parse(args, own)
  if (values['help'] === true) return null
  const text = (name: string): string | undefined => values[name] as string | undefined
  const monitors = (values['mon'] as string[] | undefined) ?? []
  const lab = values['lab'] === true
  if (lab !== (monitors.length === 0)) throw new UsageError('give --mon ADDRESS, or --lab to start a cluster')
  const mode = choice('mode', text('mode'), ['crc', 'secure'])
  const auth = choice('auth', text('auth'), ['none', 'cephx']) ?? 'cephx'
  if (lab && auth === 'none' && mode === 'secure')
    throw new UsageError('--mode secure needs --auth cephx: no key, no cipher')
  const cluster: ClusterOptions = {
    monitors,
    keyring: text('keyring') ?? null,
    name: text('name') ?? 'client.admin',
    timeoutMs: whole('timeout-ms', text('timeout-ms'), 100, 600_000, 10_000),
    lab: lab ? { auth, mode: mode ?? 'crc' } : null,
    modes: mode === undefined ? null : [mode],
  }
  return { cluster, values }
}

function parse(args: readonly string[], own: OwnOptions): Record<string, unknown> {
  try {
    return parseArgs({ args: [...args], options: { ...CLUSTER, ...own } }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function choice<T extends string>(name: string, given: string | undefined, choices: readonly T[]): T | undefined {
  const found = choices.find((one) => one === given)
  if (given !== undefined && found === undefined) {
    throw new UsageError(`--${name} must be ${choices.join(' or ')}, not '${given}'`)
  }
  return found
}

export function whole(name: string, given: string | undefined, min: number, max: number, fallback: number): number {
  if (given === undefined) return fallback
  const number = Number(given)
  if (/^\d+$/.test(given) && number >= min && number <= max) return number
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not '${given}'`)
}
