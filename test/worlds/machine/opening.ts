/** Before a link is open: a connection that is idle, dials, or has promised a link to its peer. */
import type { Injection } from '../script.ts'
import { given } from './scenario.ts'

const PEERS = ['peer', 'peer'] as const
const CLIENT = ['losslessClient', 'losslessServer'] as const
const SERVER = ['losslessServer', 'losslessClient'] as const

const OPENED = ['test connects', 'test sends', 20] as const
/** Test dials, and its dial hangs. */
const DIALS = ['test cannot dial', 'test connects'] as const
/** Test has promised a link, and does not read that it is confirmed. */
const UNCONFIRMED: readonly Injection[] = [['CONFIRM read', 'block']]
/** A session that lost its link; peer comes back, and test has promised its link. */
const PROMISED = [...OPENED, 'cut', 5, 'peer sends', 'held'] as const

export const IDLE = given({ policies: PEERS }, [
  {
    name: 'an idle caller whose old dial goes first tells a new one to wait',
    goesFirst: 'test',
    script: [...OPENED, 'peer closes', 20, 'peer connects', 'peer sends', 20],
    meets: ['idle offer idle', 'yield', 'idle offer accepting'],
    test: 'open, connect 1, accept 1, remoteReset 1; got 1 of 1',
    peer: 'closed open, connect 1, accept 1; got 1 of 1',
  },
  {
    name: 'a link whose policy does not fit leaves nothing behind',
    policies: ['losslessClient', 'lossy'],
    script: ['test connects', 'test sends', 20],
    meets: ['idle offer closed', 'connecting rejected closed', 'reject INK_POLICY_MISMATCH'],
    test: 'closed, reset 1, refused 1',
    peer: 'none; got none of 1',
  },
  {
    name: 'an idle connection is closed at once',
    script: [...OPENED, 'peer closes', 20, 'test closes'],
    meets: ['idle close closed'],
    test: 'closed, connect 1, remoteReset 1',
    peer: 'closed, accept 1; got 1 of 1',
  },
  {
    name: 'an idle connection is marked down at once',
    script: [...OPENED, 'peer closes', 20, 'test marks down'],
    meets: ['idle markDown closed'],
    test: 'closed, connect 1, remoteReset 1',
    peer: 'closed, accept 1; got 1 of 1',
  },
])

export const CONNECTING = given({ policies: CLIENT }, [
  {
    name: 'of two dials that cross, the one that goes first is kept',
    policies: PEERS,
    goesFirst: 'test',
    injections: [['dial', 'block']],
    script: ['test connects', 'held', 'peer connects', 5, 'release'],
    meets: ['connecting offer connecting', 'connecting yielded yielding'],
    test: 'open, connect 1',
    peer: 'open, accept 1',
  },
  {
    name: 'a client that finds its session closing dials again until it is gone',
    keepalive: 'test',
    limits: { drainTimeoutMs: 1000 },
    script: [...OPENED, 'silence', 'peer closes', 1200],
    meets: ['draining offer draining', 'reject INK_REFUSED', 'connecting rejected backoff', 'draining deadline closed'],
    test: 'open, connect 2, remoteReset 1',
    peer: 'closed open, accept 2; got 1 of 1',
  },
  {
    name: 'a peer without work that finds its session closing waits in standby',
    policies: PEERS,
    options: { test: { probeMs: 100 } },
    keepalive: 'test',
    limits: { drainTimeoutMs: 1000 },
    script: [...OPENED, 'silence', 'peer closes', 1200],
    meets: ['connecting rejected standby'],
    test: 'open, connect 2, remoteReset 1',
    peer: 'closed open, accept 2; got 1 of 1',
  },
  {
    name: 'a probe that finds nobody goes back to standby',
    policies: PEERS,
    options: { test: { probeMs: 50 } },
    script: [...OPENED, 'peer crashes', 200, 'peer restarts'],
    meets: ['connecting fault standby'],
    test: 'open, connect 2, remoteReset 1, refused 1',
    peer: 'open, accept 2; got 1 of 1',
  },
  {
    name: 'a dial that fails after the session has expired ends it',
    options: { test: { standbyMs: 100 } },
    script: [...OPENED, 'test cannot dial', 'cut', 150, 'peer crashes', 'heal', 20],
    meets: ['connecting fault closed'],
    test: 'closed, connect 1, reset 1, refused 1',
    peer: 'standby, accept 1; got 1 of 1',
  },
  {
    name: 'a dial without an answer is given up, and tried again later',
    options: { test: { connectTimeoutMs: 50 } },
    script: [...DIALS, 'test sends', 100, 'heal'],
    meets: ['connecting deadline backoff'],
    test: 'open, connect 1',
    peer: 'open, accept 1; got 1 of 1',
  },
  {
    name: 'a probe without an answer goes back to standby',
    policies: PEERS,
    options: { test: { probeMs: 50, connectTimeoutMs: 50 } },
    script: [...OPENED, 'test cannot dial', 'peer cannot dial', 'cut', 200, 'heal'],
    meets: ['connecting deadline standby'],
    test: 'open, connect 1, resume 1',
    peer: 'open, accept 1, resume 1; got 1 of 1',
  },
  {
    name: 'a dial without an answer ends a session that has expired meanwhile',
    options: { test: { standbyMs: 100, connectTimeoutMs: 150 }, peer: { standbyMs: 200 } },
    script: [...OPENED, 'test cannot dial', 'cut', 200],
    meets: ['connecting deadline closed'],
    test: 'closed, connect 1, reset 1',
    peer: 'closed, accept 1, reset 1; got 1 of 1',
  },
  {
    name: 'close() while dialling waits until what was sent has arrived',
    script: [...DIALS, 'test sends', 'test closes', 'heal', 20],
    meets: ['connecting close connecting'],
    test: 'closed, connect 1',
    peer: 'closed, accept 1, reset 1; got 1 of 1',
  },
  {
    name: 'close() while dialling ends at once when nothing was sent',
    script: [...DIALS, 'test closes'],
    meets: ['connecting close closed'],
    test: 'closed',
    peer: 'none',
  },
  {
    name: 'markDown() while dialling hands back what was sent',
    script: [...DIALS, 'test sends', 'test marks down'],
    meets: ['connecting markDown closed'],
    test: 'closed',
    peer: 'none; got none of 1',
  },
])

