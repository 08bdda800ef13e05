/** A session without a link: in standby, in backoff, or yielding to the other side's dial. */
import type { Injection } from '../script.ts'
import { given } from './scenario.ts'
import type { Behaviour } from './scenario.ts'

const PEERS = ['peer', 'peer'] as const
const CLIENT = ['losslessClient', 'losslessServer'] as const
const SERVER = ['losslessServer', 'losslessClient'] as const

const OPENED = ['test connects', 'test sends', 20] as const
/** Test, a server, keeps the session of a client that cannot come back yet. */
const KEPT = ['peer connects', 'peer sends', 20, 'peer cannot dial', 'cut', 10] as const
/** Peer dials, and test has not read it. */
const UNREAD: readonly Injection[] = [['OPEN read', 'block']]

export const STANDBY = given({ policies: SERVER }, [
  {
    name: 'what a server sends without a link waits for its client',
    script: [...KEPT, 'test sends', 10, 'heal'],
    meets: ['standby work standby'],
    test: 'open, accept 1, resume 1; got 1 of 1',
    peer: 'open, connect 1, resume 1; got 1 of 1',
  },
  {
    name: 'a client that restarts comes in at once, as a new instance',
    script: [
      ...['peer connects', 'peer sends', 20, 'cut', 20, 'peer crashes'],
      ...[10, 'peer restarts', 'peer connects', 'peer sends', 20],
    ] as Behaviour['script'],
    meets: ['standby offer accepting', 'reset: the peer has restarted as a new instance'],
    test: 'open, accept 2, remoteReset 1; got 1 2 of 2',
    peer: 'open, connect 2',
  },
  {
    name: 'a dial that was given up, and is read when the session has lost its next link, comes too late',
    options: { peer: { connectTimeoutMs: 50 } },
    injections: UNREAD,
    script: ['peer connects', 'peer sends', 'held', 150, 'peer cannot dial', 'cut', 10, 'release', 10],
    meets: ['standby offer standby'],
    test: 'open, accept 1, resume 1; got 1 of 1',
    peer: 'open, connect 1, resume 1',
  },
  {
    name: 'a peer in standby asks the other side now and then',
    policies: PEERS,
    options: { test: { probeMs: 50 } },
    script: [...OPENED, 'cut', 100],
    meets: ['standby deadline connecting'],
    test: 'open, connect 1, resume 1',
    peer: 'open, accept 1, resume 1; got 1 of 1',
  },
  {
    name: 'a session whose client does not come back expires',
    options: { test: { standbyMs: 100 } },
    script: ['peer connects', 'peer sends', 20, 'test sends', 'peer crashes', 150],
    meets: ['standby deadline closed'],
    test: 'closed, accept 1, reset 1; got 1 of 1',
    peer: 'open, connect 1; got none of 1',
  },
  {
    name: 'close() in standby waits until the client has fetched what was sent',
    script: [...KEPT, 'test sends', 'test closes', 10, 'heal', 20],
    meets: ['standby close standby'],
    test: 'closed, accept 1, resume 1; got 1 of 1',
    peer: 'idle, connect 1, resume 1, remoteReset 1; got 1 of 1',
  },
  {
    name: 'close() in standby ends at once when nothing was sent',
    script: [...KEPT, 'test closes', 10, 'heal', 20],
    meets: ['standby close closed'],
    test: 'closed open, accept 2; got 1 of 1',
    peer: 'open, connect 2, remoteReset 1',
  },
  {
    name: 'markDown() in standby hands back what was sent',
    script: [...KEPT, 'test sends', 'test marks down', 10, 'heal', 20],
    meets: ['standby markDown closed'],
    test: 'closed open, accept 2; got 1 of 1',
    peer: 'open, connect 2, remoteReset 1; got none of 1',
  },
])

/** Its first dial fails. */
const FAILS: readonly Injection[] = [['dial', 'fault']]

