/** How an example runs: options, a cluster (perhaps a lab), clients of it, and one clear line when there is none. */
import { InkwireError, lossy, Messenger } from 'inkwire'
import { CephError, MonClient, msgr2 } from 'inkwire/ceph'
import { type Lab, missingCeph, startLab } from './lab.ts'
import { UsageError, type ClusterOptions } from './options.ts'

export interface Session {
  readonly messenger: Messenger
  readonly monitors: MonClient
  /** Null when the cluster is not ours. */
  readonly lab: Lab | null
  /** Of a monitor that can be reached. */
  readonly addresses: readonly string[]
  readonly keyring: string | null
  /** Aborts when the user wants to stop. */
  readonly stop: AbortSignal
}

/** Runs `body` with clients of the cluster; all is closed again, and a lab is gone, when it ends or the user stops it. */
export async function withCluster(options: ClusterOptions, body: (session: Session) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  const lab = options.lab === null ? null : await labFor(options.lab)
  const addresses = lab === null ? options.monitors : [lab.monitor]
  const keyring = lab === null ? options.keyring : lab.keyring
  const messenger = new Messenger({
    name: options.name,
    policies: { default: lossy({ keepalive: { intervalMs: 2000, timeoutMs: 6000 } }) },
    wire: msgr2({ ...(keyring !== null && { keyring }), ...(options.modes && { modes: options.modes }) }),
  })
  const monitors = new MonClient(messenger, { monitors: addresses, timeoutMs: options.timeoutMs })
  try {
    await body({ messenger, monitors, lab, addresses, keyring, stop: stop.signal })
  } finally {
    await monitors.close()
    await messenger.shutdown()
    await lab?.stop()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  }
}

async function labFor(options: NonNullable<ClusterOptions['lab']>): Promise<Lab> {
  const missing = missingCeph()
  if (missing !== null) throw new UsageError(`${missing}: without a lab, name a monitor with --mon`)
  return startLab(options)
}

/** Exit code 0; 1 with one line when something failed; 2 for a wrong command line. */
export async function main(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1
    console.error(`${name}: ${lineOf(error)}`)
    if (error instanceof UsageError) console.error('--help shows the options')
  }
}

function lineOf(error: unknown): string {
  if (!(error instanceof InkwireError)) return error instanceof Error ? error.message : String(error)
  if (error instanceof CephError) return error.message
  return error.code === 'INK_TIMEOUT'
    ? `no cluster could be reached: ${error.message}`
    : `${error.code}: ${error.message}`
}
