/** While a link is open, also when another one is promised beside it, and until its goodbye has left. */
import type { Injection } from '../script.ts'
import { given } from './scenario.ts'
import type { Behaviour } from './scenario.ts'

const PEERS = ['peer', 'peer'] as const
const CLIENT = ['losslessClient', 'losslessServer'] as const

const OPENED = ['test connects', 'test sends', 20] as const
/** Only peer sees that the link is over: its next one comes beside the open one. */
const DARK: Injection = ['MESSAGES write', 'stall']
const RIVAL = [...OPENED, 'peer sends', 5] as const

export const OPEN = given({ policies: CLIENT }, [
  {
    name: 'a promised link that breaks takes nothing with it',
    policies: PEERS,
    injections: [DARK, ['CONFIRM read', 'fault']],
    script: [...RIVAL, 20],
    meets: ['replace', 'open fault open'],
    test: 'open, connect 1, resume 1; got 1 of 1',
    peer: 'open, accept 1, resume 2; got 1 of 1',
  },
  {
    name: 'an open link that breaks leaves the promised one',
    policies: PEERS,
    injections: [DARK, ['CONFIRM read', 'block']],
    script: [...RIVAL, 'release MESSAGES write', 5, 'release', 20],
    meets: ['open fault accepting'],
    test: 'open, connect 1, resume 1; got 1 of 1',
    peer: 'open, accept 1, resume 1; got 1 of 1',
  },
  {
    name: 'a promised link that is never confirmed is dropped, and the open one goes on',
    policies: PEERS,
    limits: { handshakeTimeoutMs: 50 },
    injections: [DARK, ['CONFIRM read', 'block']],
    script: [...RIVAL, 100, 'release'],
    meets: ['open deadline open'],
    test: 'open, connect 1, resume 1; got 1 of 1',
    peer: 'open, accept 1, resume 2; got 1 of 1',
  },
  {
    name: 'close() gives up at its deadline and hands back what nobody acked',
    limits: { drainTimeoutMs: 100 },
    script: ['peer holds', ...OPENED, 'test closes', 150],
    meets: ['open close open', 'open deadline closed'],
    test: 'closed, connect 1, reset 1',
    peer: 'closed, accept 1, reset 1; got 1 of 1',
  },
  {
    name: 'a client that requeues dials again after a goodbye, but not at once',
    options: { test: { onReset: 'requeue' } },
    script: ['peer holds', ...OPENED, 'peer marks down', 20, 'peer finishes'],
    meets: ['open goodbye backoff'],
    test: 'open, connect 2, remoteReset 1',
    peer: 'closed open, accept 2; got 1 1 of 1',
  },
  {
    name: 'close() with nothing to wait for says goodbye at once',
    script: [...OPENED, 'test closes', 20],
    meets: ['open close draining', 'draining fault closed'],
    test: 'closed, connect 1',
    peer: 'closed, accept 1, reset 1; got 1 of 1',
  },
  {
    name: 'close() says goodbye when the last message is acked',
    script: ['peer holds', ...OPENED, 'test closes', 10, 'peer finishes', 20],
    meets: ['open drained draining'],
    test: 'closed, connect 1',
    peer: 'closed, accept 1, reset 1; got 1 of 1',
  },
  {
    name: 'markDown() does not wait until a goodbye is read',
    options: { peer: { standbyMs: 100 } },
    script: [...OPENED, 'silence', 'test closes', 10, 'test marks down', 'cut'],
    meets: ['draining markDown closed'],
    test: 'closed, connect 1',
    peer: 'closed, accept 1, reset 1; got 1 of 1',
  },
])

export const TWO_SESSIONS: readonly Behaviour[] = [
  {
    name: 'a peer that has marked its session down is known by its new one',
    policies: PEERS,
    injections: [DARK],
    script: [...OPENED, 'peer marks down', 'peer connects', 'peer sends', 20],
    meets: ['reset: the peer has lost the session'],
    test: 'open, connect 1, accept 1, remoteReset 1; got 1 of 1',
    peer: 'closed open, connect 1, accept 1; got 1 of 1',
  },
  {
    name: 'of two processes with one name the newer one stays, and the older one is refused for good',
    policies: ['losslessServer', 'losslessClient'],
    script: ['peer connects', 'peer sends', 20, 'twin connects', 'twin sends', 100],
    meets: ['reset: the peer has restarted as a new instance', 'reject INK_TAKEN_OVER'],
    test: 'open, accept 2, remoteReset 1; got 1 1 of 1',
    peer: 'closed, connect 1, refused 1',
  },
]