export const ACCEPTING = given({ policies: PEERS, injections: UNCONFIRMED }, [
  {
    name: 'a lossy session that is never confirmed is forgotten',
    policies: ['lossy', 'lossy'],
    limits: { handshakeTimeoutMs: 50 },
    script: ['peer connects', 'peer sends', 'held', 100],
    meets: ['accepting deadline closed'],
    test: 'none; got none of 1',
    peer: 'closed, connect 1, reset 1',
  },
  {
    name: 'a session that is never confirmed is kept for the next link',
    policies: SERVER,
    limits: { handshakeTimeoutMs: 50 },
    script: ['peer connects', 'peer sends', 'held', 100],
    meets: ['accepting deadline standby', 'promise: an establishment that was cut is continued'],
    test: 'open, accept 1; got 1 of 1',
    peer: 'open, connect 1, resume 1',
  },
  {
    name: 'a peer with work dials itself when a promised link is never confirmed',
    limits: { handshakeTimeoutMs: 50 },
    script: [...OPENED, 'test cannot dial', 'cut', 'test sends', 'peer sends', 'held', 60, 'heal', 'release'],
    meets: ['connecting offer accepting', 'accepting deadline connecting'],
    test: 'open, connect 1, resume 1; got 1 of 1',
    peer: 'open, accept 1, resume 2; got 1 2 of 2',
  },
  {
    name: 'a peer whose own dial failed waits when a promised link is never confirmed',
    options: { test: { backoff: { firstMs: 200 } } },
    limits: { handshakeTimeoutMs: 50 },
    injections: [['dial', 'fault', 2], ...UNCONFIRMED],
    script: [...OPENED, 250, 'cut', 'test sends', 5, 'peer sends', 'held', 60, 'release'],
    meets: ['backoff offer accepting', 'accepting deadline backoff'],
    test: 'open, connect 1, resume 1; got 1 of 1',
    peer: 'open, accept 1, resume 2; got 1 2 of 2',
  },
  {
    name: 'close() while a link is promised waits until what was sent has arrived',
    script: [...PROMISED, 'test sends', 'test closes', 'release', 20],
    meets: ['accepting close accepting'],
    test: 'closed, connect 1, resume 1; got 1 of 1',
    peer: 'closed, accept 1, resume 1, reset 1; got 1 2 of 2',
  },
  {
    name: 'close() while a link is promised ends at once when nothing was sent',
    script: [...PROMISED, 'test closes', 'release', 20],
    meets: ['accepting close closed'],
    test: 'closed open, connect 1, accept 1; got none of 1',
    peer: 'open, connect 1, accept 1, resume 1, remoteReset 1; got 1 of 1',
  },
  {
    name: 'markDown() while a link is promised drops it',
    script: [...PROMISED, 'test marks down', 'release', 20],
    meets: ['accepting markDown closed'],
    test: 'closed open, connect 1, accept 1; got none of 1',
    peer: 'open, connect 1, accept 1, resume 1, remoteReset 1; got 1 of 1',
  },
])
