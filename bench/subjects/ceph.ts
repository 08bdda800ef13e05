/**
 * Ceph's own C++ messenger, as a listening program and as one that dials and measures: test/support/ceph/ceph-perf.cc.
 *
 * Its library comes with Debian's `ceph-common`; its own benchmark programs do not, so this does their work: see there.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { cephProgram, type CephProgram } from '../../test/support/ceph-program.ts'
import type { Listening, Subject } from '../harness/subject.ts'
import type { Measured, RunOptions } from '../harness/workload.ts'

const SOURCE = fileURLToPath(new URL('../../../test/support/ceph/ceph-perf.cc', import.meta.url))
const WARM_UP_MS = 500

/** `usual`: as Ceph's benchmark does it. `best`: the least that can be asked of it; see ceph-perf.cc. */
export type CephHow = 'usual' | 'best'

let built: CephProgram | undefined

function program(): CephProgram {
  return (built ??= cephProgram(SOURCE))
}

/** Why there is none here, as one line; null when there is. */
export function missingCeph(): string | null {
  return program().missing || null
}

/** Answers every request. */
export async function listenCeph(how: CephHow): Promise<Listening> {
  const address = `v2:127.0.0.1:${await freePort()}/0`
  const server = start(['serve', address, how])
  await line(server)
  return { address, pid: server.pid ?? 0, close: () => void server.kill() }
}

/** Dials, keeps its requests in flight and says what it measured. */
export async function driveCeph(how: CephHow, address: string, options: RunOptions): Promise<Measured> {
  const { size, inflight, seconds } = options
  const client = start(['drive', address, how, ...[size, inflight, WARM_UP_MS, seconds * 1000].map(String)])
  const found = JSON.parse(await line(client)) as Measured
  return {
    count: found['count'] ?? NaN,
    'requests/s': (found['count'] ?? NaN) / (found['seconds'] ?? NaN),
    'p50 µs': found['p50'] ?? NaN,
    'p99 µs': found['p99'] ?? NaN,
    'p99.9 µs': found['p999'] ?? NaN,
    'client CPU s': found['cpuSeconds'] ?? NaN,
  }
}

export function ceph(how: CephHow): Subject {
  return {
    listen: () => listenCeph(how),
    dial: () => Promise.reject(new Error('it dials by itself')),
    drive: (address, options) => driveCeph(how, address, options),
  }
}

/** Ends with this process: its input closes then. */
function start(words: readonly string[]): ChildProcess {
  const child = spawn(program().path, words, { stdio: ['pipe', 'pipe', 'ignore'] })
  process.once('exit', () => child.kill())
  return child
}

/** The next thing that it says. */
async function line(child: ChildProcess): Promise<string> {
  const said = createInterface({ input: child.stdout! })
  const [text] = (await Promise.race([
    once(said, 'line'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`Ceph's program ended with ${String(code)}`))),
  ])) as [string]
  return text
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
