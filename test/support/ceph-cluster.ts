/**
 * A real Ceph on loopback, started by a test: one monitor and one OSD with a store in memory, up in a second.
 *
 * Where the packages ceph-mon, ceph-osd, ceph-common and python3-rados are missing, `missingCeph` says so, and the tests
 * that need a cluster skip. Each cluster has a folder of its own, and its processes end with the test, by their pids.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)
const SCRIPTS = new URL('./ceph/', import.meta.url).pathname
const NEEDED = ['ceph-mon', 'ceph-osd', 'ceph-authtool', 'monmaptool']

/** One line why there can be no cluster here; false when there can. */
export const missingCeph: string | false = (() => {
  const folders = (process.env['PATH'] ?? '').split(':').concat('/usr/bin', '/usr/sbin')
  const missing = NEEDED.filter((name) => !folders.some((folder) => existsSync(join(folder, name))))
  return missing.length === 0 ? false : `Ceph is not installed (${missing.join(', ')}): nothing is tried against it`
})()

export interface Cluster {
  /** Of the monitor: `v2:127.0.0.1:<port>/0`. */
  readonly monitor: string
  readonly keyring: string
  readonly folder: string
  /** Output of a command of Ceph's, such as `ceph osd dump` or `rados`. */
  run(command: string, ...args: readonly string[]): Promise<string>
  /** Address of osd.0, with its nonce. */
  osd(): Promise<string>
}

export interface ClusterOptions {
  readonly auth: 'none' | 'cephx'
  readonly mode: 'crc' | 'secure'
  /** More options of Ceph's, such as `auth service ticket ttl`. */
  readonly conf?: Readonly<Record<string, string | number>>
}

export async function startCluster(t: Test, { auth, mode, conf: more = {} }: ClusterOptions): Promise<Cluster> {
  // Not testdir(): a daemon whose admin socket has a path above 107 bytes answers no command.
  const folder = join(mkdtempSync(join(tmpdir(), 'inkwire-ceph-')), 'run')
  const port = await freePort()
  const extra = Object.entries(more).map(([name, value]) => `${name} = ${value}`)
  const variables = { RUN: folder, PORT: `${port}`, AUTH: auth, MODE: mode, MEM: '64Mi', EXTRA: extra.join('\n') }
  const environment = { ...process.env, ...variables }
  t.teardown(async () => {
    await run('bash', [join(SCRIPTS, 'down.sh')], { env: environment })
    rmSync(dirname(folder), { recursive: true, force: true })
  })
  // The daemons inherit no pipe: this ends when the cluster is up.
  await run('bash', [join(SCRIPTS, 'up.sh')], { env: environment })
  const conf = ['-c', join(folder, 'ceph.conf')]
  const command = async (name: string, ...args: readonly string[]): Promise<string> =>
    (await run(name, [...conf, ...args])).stdout
  return {
    monitor: `v2:127.0.0.1:${port}/0`,
    keyring: join(folder, 'keyring'),
    folder,
    run: command,
    async osd() {
      const map = JSON.parse(await command('ceph', 'osd', 'dump', '-f', 'json')) as OsdMap
      const address = map.osds[0]?.public_addrs.addrvec.find(({ type }) => type === 'v2')
      return `v2:${address?.addr ?? ''}/${address?.nonce ?? 0}`
    },
  }
}

interface OsdMap {
  readonly osds: readonly {
    readonly public_addrs: { readonly addrvec: readonly { type: string; addr: string; nonce: number }[] }
  }[]
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
