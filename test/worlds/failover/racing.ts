/** Both peers dial: one link survives, one session, and nobody loses a message. */
import { each, following } from './scenario.ts'
import { mirrored } from '../../support/breakpoints.ts'
import type { Breakpoint } from '../../../src/testing/index.ts'
import type { Scenario } from './scenario.ts'

const PEERS = ['peer', 'peer'] as const

/** Where a dial is held before its OPEN has left, and after. */
const UNOFFERED: readonly Breakpoint[] = ['dial', 'banner write', 'HELLO write', 'AUTH_REQUEST write', 'OPEN write']
const OFFERED: readonly Breakpoint[] = ['banner read', 'HELLO read', 'AUTH_DONE read', 'OPENED read']
/** Where an accepted link is held before its OPEN was read, and after. */
const UNREAD = mirrored(UNOFFERED)
const READ = mirrored(OFFERED)

const ONE_FLIGHT =
  'Our OPEN leaves with the first bytes, so it was promised before the other side had a reason to dial: no race.'
const RESUMED = 'Whichever link wins, it is a resume of the one session, told once on each side.'

export const RACING_SCENARIOS: readonly Scenario[] = [
  {
    name: 'check_peer_wins',
    policies: ['lossy', 'lossy'],
    runs: [[]],
    script: ['test connects', 'test sends'],
    test: 'open, connect 1',
    peer: 'open, accept 1; got 1 of 1',
    ceph: 'reports whose address wins',
    why: 'Here each scenario says who goes first.',
  },
  {
    name: 'racing_connect_acceptor_win',
    policies: PEERS,
    runs: each('block', UNOFFERED),
    script: ['test connects', 'test sends', 'held', 'peer connects', 'peer sends', 20, 'release'],
    test: 'open, accept 1; got 1 of 1',
    peer: 'open, connect 1; got 1 of 1',
    ceph: '[0] established, accepted once; [1] replaced',
    why: 'The same, without a second Connection on the way.',
  },
  {
    name: 'racing_connect_acceptor_win',
    policies: PEERS,
    runs: each('block', OFFERED),
    script: ['test connects', 'test sends', 'held', 'peer connects', 'peer sends', 20, 'release'],
    test: 'open, connect 1; got 1 of 1',
    peer: 'open, accept 1; got 1 of 1',
    ceph: '[0] established, accepted once; [1] replaced',
    why: ONE_FLIGHT,
  },
  {
    name: 'racing_reconnect_acceptor_win',
    policies: PEERS,
    runs: following(['MESSAGES write', 'fault'], each('block', [...UNOFFERED, ...OFFERED], 2)),
    script: ['test connects', 20, 'test sends', 'held', 'peer sends', 20, 'release'],
    test: 'open, connect 1, resume 1; got 1 of 1',
    peer: 'open, accept 1, resume 1; got 1 of 1',
    ceph: '[0] established, connected once and accepted once; [1] replaced',
    why: RESUMED,
  },
  {
    name: 'racing_connect_acceptor_lose',
    policies: PEERS,
    goesFirst: 'test',
    runs: each('block', UNREAD),
    script: ['peer connects', 'held', 'test connects', 'test sends', 20, 'release', 20, 'peer sends'],
    test: 'open, connect 1; got 1 of 1',
    peer: 'open, accept 1; got 1 of 1',
    ceph: '[0] closed; [1] established, connected once',
    why: 'The same, without a second Connection on the way.',
  },
  {
    name: 'racing_connect_acceptor_lose',
    policies: PEERS,
    goesFirst: 'test',
    runs: each('block', READ),
    script: ['peer connects', 'held', 'test connects', 'test sends', 20, 'release', 20, 'peer sends'],
    test: 'open, accept 1; got 1 of 1',
    peer: 'open, connect 1; got 1 of 1',
    ceph: '[0] closed; [1] established, connected once',
    why: ONE_FLIGHT,
  },
  {
    name: 'racing_reconnect_acceptor_lose',
    policies: PEERS,
    goesFirst: 'test',
    runs: following(['MESSAGES read', 'fault'], each('block', [...UNREAD, ...READ], 2)),
    script: ['peer connects', 20, 'peer sends', 'held', 'test sends', 20, 'release'],
    test: 'open, accept 1, resume 1; got 1 of 1',
    peer: 'open, connect 1, resume 1; got 1 of 1',
    ceph: '[0] established, reconnected once; [1] closed',
    why: RESUMED,
  },
  {
    name: 'racing_connect_reconnect_win',
    policies: PEERS,
    goesFirst: 'test',
    runs: [
      [
        ['OPENED read', 'fault'],
        ['OPEN read', 'block'],
      ],
    ],
    script: ['test connects', 'test sends', 2, 'peer sends', 'held', 100, 'release'],
    test: 'open, connect 1; got 1 of 1',
    peer: 'open, accept 1; got 1 of 1',
    ceph: '[0] established, 1 session at the 2nd attempt; [1] closed',
  },
  {
    name: 'racing_connect_reconnect_lose',
    policies: PEERS,
    runs: [
      [
        ['OPENED read', 'fault'],
        ['OPEN write', 'block', 2],
      ],
    ],
    script: ['test connects', 'test sends', 'held', 'peer sends', 20, 'release'],
    test: 'open, accept 1; got 1 of 1',
    peer: 'open, connect 1; got 1 of 1',
    ceph: '[0] established, accepted once; [1] replaced: a RECONNECT that is RESET, then an IDENT',
    why: 'The promise of the cut link is kept and offered again: no reset, no second Connection.',
  },
]
