/**
 * The last handler of a closing connection that has no link: what it has done is said to the peer once more, by whoever
 * can dial or is dialled already; where the peer knows, the end comes at once.
 */
import type { Injection } from '../script.ts'
import { given } from './scenario.ts'
import type { Behaviour } from './scenario.ts'

const PEERS = ['peer', 'peer'] as const
const CLIENT = ['losslessClient', 'losslessServer'] as const
const SERVER = ['losslessServer', 'losslessClient'] as const

const OPENED = ['test connects', 'test sends', 20] as const
/** A handler of test runs. */
const RUNNING = [...OPENED, 'test holds', 'peer sends', 10] as const
/** Test closes, all that it sent is acked, and one of its handlers still runs. */
const HANDLING = [
  ...['test holds', 'peer holds', 'peer sends', 'test sends', 10],
  ...['test closes', 'peer finishes', 10],
] as Behaviour['script']
/** A handler of test has said early that it is done, and over the next link its peer has said that it knows. */
const KNOWN = [...OPENED, 'test acks early', 'test holds', 'peer sends', 10, 'cut', 'test sends', 100] as const
/** Test has promised a link, and does not read that it is confirmed. */
const UNCONFIRMED: readonly Injection[] = [['CONFIRM read', 'block']]
/** Peer's dial goes first, and test has not read it. */
const UNREAD: readonly Injection[] = [['OPEN read', 'block']]

const SAID = { test: 'closed, connect 1, resume 1; got 1 of 1', peer: 'closed, accept 1, resume 1, reset 1' }
const PATIENT = { yieldMs: 200 }

/** The peer does not know yet. */
const UNTOLD = given({ policies: PEERS }, [
  {
    name: 'close() while dialling says what the last handler did over that link',
    policies: CLIENT,
    script: [...OPENED, ...HANDLING, 'test cannot dial', 'cut', 100, 'test finishes', 10],
    meets: ['connecting drained connecting'],
    test: SAID.test,
    peer: `${SAID.peer}; got 1 2 of 2`,
  },
  {
    name: 'close() while a link is promised says what the last handler did over that link',
    injections: UNCONFIRMED,
    script: [...OPENED, ...HANDLING, 'cut', 'held', 'test finishes', 5, 'release', 20],
    meets: ['accepting drained accepting'],
    test: SAID.test,
    peer: `${SAID.peer}; got 1 2 of 2`,
  },
  {
    name: 'close() while yielding says what the last handler did over the link that goes first',
    limits: PATIENT,
    injections: UNREAD,
    script: [...OPENED, ...HANDLING, 'cut', 1, 'peer sends', 'held', 60, 'test finishes', 10],
    meets: ['yielding drained yielding'],
    test: 'closed, connect 1, resume 1; got 1 of 2',
    peer: `${SAID.peer}; got 1 2 of 2`,
  },
  {
    name: 'close() between two dials does not wait for the next when the last handler is done, and fails but once',
    policies: CLIENT,
    script: [...OPENED, ...HANDLING, 'peer crashes', 5, 'test finishes'],
    meets: ['backoff drained connecting', 'connecting fault closed'],
    test: 'closed, connect 1, refused 1; got 1 of 1',
    peer: 'open, accept 1; got 1 2 of 2',
  },
  {
    name: 'close() between two dials dials at once to say what handlers have done',
    policies: CLIENT,
    script: [...RUNNING, 'cut', 1, 'test finishes', 1, 'test closes', 5],
    meets: ['backoff close connecting'],
    test: SAID.test,
    peer: `${SAID.peer}; got 1 of 1`,
  },
  {
    name: 'close() in standby dials to say what handlers have done',
    script: [...RUNNING, 'peer cannot dial', 'cut', 10, 'test finishes', 5, 'test closes', 50],
    meets: ['standby close connecting'],
    test: SAID.test,
    peer: `${SAID.peer}; got 1 of 1`,
  },
  {
    name: 'close() in standby dials when the last handler is done, to say so',
    script: [...RUNNING, 'peer cannot dial', 'cut', 10, 'test closes', 10, 'test finishes', 50],
    meets: ['standby close standby', 'standby drained connecting'],
    test: SAID.test,
    peer: `${SAID.peer}; got 1 of 1`,
  },
])

/** The peer knows, or cannot be told. */
const NOTHING_TO_SAY = given({ policies: PEERS }, [
  {
    name: 'close() of a server in standby ends when the last handler does: it cannot dial',
    policies: SERVER,
    script: [
      ...['peer connects', 'peer sends', 20, ...HANDLING],
      ...['peer cannot dial', 'cut', 10, 'test finishes', 'heal', 20],
    ] as Behaviour['script'],
    meets: ['standby drained closed'],
    test: 'closed open, accept 2; got 1 2 of 2',
    peer: 'open, connect 2, remoteReset 1; got 1 of 1',
  },
  {
    name: 'close() while dialling ends with the last handler when the peer knows all that was done',
    policies: CLIENT,
    options: { peer: { standbyMs: 200 } },
    script: [...KNOWN, 'test closes', 10, 'test cannot dial', 'cut', 100, 'test finishes', 10],
    meets: ['connecting drained closed'],
    test: SAID.test,
    peer: `${SAID.peer}; got 1 2 of 2`,
  },
  {
    name: 'close() while a link is promised ends with the last handler when the peer knows all that was done',
    injections: UNCONFIRMED,
    script: [
      ...[...KNOWN, 'test closes', 10, 'test cannot dial', 'cut', 5],
      ...['peer sends', 'held', 'test finishes', 5, 'release', 20],
    ] as Behaviour['script'],
    meets: ['accepting drained closed'],
    test: 'closed open, connect 1, accept 1, resume 1; got 1 of 2',
    peer: 'open, connect 1, accept 1, resume 2, remoteReset 1; got 1 2 of 2',
  },
  {
    name: 'close() while yielding ends with the last handler when the peer knows all that was done',
    limits: PATIENT,
    options: { test: { backoff: { firstMs: 100 } } },
    injections: UNREAD,
    script: [...KNOWN, 'test closes', 10, 'cut', 5, 'peer sends', 'held', 110, 'test finishes', 10],
    meets: ['yielding drained closed'],
    test: 'closed open, connect 1, accept 1, resume 1; got 1 of 2',
    peer: 'open, connect 1, accept 1, resume 1, remoteReset 1; got 1 2 of 2',
  },
  {
    name: 'close() between two dials ends with the last handler when the peer knows all that was done',
    policies: CLIENT,
    options: { test: { backoff: { firstMs: 300 } } },
    script: [...KNOWN, 250, 'test closes', 10, 'cut', 1, 'test finishes', 10],
    meets: ['backoff drained closed'],
    test: SAID.test,
    peer: 'standby, accept 1, resume 1; got 1 2 of 2',
  },
])

export const FINISHING: readonly Behaviour[] = [...UNTOLD, ...NOTHING_TO_SAY]
