/**
 * One process of the cluster, as its supervisor sees it: what it says can be waited for, and an end that nobody asked
 * for is a failure. Ended by its own process id, first by request, then by SIGKILL.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Command, Notice, ProcessConfig } from './control.ts'

type NoticeOf<T extends Notice['type']> = Notice & { readonly type: T }

const STOP_MS = 8_000
/** The default of 4 would make 16 concurrent writes wait for each other's fsync. */
const POOL_THREADS = '16'

/** Who hears what a child says and how it ends. */
export interface ChildOwner {
  onNotice(child: Child, notice: Notice): void
  onDeath(child: Child, reason: string): void
}

export class Child {
  readonly name: string
  readonly #process: ChildProcess
  readonly #waiting = new Map<Notice['type'], (notice: Notice) => void>()
  readonly #exited: Promise<void>
  #life: 'running' | 'ending' | 'ended' = 'running'

  constructor(program: URL, config: ProcessConfig, owner: ChildOwner) {
    this.name = config.name
    const env = { ...process.env, UV_THREADPOOL_SIZE: POOL_THREADS }
    this.#process = fork(program, [JSON.stringify(config)], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#process.on('message', (notice: Notice) => {
      if (notice.type === 'failed') this.#die(owner, notice.reason)
      this.#waiting.get(notice.type)?.(notice)
      owner.onNotice(this, notice)
    })
    this.#process.on('error', (error) => this.#die(owner, error.message))
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        this.#die(owner, signal === null ? `it exited with code ${code ?? '?'}` : `it was ended by ${signal}`)
        this.#life = 'ended'
        resolve()
      })
    })
  }

  /** The next notice of this type. Ask before you send the command. */
  next<T extends Notice['type']>(type: T): Promise<NoticeOf<T>> {
    return new Promise((resolve) => {
      this.#waiting.set(type, (notice) => {
        this.#waiting.delete(type)
        resolve(notice as NoticeOf<T>)
      })
    })
  }

  send(command: Command): void {
    // A process that has just died has no channel; its death is told by itself.
    if (this.#process.connected) this.#process.send(command, () => {})
  }

  /** Sends SIGKILL, and resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#life = this.#life === 'running' ? 'ending' : this.#life
    if (this.#life !== 'ended') this.#process.kill('SIGKILL')
    await this.#exited
  }

  /** Asks it to stop; kills it when it does not. */
  async stop(): Promise<void> {
    this.#life = this.#life === 'running' ? 'ending' : this.#life
    this.send({ type: 'stop' })
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #die(owner: ChildOwner, reason: string): void {
    if (this.#life !== 'running') return
    this.#life = 'ending'
    owner.onDeath(this, reason)
  }
}
