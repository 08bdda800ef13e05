/**
 * A messenger of Ceph's own in a process beside the test: `ceph/ceph-messenger.cc`, driven by lines.
 *
 * Where it cannot be built, `missingMessenger` says so in one line, and what needs it skips.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { cephProgram } from './ceph-program.ts'
import { until } from '../until.ts'

/** Of those that are not bound: each has its own, or they would be one to a server. */
let lastNonce = 4241
const ALL_FEATURES = (1n << 64n) - 1n
const SOURCE = new URL('./ceph-messenger.cc', import.meta.url).pathname

/** Ceph's policies, by the names that it gives them. */
export type CephPolicy =
  | 'stateful_server'
  | 'stateless_registered_server'
  | 'stateless_server'
  | 'lossless_peer'
  | 'lossless_peer_reuse'
  | 'lossy_client'
  | 'lossless_client'

const { path: program, missing } = cephProgram(SOURCE)

/** One line why there is none here; false when there is. */
export const missingMessenger = missing

/** A real monitor, and the key that it knows for the messenger's name. */
export interface CephLogin {
  readonly monitor: string
  readonly key: string
  readonly mode: 'crc' | 'secure'
}

/** Settings of Ceph's for a login; every kind of session has the same mode. */
function loginSettings({ monitor, key, mode }: CephLogin): Record<string, string> {
  const kinds = ['cluster', 'service', 'client', 'mon_cluster', 'mon_service', 'mon_client']
  const settings: Record<string, string> = { mon_host: `[${monitor}]`, key, keyring: '' }
  for (const kind of kinds) settings[`ms_${kind}_mode`] = mode
  for (const kind of ['cluster', 'service', 'client']) settings[`auth_${kind}_required`] = 'cephx'
  return settings
}

export interface CephMessengerOptions {
  readonly name: string
  readonly policy: CephPolicy
  /** Its own address, `v2:127.0.0.1:<port>/<nonce>`; left out: it is not bound. */
  readonly address?: string
  /** Behind a proxy: where it says that it is. */
  readonly advertise?: string
  /** Where it logs in with cephx; left out: names are believed. */
  readonly login?: CephLogin
  /** Messages are dispatched where they are read. */
  readonly fast?: boolean
  /** How many bytes of messages its policy lets in at once; left out: any. */
  readonly throttleBytes?: number
  /** Bits of features that it has and wants; left out: all, and none. */
  readonly features?: { readonly supported?: bigint; readonly required?: bigint }
  /** Settings of Ceph's, such as `ms_inject_socket_failures`. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** What it got over one of its connections. */
export interface Got {
  readonly connection: number
  readonly tid: number
  readonly bytes: number
  readonly priority: number
  /** Bytes of front and middle, then the checksums of front, middle and data, as Ceph computes them. */
  readonly parts: readonly number[]
}

export class CephMessenger {
  readonly got: Got[] = []
  /** `accepted 0`, `reset 0` and the like, in order. */
  readonly events: string[] = []
  readonly #process: ChildProcess
  #ready = false
  #ended = false

  constructor(from: CephMessengerOptions) {
    const { name, policy, address = '-', advertise, login, features = {}, settings = {}, fast, throttleBytes } = from
    const all = { ...(login === undefined ? {} : loginSettings(login)), ...settings }
    const options = Object.entries(all).map(([key, value]) => `${key}=${value}`)
    const nonce = /\/(\d+)\]?$/.exec(address)?.[1] ?? `${++lastNonce}`
    const { supported = ALL_FEATURES, required = 0n } = features
    const wanted = {
      NONCE: nonce,
      ADVERTISE: advertise ?? '',
      SUPPORTED: `${supported}`,
      REQUIRED: `${required}`,
      ...(fast === true ? { FAST: '1' } : {}),
      ...(throttleBytes === undefined ? {} : { THROTTLE: `${throttleBytes}` }),
    }
    this.#process = spawn(program, [name, address, policy, ...options], {
      stdio: ['pipe', 'pipe', process.env['SHOW'] === undefined ? 'ignore' : 'inherit'],
      env: { ...process.env, ...wanted },
    })
    this.#process.once('exit', (_code, signal) => {
      this.#ended = true
      if (signal !== null) this.events.push(`killed ${signal}`)
    })
    this.#process.stdin?.on('error', () => {})
    createInterface({ input: this.#process.stdout! }).on('line', (line) => this.#line(line))
  }

  /** Tids of all that came, in order. */
  get tids(): number[] {
    return this.got.map(({ tid }) => tid)
  }

  say(...words: readonly (string | number)[]): void {
    this.#process.stdin?.write(`${words.join(' ')}\n`)
  }

  /** Dials, or finds the connection that is there; its number is the answer. */
  async connect(type: string, address: string): Promise<number> {
    const from = this.events.length
    this.say('connect', type, address)
    const told = (): string | undefined => this.events.slice(from).find((event) => event.startsWith('connection '))
    await until('the number of a connection', () => told() !== undefined)
    return Number(told()?.split(' ')[1])
  }

  async ready(): Promise<this> {
    await until("Ceph's messenger is ready", () => this.#ready || this.#ended)
    if (this.#ended) throw new Error("Ceph's messenger ended")
    return this
  }

  async end(): Promise<void> {
    if (this.#ended) return
    this.say('quit')
    await until('it ends', () => this.#ended, 3000).catch(() => this.#process.kill('SIGKILL'))
  }

  #line(line: string): void {
    const [what, ...numbers] = line.split(' ')
    if (process.env['SHOW'] !== undefined) console.error('ceph:', line)
    if (what === 'got') this.#got(numbers.map(Number))
    else if (what === 'ready') this.#ready = true
    else this.events.push(line)
  }

  #got([connection = 0, tid = 0, bytes = 0, priority = 0, ...parts]: readonly number[]): void {
    this.got.push({ connection, tid, bytes, priority, parts })
  }
}

/** One that ends with the test. */
export async function startCephMessenger(t: Test, options: CephMessengerOptions): Promise<CephMessenger> {
  const messenger = new CephMessenger(options)
  t.teardown(() => messenger.end())
  return messenger.ready()
}
