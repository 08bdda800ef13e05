/**
 * Ceph's own C++ messenger with requests and replies, as a program that listens and one that dials and measures:
 * `ceph/ceph-perf.cc`. For the benches and for a test.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { cephProgram } from './ceph-program.ts'

/** `usual`: as Ceph's benchmark does it. `best`: the least that can be asked of it; see ceph-perf.cc. */
export type CephHow = 'usual' | 'best'

export interface Load {
  readonly bytes: number
  readonly inflight: number
  readonly warmMs: number
  readonly ms: number
}

/** What was measured, without the warm-up. Latencies are in µs. */
export interface Measures {
  readonly count: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export interface Serving {
  readonly address: string
  readonly pid: number
  readonly end: () => void
}

export class CephPerf {
  readonly #source: string
  #program: ReturnType<typeof cephProgram> | null = null

  /** Where ceph-perf.cc is. */
  constructor(source: string) {
    this.#source = source
  }

  /** One line why there is none here; false when there is. */
  get missing(): string | false {
    return this.#built.missing
  }

  /** Answers every request; resolves when it listens. */
  async serve(how: CephHow): Promise<Serving> {
    const address = `v2:127.0.0.1:${await freePort()}/0`
    const server = this.#start(['serve', address, how])
    await line(server)
    return { address, pid: server.pid ?? 0, end: () => void server.kill() }
  }

  /** Dials, keeps its requests in flight, and ends. */
  async drive(how: CephHow, address: string, { bytes, inflight, warmMs, ms }: Load): Promise<Measures> {
    const client = this.#start(['drive', address, how, ...[bytes, inflight, warmMs, ms].map(String)])
    return JSON.parse(await line(client)) as Measures
  }

  get #built(): ReturnType<typeof cephProgram> {
    return (this.#program ??= cephProgram(this.#source))
  }

  /** It ends with this process. */
  #start(words: readonly string[]): ChildProcess {
    const child = spawn(this.#built.path, words, { stdio: ['pipe', 'pipe', 'ignore'] })
    const end = (): void => void child.kill()
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    return child
  }
}

/** The next thing that it says. */
async function line(child: ChildProcess): Promise<string> {
  const said = once(createInterface({ input: child.stdout! }), 'line') as Promise<[string]>
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`Ceph's program ended with ${String(code)}`)
  })
  return (await Promise.race([said, ended]))[0]
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
