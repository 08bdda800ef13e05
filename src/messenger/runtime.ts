/**
 * The world that a messenger lives in: time, chance, and who is warned, and nothing else. Replace it to simulate.
 *
 * The default is Node's, as it was at import: see transports/host.ts.
 * A simulation gives every messenger the same virtual clock and its own seeded random source, and keeps warnings to itself.
 */
import { nodeCrypto } from '../late/modules.ts'
import * as host from '../transports/host.ts'

/** Time, timers and turns. */
export interface Clock {
  /** Monotonic, in ms, with fractions. */
  nowMs(): number
  /** Wall time in ms since 1970; may step. Only stamps are made of it. */
  wallMs(): number
  /** Calls `callback` once, `delayMs` from now or later. */
  setTimer(callback: () => void, delayMs: number): unknown
  /** A timer that has fired or was cleared is fine. */
  clearTimer(timer: unknown): void
  /** Calls `callback` at the end of this turn: when its promises have settled, before any I/O. */
  defer(callback: () => void): void
  /** Calls `callback` in the next turn, after I/O. */
  later(callback: () => void): void
}

/** Chance. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** So many bytes that nobody can guess. */
  bytes(count: number): Uint8Array
}

/**
 * The world that a messenger lives in: time, chance, and who is warned. Left out, it is Node's; a simulation gives
 * its own.
 */
export interface Runtime {
  /** The time. */
  readonly clock: Clock
  /** Chance. */
  readonly random: Random
  /** Is told what nobody may overlook, such as an exception of a handler. Default: a warning of the process. */
  readonly warn: (text: string) => void
}

/** The longest delay that Node's timers take. */
const TIMER_MAX_MS = 2 ** 31 - 1

const nodeClock: Clock = {
  nowMs: host.monotonicMs,
  wallMs: host.wallMs,
  setTimer: (callback, delayMs) => host.setTimer(callback, Math.min(TIMER_MAX_MS, Math.max(0, Math.ceil(delayMs)))),
  clearTimer: (timer) => {
    host.clearTimer(timer as NodeJS.Timeout)
  },
  defer,
  later: (callback) => {
    host.nextTurn(callback)
  },
}

const TURN = Promise.resolve()
/** What waits for the end of this turn, in order. */
let deferred: (() => void)[] = []

/** A tick alone would come before the promises of the turn: what they send would need a write of its own. */
function defer(callback: () => void): void {
  if (deferred.push(callback) === 1) void TURN.then(endTurnSoon)
}

/** Called among the promises; ticks come when there are no more. */
function endTurnSoon(): void {
  host.endOfTurn(endTurn)
}

function endTurn(): void {
  const due = deferred
  deferred = []
  let done = 0
  try {
    while (done < due.length) due[done++]!()
  } finally {
    // One that throws takes nothing from the others.
    while (done < due.length) defer(due[done++]!)
  }
}

/** Fetched in blocks: every event of every connection may need a fresh id, and a call costs more than the bytes. */
const POOL_BYTES = 4096
let pool = new Uint8Array(0)
let poolAt = 0

function pooledBytes(count: number): Uint8Array {
  if (count > POOL_BYTES) return new Uint8Array(nodeCrypto().randomBytes(count))
  if (poolAt + count > pool.length) {
    pool = new Uint8Array(nodeCrypto().randomBytes(POOL_BYTES))
    poolAt = 0
  }
  poolAt += count
  return pool.slice(poolAt - count, poolAt)
}

const nodeRandom: Random = { next: Math.random, bytes: pooledBytes }

export const nodeRuntime: Runtime = {
  clock: nodeClock,
  random: nodeRandom,
  warn: (text) => {
    process.emitWarning(text, 'InkwireWarning')
  },
}
