/**
 * Writes an object to a pool of Ceph over lossy sessions, reads it back and compares; then asks `rados`, Ceph's own tool,
 * for the same bytes.
 *
 *   node .build/examples/ceph-object/main.js --mon v2:10.0.0.1:3300/0 --keyring /etc/ceph/ceph.client.admin.keyring --pool lab
 *   node .build/examples/ceph-object/main.js --lab
 */
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { CephError, ObjectClient } from 'inkwire/ceph'
import { CLUSTER_HELP, parseCluster, whole } from '../ceph-lab/options.ts'
import { main, withCluster, type Session } from '../ceph-lab/program.ts'

const HELP = `Writes an object to a pool of Ceph, reads it back with Inkwire and with rados, and compares.

  node .build/examples/ceph-object/main.js --mon ADDRESS --pool POOL [options]
  node .build/examples/ceph-object/main.js --lab [options]

  --pool POOL        default lab
  --object NAME      default inkwire-example
  --bytes N          how large it is, 0 to 67108864; default 1048576
  --keep             leaves the object there
  --no-rados         does not ask rados
${CLUSTER_HELP}`

interface Plan {
  readonly pool: string
  readonly object: string
  readonly bytes: number
  readonly keep: boolean
  readonly rados: boolean
}

await main('ceph-object', async () => {
  const value = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const own = { pool: value, object: value, bytes: value, keep: flag, 'no-rados': flag }
  const parsed = parseCluster(process.argv.slice(2), own)
  if (parsed === null) {
    console.log(HELP)
    return
  }
  const { cluster, values } = parsed
  const plan: Plan = {
    pool: (values['pool'] as string | undefined) ?? 'lab',
    object: (values['object'] as string | undefined) ?? 'inkwire-example',
    bytes: whole('bytes', values['bytes'] as string | undefined, 0, 64 << 20, 1 << 20),
    keep: values['keep'] === true,
    rados: values['no-rados'] !== true,
  }
  await withCluster(cluster, (session) => writeAndRead(session, plan, cluster.name, cluster.timeoutMs))
})

async function writeAndRead(session: Session, plan: Plan, name: string, timeoutMs: number): Promise<void> {
  const { messenger, monitors, stop } = session
  const { pool, object } = plan
  const objects = new ObjectClient(messenger, monitors, { pool, timeoutMs })
  const options = { signal: stop }
  const bytes = new Uint8Array(randomBytes(plan.bytes))
  await objects.write(object, bytes, options)
  console.log(`wrote ${object} to ${pool}: ${bytes.length} bytes, sha256 ${sha256(bytes)}`)
  try {
    compare('read back', bytes, await objects.read(object, options))
    const stat = await objects.stat(object, options)
    console.log(`stat: ${stat.bytes} bytes, changed ${new Date(stat.modifiedMs).toISOString()}`)
    if (plan.rados) await askRados(session, plan, name, bytes)
  } finally {
    if (!plan.keep && !stop.aborted) await remove(objects, object)
    await objects.close()
  }
}

async function remove(objects: ObjectClient, object: string): Promise<void> {
  await objects.remove(object)
  const left = await objects.stat(object).catch((error: unknown) => error)
  if (!(left instanceof CephError) || left.errorName !== 'ENOENT') throw new Error(`${object} is still there`)
  console.log(`removed ${object}`)
}

/** Ceph's own tool, with nothing but the command line to go by. */
async function askRados({ addresses, keyring }: Session, plan: Plan, name: string, bytes: Uint8Array): Promise<void> {
  // Brackets hold the addresses of one monitor.
  const hosts = addresses.map((address) => (address.startsWith('[') ? address : `[${address}]`)).join(',')
  const cluster = ['-c', '/dev/null', '-m', hosts, '--name', name]
  const auth = keyring === null ? ['--auth-client-required', 'none'] : ['--keyring', keyring]
  const args = [...cluster, ...auth, '-p', plan.pool, 'get', plan.object, '-']
  try {
    const options = { encoding: 'buffer', maxBuffer: 65 << 20, timeout: 30_000 } as const
    const { stdout } = await promisify(execFile)('rados', args, options)
    compare('rados reads', bytes, stdout)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    console.log('rados is not installed: it was not asked')
  }
}

function compare(what: string, wanted: Uint8Array, got: Uint8Array): void {
  if (Buffer.compare(wanted, got) !== 0) {
    throw new Error(`${what} ${got.length} bytes, sha256 ${sha256(got)}: NOT what was written`)
  }
  console.log(`${what} the same ${got.length} bytes`)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