export const BACKOFF = given({ policies: CLIENT }, [
  {
    name: 'a peer that waits before its next dial takes the link of one that restarted',
    policies: PEERS,
    options: { test: { backoff: { firstMs: 300 } } },
    script: [...OPENED, 'peer crashes', 'test sends', 10, 'peer restarts', 'peer connects', 'peer sends', 100],
    meets: ['backoff offer accepting'],
    test: 'open, connect 1, accept 1, remoteReset 1; got 1 of 1',
    peer: 'open, connect 1, accept 1; got 1 of 2',
  },
  {
    name: 'a dial that was given up, and is read between two dials of the other side, comes too late',
    policies: PEERS,
    options: { peer: { connectTimeoutMs: 50 }, test: { backoff: { firstMs: 300 } } },
    injections: [...UNREAD, ...FAILS],
    script: [
      ...['peer connects', 'peer sends', 'held', 150, 'peer cannot dial', 'cut', 10],
      ...['test sends', 10, 'release', 10],
    ] as Behaviour['script'],
    meets: ['connecting fault backoff', 'backoff offer backoff'],
    test: 'open, accept 1, resume 1; got 1 of 1',
    peer: 'open, connect 1, resume 1; got 1 of 1',
  },
  {
    name: 'a session expires while its client waits before its next dial',
    options: { test: { standbyMs: 100, backoff: { firstMs: 200 } } },
    script: [...OPENED, 'peer crashes', 'test sends', 250],
    meets: ['backoff deadline closed'],
    test: 'closed, connect 1, reset 1',
    peer: 'open, accept 1; got 1 of 2',
  },
  {
    name: 'close() between two dials waits until what was sent has arrived',
    injections: FAILS,
    script: ['test connects', 'test sends', 5, 'test closes', 100],
    meets: ['backoff close backoff'],
    test: 'closed, connect 1',
    peer: 'closed, accept 1, reset 1; got 1 of 1',
  },
  {
    name: 'close() between two dials ends at once when nothing was sent',
    injections: FAILS,
    script: ['test connects', 5, 'test closes'],
    meets: ['backoff close closed'],
    test: 'closed',
    peer: 'none',
  },
  {
    name: 'markDown() between two dials hands back what was sent',
    injections: FAILS,
    script: ['test connects', 'test sends', 5, 'test marks down'],
    meets: ['backoff markDown closed'],
    test: 'closed',
    peer: 'none; got none of 1',
  },
])

/** Peer's dial goes first. */
const YIELDS = ['peer connects', 'held', 'test connects', 5] as const
const PATIENT = { yieldMs: 200 }

export const YIELDING = given({ policies: PEERS, limits: PATIENT, injections: UNREAD }, [
  {
    name: 'a peer that yields takes the link that goes first',
    script: [...YIELDS, 'release', 20],
    meets: ['yielding offer accepting'],
    test: 'open, accept 1',
    peer: 'open, connect 1',
  },
  {
    name: 'a peer that yields to a link remembers it: an older attempt does not come before it',
    script: [
      ...[...OPENED, 'test crashes', 'peer sends', 10, 'test restarts', 'held', 'test connects', 5],
      ...['peer crashes', 'peer restarts', 'peer connects', 'peer sends', 20],
    ] as Behaviour['script'],
    meets: ['yielding offer yielding'],
    test: 'open, connect 2; got 2 of 2',
    peer: 'open, accept 2; got 1 of 1',
  },
  {
    name: 'a peer that waits in vain for the link that goes first dials again',
    limits: { yieldMs: 30 },
    script: [...YIELDS, 'test sends', 100],
    meets: ['yielding deadline connecting'],
    test: 'open, connect 1',
    peer: 'open, accept 1; got 1 of 1',
  },
  {
    name: 'a session expires while its peer yields',
    options: { test: { standbyMs: 100 } },
    limits: { yieldMs: 400 },
    script: [...OPENED, 'cut', 'peer sends', 'held', 'test sends', 700],
    meets: ['yielding deadline closed'],
    test: 'closed open, connect 1, accept 1, reset 1; got none of 1',
    peer: 'open, connect 1, accept 1, remoteReset 1; got 1 of 2',
  },
  {
    name: 'close() while yielding waits until what was sent has arrived',
    script: [...YIELDS, 'test sends', 'test closes', 10, 'release', 20],
    meets: ['yielding close yielding'],
    test: 'closed, accept 1',
    peer: 'idle, connect 1, remoteReset 1; got 1 of 1',
  },
  {
    name: 'close() while yielding ends at once when nothing was sent',
    script: [...YIELDS, 'test closes'],
    meets: ['yielding close closed'],
    test: 'closed open, accept 1',
    peer: 'open, connect 1',
  },
  {
    name: 'markDown() while yielding hands back what was sent',
    script: [...YIELDS, 'test sends', 'test marks down'],
    meets: ['yielding markDown closed'],
    test: 'closed open, accept 1',
    peer: 'open, connect 1; got none of 1',
  },
])
