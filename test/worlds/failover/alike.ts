/**
 * What is the same under several policies: the story of a link that breaks before its session is there, and the words for
 * what Ceph says then.
 */
import type { Breakpoint } from '../../../src/testing/index.ts'
import { faults } from './scenario.ts'
import type { Step } from '../script.ts'
import type { Row } from './scenario.ts'

/** One side dials and has a message at once. */
export const TEST_DIALS: readonly Step[] = ['test connects', 'test sends']
export const PEER_DIALS: readonly Step[] = ['peer connects', 'peer sends']

/** CONFIRM has no counterpart in Ceph. */
export const NO_SUCH_FRAME = 'no such frame'

const SEEN_ONCE = 'A link that no session came of is never a Connection.'
const PROMISE_KEPT = 'One session, told once: the promise is kept for the next link, which needs no second Connection.'

/** Test's dial is cut before it has a session: its next one has it. */
export function cutWhileDialling(name: string, points: readonly Breakpoint[]): Row {
  return {
    ...{ name, runs: faults(...points), script: TEST_DIALS },
    ...{ test: 'open, connect 1', peer: 'open, accept 1; got 1 of 1' },
    ceph: '[0] established, 1 session at the 2nd attempt',
  }
}

/** Test's dial is cut when it has its session, and peer not yet: its next one resumes it. */
export function confirmNotSent(name: string): Row {
  return { ...cutWhileDialling(name, ['CONFIRM write']), test: 'open, connect 1, resume 1', ceph: NO_SUCH_FRAME }
}

/** Peer's dial is cut before test has read what it wants. */
export function cutWhileAccepting(name: string, points: readonly Breakpoint[]): Row {
  return {
    ...{ name, runs: faults(...points), script: PEER_DIALS },
    ...{ test: 'open, accept 1; got 1 of 1', peer: 'open, connect 1' },
    ...{ ceph: '[0] closed, no events; [1] established, 1 session', why: SEEN_ONCE },
  }
}

/** Peer's dial is cut when test has promised, before peer hears of it. */
export function promiseNotSent(name: string): Row {
  const ceph = '[0] established, 2 accept events; [1] replaced'
  return { ...cutWhileAccepting(name, ['OPENED write']), ceph, why: PROMISE_KEPT }
}

/** Peer's dial is cut when peer has its session, and test not yet: peer's next one resumes it. */
export function confirmNotRead(name: string): Row {
  const { why: _, ...row } = cutWhileAccepting(name, ['CONFIRM read'])
  return { ...row, peer: 'open, connect 1, resume 1', ceph: NO_SUCH_FRAME }
}
