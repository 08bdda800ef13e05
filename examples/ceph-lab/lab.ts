/**
 * A real Ceph on loopback: one monitor, one OSD with its store in memory, a pool `lab`. Up in about a second.
 *
 * Its daemons are children of this process and end with it; everything lies in a folder of its own, which goes with it.
 * What the `ceph` tool would do to set it up, `MonClient` does.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { lossy, Messenger } from 'inkwire'
import { MonClient, msgr2, type OsdMap } from 'inkwire/ceph'
import { cephConf, keyring, type LabAuth, type LabMode, type LabPlan } from './conf.ts'

const run = promisify(execFile)
const NEEDED = ['ceph-mon', 'ceph-osd', 'monmaptool']
const STEP_MS = 60_000
const PLACEMENT_GROUPS = 8

/** One line why there can be no lab here, or not with these tools; null when there can. */
export function missingCeph(...tools: readonly string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).concat('/usr/bin', '/usr/sbin')
  const missing = [...NEEDED, ...tools].filter((name) => !folders.some((folder) => existsSync(join(folder, name))))
  return missing.length === 0 ? null : `Ceph is not installed here (${missing.join(', ')})`
}

export interface LabOptions {
  readonly auth: LabAuth
  /** `secure` needs `cephx`. */
  readonly mode: LabMode
  /** Every this many reads and writes of a socket, the OSD cuts it; 0 (the default): never. */
  readonly cutEvery?: number
  readonly conf?: LabPlan['conf']
}

export type Daemon = 'mon' | 'osd'

export class Lab {
  /** `v2:127.0.0.1:<port>/0`. */
  readonly monitor: string
  /** Path of the keys; null without cephx. */
  readonly keyring: string | null
  readonly folder: string
  readonly #daemons = new Map<Daemon, ChildProcess>()
  readonly #onExit = (): void => this.#killAll()

  /** Made by {@link startLab}. */
  constructor(folder: string, port: number, auth: LabAuth) {
    this.folder = folder
    this.monitor = `v2:127.0.0.1:${port}/0`
    this.keyring = auth === 'none' ? null : join(folder, 'keyring')
    process.on('exit', this.#onExit)
  }

  /** The configuration file, for Ceph's own tools. */
  get conf(): string {
    return join(this.folder, 'ceph.conf')
  }

  /** Runs a tool of Ceph's, such as `rados` or `ceph`, and gives what it printed. */
  async run(tool: string, ...args: readonly string[]): Promise<string> {
    return (await run(tool, ['-c', this.conf, ...args], { timeout: STEP_MS, encoding: 'latin1' })).stdout
  }

  /** Starts a daemon, or starts it again. It is reachable soon after. */
  start(daemon: Daemon): void {
    const log = openSync(join(this.folder, `${daemon}.out`), 'a')
    const args = ['-c', this.conf, '-i', daemon === 'mon' ? 'a' : '0', '-f']
    const child = spawn(`ceph-${daemon}`, args, { stdio: ['ignore', log, log], env: this.#environment })
    closeSync(log)
    child.on('error', () => {})
    this.#daemons.set(daemon, child)
  }

  /** SIGKILL: it says goodbye to nobody, and what an OSD kept in memory is gone. After SIGTERM it is there again. */
  async kill(daemon: Daemon, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#daemons.get(daemon)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  /** Ends the daemons and removes the folder. */
  async stop(): Promise<void> {
    await Promise.all([this.kill('osd'), this.kill('mon')])
    process.off('exit', this.#onExit)
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Runs a step of the setup, which must not talk to another cluster that is configured on this machine. */
  async step(tool: string, ...args: readonly string[]): Promise<void> {
    await run(tool, args, { timeout: STEP_MS, env: this.#environment })
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, CEPH_CONF: this.conf }
  }

  #killAll(): void {
    for (const child of this.#daemons.values()) child.kill('SIGKILL')
  }
}

/** Starts a cluster, and resolves when its pool takes objects. Rejects, with nothing left behind, when it does not come up. */
export async function startLab({ auth, mode, cutEvery = 0, conf = {} }: LabOptions): Promise<Lab> {
  // A short path: a daemon whose admin socket has one above 107 bytes answers no command.
  const folder = mkdtempSync(join(tmpdir(), 'inkwire-lab-'))
  const port = await freePort()
  const lab = new Lab(folder, port, auth)
  try {
    const fsid = randomUUID()
    writeFileSync(lab.conf, cephConf({ folder, fsid, port, auth, mode, cutEvery, conf }))
    writeFileSync(join(folder, 'keyring'), keyring())
    for (const name of ['mon', 'osd']) mkdirSync(join(folder, name))
    const map = join(folder, 'monmap')
    await lab.step(
      'monmaptool',
      ...['--create', '--fsid', fsid, '--enable-all-features', '--addv', 'a'],
      `[${lab.monitor}]`,
      map,
    )
    const keys = auth === 'none' ? [] : ['--keyring', join(folder, 'keyring')]
    await lab.step('ceph-mon', '-c', lab.conf, '-i', 'a', '--mkfs', '--monmap', map, ...keys)
    lab.start('mon')
    await setUp(lab)
    return lab
  } catch (thrown) {
    await lab.stop()
    throw thrown
  }
}

/** The OSD is formatted and started as soon as the monitors know of it; then the pool is made. */
async function setUp(lab: Lab): Promise<void> {
  const messenger = new Messenger({
    name: 'client.admin',
    policies: { default: lossy() },
    wire: msgr2(lab.keyring === null ? {} : { keyring: lab.keyring }),
  })
  const monitors = new MonClient(messenger, { monitors: [lab.monitor], timeoutMs: STEP_MS })
  try {
    const uuid = randomUUID()
    const formatted = lab.step('ceph-osd', '-c', lab.conf, '-i', '0', '--mkfs', '--osd-uuid', uuid)
    formatted.catch(() => {})
    if (lab.keyring !== null) await monitors.command({ prefix: 'auth import' }, { input: readFileSync(lab.keyring) })
    await monitors.command({ prefix: 'osd new', uuid })
    await formatted
    lab.start('osd')
    await monitors.command({ prefix: 'osd pool create', pool: 'lab', pg_num: PLACEMENT_GROUPS })
    await monitors.command({ prefix: 'osd pool application enable', pool: 'lab', app: 'lab' })
    await until(monitors, (map) => map.osds.get(0)?.up === true)
  } finally {
    await monitors.close()
    await messenger.shutdown()
  }
}

async function until(monitors: MonClient, holds: (map: OsdMap) => boolean): Promise<void> {
  let map = await monitors.osdMap()
  while (!holds(map)) map = await monitors.osdMap({ epoch: map.epoch + 1 })
}

/** A port of 127.0.0.1 that nobody listens on, for now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
