/** One side hears late that a link is over: what it says then displaces nothing. */
import type { Scenario } from './scenario.ts'

const PEERS = ['peer', 'peer'] as const

export const STALE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'stale_connect',
    policies: PEERS,
    runs: [[['OPENED read', 'stall']]],
    script: ['test connects', 'test sends', 'held', 'peer sends', 210, 'release'],
    test: 'open, connect 1, resume 1; got 1 of 1',
    peer: 'open, connect 1; got 1 of 1',
    ceph: '[0] established, accepted once; [1] replaced',
    why: 'One session: what test adopted on the dead link, peer goes on with, by the promise that it kept.',
  },
  {
    name: 'stale_reconnect',
    policies: PEERS,
    runs: [
      [
        ['MESSAGES write', 'fault'],
        ['OPENED read', 'stall', 2],
      ],
    ],
    script: ['test connects', 20, 'test sends', 'held', 'peer sends', 210, 'release'],
    test: 'open, connect 1, resume 2; got 1 of 1',
    peer: 'open, accept 1, resume 1; got 1 of 1',
    ceph: '[0] established, connected once and accepted once; [1] replaced',
    why: 'However late test hears of it, the peer resumes the one session of the one Connection.',
  },
  {
    name: 'stale_accept',
    policies: PEERS,
    runs: [[['OPEN read', 'stall']]],
    script: ['peer connects', 'peer sends', 'held', 210, 'release'],
    test: 'open, accept 1; got 1 of 1',
    peer: 'open, connect 1, resume 1',
    ceph: '[0] closed, no events; [1] established, 1 session',
    why: 'The promise had left, so the dialler had its session already, and the next link resumes it: nothing is closed.',
  },
  {
    name: 'stale_establishing',
    policies: PEERS,
    runs: [[['OPENED write', 'stall']]],
    script: ['peer connects', 'peer sends', 'held', 210, 'release'],
    test: 'open, accept 1; got 1 of 1',
    peer: 'open, connect 1, resume 1',
    ceph: '[0] established, 2 accept events; [1] replaced',
    why: 'One session, told once on each side.',
  },
  {
    name: 'stale_establishing',
    policies: PEERS,
    runs: [[['CONFIRM read', 'stall']]],
    script: ['peer connects', 'peer sends', 'held', 210, 'release'],
    test: 'open, accept 1, resume 1; got 1 of 1',
    peer: 'open, connect 1, resume 1',
    ceph: 'no such frame',
  },
  {
    name: 'stale_reaccept',
    policies: PEERS,
    runs: [
      [
        ['MESSAGES read', 'fault'],
        ['OPENED write', 'stall', 2],
      ],
    ],
    script: ['peer connects', 20, 'peer sends', 'held', 210, 'release'],
    test: 'open, accept 1, resume 1; got 1 of 1',
    peer: 'open, connect 1, resume 2',
    ceph: '[0] established, 3 accept events; [1] and [2] replaced',
    why: 'Two dead links later it is still one Connection; nothing is replaced.',
  },
]
