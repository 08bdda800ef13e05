/** Two peers, one of which dials: whoever has work brings the session back. */
import { each } from './scenario.ts'
import type { Scenario } from './scenario.ts'

const PEERS = ['peer', 'peer'] as const

export const PEER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'peer_connect_fault',
    policies: PEERS,
    runs: each('fault', ['OPEN write', 'OPENED read']),
    script: ['test connects', 'test sends'],
    test: 'open, connect 1',
    peer: 'open, accept 1; got 1 of 1',
    ceph: '[0] established, 1 session at the 2nd attempt',
  },
  {
    name: 'peer_connect_fault',
    policies: PEERS,
    runs: each('fault', ['CONFIRM write']),
    script: ['test connects', 'test sends'],
    test: 'open, connect 1, resume 1',
    peer: 'open, accept 1; got 1 of 1',
    ceph: 'no such frame',
  },
  {
    name: 'peer_accept_fault',
    policies: PEERS,
    runs: each('fault', ['OPEN read']),
    script: ['peer connects', 'peer sends'],
    test: 'open, accept 1; got 1 of 1',
    peer: 'open, connect 1',
    ceph: '[0] closed, no events; [1] established, 1 session',
    why: 'A link that no session came of is never a Connection.',
  },
  {
    name: 'peer_establishing_fault',
    policies: PEERS,
    runs: each('fault', ['OPENED write']),
    script: ['peer connects', 'peer sends'],
    test: 'open, accept 1; got 1 of 1',
    peer: 'open, connect 1',
    ceph: '[0] established, 2 accept events; [1] replaced',
    why: 'One session, told once: the promise is kept for the next link, which needs no second Connection.',
  },
  {
    name: 'peer_establishing_fault',
    policies: PEERS,
    runs: each('fault', ['CONFIRM read']),
    script: ['peer connects', 'peer sends'],
    test: 'open, accept 1; got 1 of 1',
    peer: 'open, connect 1, resume 1',
    ceph: 'no such frame',
  },
  {
    name: 'peer_connected_fault_reconnect',
    policies: PEERS,
    runs: each('fault', ['MESSAGES write']),
    script: ['test connects', 20, 'test sends'],
    test: 'open, connect 1, resume 1',
    peer: 'open, accept 1, resume 1; got 1 of 1',
    ceph: '[0] established, 1 session, 1 reconnect',
  },
  {
    name: 'peer_connected_fault_reaccept',
    policies: PEERS,
    runs: each('fault', ['MESSAGES read']),
    script: ['test connects', 20, 'peer sends'],
    test: 'open, connect 1, resume 1; got 1 of 1',
    peer: 'open, accept 1, resume 1',
    ceph: '[0] established, connected once and accepted once; [1] replaced',
    why: 'The link that the peer dialled is told as a resume: it is the same session and Connection.',
  },
]
