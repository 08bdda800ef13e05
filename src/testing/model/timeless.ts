/**
 * Takes the clock out of a saved session: every wait is set back to a fixed length, so that states that differ only in
 * when they were reached are one state.
 */
import type { ConnectionState, Machine, Move, Pledge } from '../../session/machine.ts'
import type { SavedPath } from '../../session/path/path.ts'
import type { SavedSession } from '../../session/session.ts'

/** When each kind of wait is over, in ms from now: what the checker lets `nowMs` be. */
export const SOON_MS = 10
export const EXPIRED_MS = 20
export const DRAINED_MS = 100
const ACK_MS = 5
/** Stands for -Infinity, which JSON writes like Infinity. */
const OVERDUE_MS = -1
/** More failures in a row change only how long a wait is. */
const FAILURES_MAX = 1

export function timeless(saved: SavedSession): SavedSession {
  const { machine, path } = saved
  return { ...saved, machine: timelessMachine(machine), path: path === null ? null : timelessPath(path) }
}

function timelessPath(path: SavedPath): SavedPath {
  const { acks, runs } = path
  const dueMs = Number.isFinite(acks.dueMs) ? ACK_MS : acks.dueMs === Infinity ? Infinity : OVERDUE_MS
  // Which lane goes first when several wait is not what is checked here.
  return { ...path, acks: { ...acks, dueMs }, runs: { ...runs, turn: 0 } }
}

/** What `timeless` left, as a session takes it. */
export function timed(saved: SavedSession): SavedSession {
  const { path } = saved
  if (path?.acks.dueMs !== OVERDUE_MS) return saved
  return { ...saved, path: { ...path, acks: { ...path.acks, dueMs: -Infinity } } }
}

function timelessMachine(machine: Machine): Machine {
  const { life } = machine
  return {
    ...machine,
    state: timelessState(machine.state),
    life: life.name === 'closing' ? { ...life, deadlineMs: DRAINED_MS } : life,
    failures: Math.min(machine.failures, FAILURES_MAX),
    linklessSinceMs: machine.linklessSinceMs === null ? null : 0,
  }
}

function timelessState(state: ConnectionState): ConnectionState {
  switch (state.name) {
    case 'connecting':
      return { ...state, deadlineMs: SOON_MS, yields: 0 }
    case 'draining':
      return { ...state, deadlineMs: DRAINED_MS }
    case 'accepting':
      return { ...state, pledge: timelessPledge(state.pledge) }
    case 'open':
      return {
        ...state,
        sinceMs: 0,
        rival: state.rival === null ? null : timelessPledge(state.rival),
        move: state.move == null ? null : timelessMove(state.move),
      }
    case 'standby':
      return {
        ...state,
        probeMs: Number.isFinite(state.probeMs) ? SOON_MS : Infinity,
        expiresMs: Number.isFinite(state.expiresMs) ? EXPIRED_MS : Infinity,
      }
    case 'backoff':
      return { ...state, untilMs: SOON_MS }
    case 'yielding':
      return { ...state, untilMs: SOON_MS, yields: 0 }
    case 'idle':
    case 'closed':
      return state
  }
}

function timelessMove(move: Move): Move {
  switch (move.name) {
    case 'dialling':
    case 'left':
      return { ...move, deadlineMs: SOON_MS }
    case 'ready':
    case 'parting':
      return { ...move, pledge: timelessPledge(move.pledge) }
  }
}

function timelessPledge(pledge: Pledge): Pledge {
  return { ...pledge, deadlineMs: SOON_MS }
}
