/** One run: what it is asked for and what it finds, as plain data. */

/** Options of a run; plain data, because they cross a process boundary. */
export interface RunOptions {
  /** Bytes of each message. */
  readonly size: number
  /** How long the measured part lasts, in seconds. */
  readonly seconds: number
  /** Requests in flight, per connection. */
  readonly inflight: number
  readonly connections: number
  /** Messages that one connection sends before the next one's turn; 0: until it is told to wait. */
  readonly burst: number
}

export const DEFAULT_RUN: RunOptions = { size: 64, seconds: 2, inflight: 64, connections: 1, burst: 0 }

/** What a run found: numbers by name. Times in µs, sizes in bytes, rates per second. */
export type Measured = Record<string, number>
