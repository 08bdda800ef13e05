/**
 * What a failover scenario is: plain data, named as in Ceph's crimson suite (`test_messenger.cc`).
 *
 * Ceph's breakpoints become ours: SOCKET_CONNECTING dial, SOCKET_ACCEPTED accept, BANNER_* banner, HELLO,
 * AUTH_REQUEST and AUTH_DONE as they are, CLIENT_IDENT and SESSION_RECONNECT both OPEN (a resume is an OPEN that names
 * its session), SERVER_IDENT and SESSION_RECONNECT_OK both OPENED, MESSAGE MESSAGES, KEEPALIVE2 KEEPALIVE.
 * BANNER_PAYLOAD_READ and AUTH_SIGNATURE have no counterpart: our banner is one piece, and proofs cover the whole
 * flight without a frame of their own. CONFIRM has none in Ceph, and is hit wherever OPENED is.
 */
import type { PolicyKind } from '../../../src/index.ts'
import type { Breakpoint, FaultAction } from '../../../src/testing/index.ts'
import type { Injection, Plot } from '../script.ts'

export interface Scenario extends Plot {
  /** Each is a run of its own. */
  readonly runs: readonly (readonly Injection[])[]
  /** What each side has seen in the end; see `summary` in stage.ts. The same for all runs. */
  readonly test: string
  readonly peer: string
  /** Crimson's result for its test. */
  readonly ceph: string
  /** Where ours is another: why that is better. */
  readonly why?: string
}

/** A scenario without its pair of policies. */
export type Row = Omit<Scenario, 'policies'>

/** The scenarios of one pair of policies: test's, then peer's. */
export function between(test: PolicyKind, peer: PolicyKind, rows: readonly Row[]): Scenario[] {
  return rows.map((row) => ({ ...row, policies: [test, peer] }))
}

/** One run for each breakpoint: the link breaks there. */
export function faults(...points: readonly Breakpoint[]): Injection[][] {
  return each('fault', points)
}

/** One run for each breakpoint. */
export function each(action: FaultAction, points: readonly Breakpoint[], nth = 1): Injection[][] {
  return points.map((point) => [[point, action, nth]])
}

/** The same runs, with something before each. */
export function following(first: Injection, runs: readonly (readonly Injection[])[]): Injection[][] {
  return runs.map((run) => [first, ...run])
}

/** The name of a run. */
export function runName(scenario: Scenario, run: readonly Injection[]): string {
  const points = run.map(([point, action, nth = 1]) => `${action} ${point}${nth === 1 ? '' : ` ${nth}`}`)
  return `${scenario.name} [${points.join(', ') || 'no fault'}]`
}
