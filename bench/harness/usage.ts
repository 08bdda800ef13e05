/**
 * What a process used between two moments: CPU time and memory. The main thread counts for all of its process; the others have
 * used nothing beside that.
 */
import { isMainThread } from 'node:worker_threads'

export interface Usage {
  readonly wallMs: number
  /** User and system time of all threads, in seconds. */
  readonly cpuSeconds: number
  /** Resident memory at the end, in bytes. */
  readonly rssBytes: number
}

export class UsageMeter {
  #startMs = performance.now()
  #cpu = process.cpuUsage()

  /** Starts anew. */
  reset(): void {
    this.#startMs = performance.now()
    this.#cpu = process.cpuUsage()
  }

  read(): Usage {
    const { user, system } = process.cpuUsage(this.#cpu)
    return {
      wallMs: performance.now() - this.#startMs,
      cpuSeconds: isMainThread ? (user + system) / 1e6 : 0,
      rssBytes: process.memoryUsage.rss(),
    }
  }
}
