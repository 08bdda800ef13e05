/** No injected fault: one side marks its connection down, and somebody goes on. */
import type { Scenario, Step } from './scenario.ts'

const TEST_FIRST: readonly Step[] = ['test connects', 'test sends', 20, 'test marks down', 20]
const PEER_FIRST: readonly Step[] = ['peer connects', 'peer sends', 20, 'peer marks down', 20]

const CALLER = 'The caller learns at once, by the goodbye, that the server ended the session: not at the next dial.'
const GOODBYE =
  'markDown says goodbye: the acceptor learns at once that the session is over, and gets what was unfinished, instead ' +
  'of keeping it until the peer comes back; the new session is a new Connection, so nothing of two is mixed.'
const NOT_LOST =
  'The caller knows that the session is over, so the message that wakes it opens a new one and is not lost.'
const TOLD = `In Ceph the session goes on in silence although one side has forgotten it. ${GOODBYE}`

export const MARK_DOWN_SCENARIOS: readonly Scenario[] = [
  {
    name: 'lossy_client',
    policies: ['lossy', 'lossy'],
    runs: [[]],
    script: [...TEST_FIRST, 'test connects', 'test sends', 20, 'peer marks down', 20, 'test connects', 'test sends'],
    test: 'closed closed open, connect 3, reset 1',
    peer: 'closed closed open, accept 3, reset 1; got 1 2 3 of 3',
    ceph: '[0] closed without a reset, [1] closed by the server with reset 1, [2] established',
  },
  {
    name: 'stateless_server',
    policies: ['lossy', 'lossy'],
    runs: [[]],
    script: [...PEER_FIRST, 'peer connects', 'peer sends', 20, 'test marks down', 20, 'peer connects', 'peer sends'],
    test: 'closed closed open, accept 3, reset 1; got 1 2 3 of 3',
    peer: 'closed closed open, connect 3, reset 1',
    ceph: '[0] closed with reset 1, [1] closed by itself without, [2] established',
  },
  {
    name: 'lossless_client',
    policies: ['losslessClient', 'losslessServer'],
    runs: [[]],
    script: [...TEST_FIRST, 'test connects', 'test sends', 20, 'peer marks down', 20, 'test sends'],
    test: 'closed open, connect 3, remoteReset 1',
    peer: 'closed closed open, accept 3, reset 1; got 1 2 3 of 3',
    ceph: '[0] closed, [1] established, 2 sessions, remote reset 1',
    why: CALLER,
  },
  {
    name: 'stateful_server',
    policies: ['losslessServer', 'losslessClient'],
    runs: [[]],
    script: [...PEER_FIRST, 'peer connects', 'peer sends', 20, 'test marks down', 20, 'peer sends'],
    test: 'closed closed open, accept 3, reset 1; got 1 2 3 of 3',
    peer: 'closed open, connect 3, remoteReset 1',
    ceph: '[0] 2 accept events, remote reset 1, closed by itself; [1] replaced; [2] established',
    why: GOODBYE,
  },
  {
    name: 'peer_reuse_connector',
    policies: ['peer', 'peer'],
    runs: [[]],
    script: [...TEST_FIRST, 'test connects', 'test sends', 20, 'peer marks down', 20, 'test sends', 20, 'test sends'],
    test: 'closed open, connect 3, remoteReset 1',
    peer: 'closed closed open, accept 3, reset 1; got 1 2 3 4 of 4',
    ceph: '[0] closed; [1] standby, then 2 sessions, remote reset 1; the message that woke it may be lost',
    why: NOT_LOST,
  },
  {
    name: 'peer_reuse_acceptor',
    policies: ['peer', 'peer'],
    runs: [[]],
    script: [...PEER_FIRST, 'peer connects', 'peer sends', 20, 'test marks down', 20, 'peer sends'],
    test: 'closed closed open, accept 3, reset 1; got 1 2 3 of 3',
    peer: 'closed open, connect 3, remoteReset 1',
    ceph: '[0] 2 accept events, remote reset 1, closed by itself; [1] replaced; [2] established',
    why: GOODBYE,
  },
  {
    name: 'lossless_peer_connector',
    policies: ['peer', 'peer'],
    goesFirst: 'test',
    runs: [[]],
    script: [...TEST_FIRST, 'test connects', 'test sends', 20, 'peer marks down', 20, 'test sends', 20, 'test sends'],
    test: 'closed open, connect 3, remoteReset 1',
    peer: 'closed closed open, accept 3, reset 1; got 1 2 3 4 of 4',
    ceph: 'as peer_reuse_connector',
    why: NOT_LOST,
  },
  {
    name: 'lossless_peer_acceptor',
    policies: ['peer', 'peer'],
    goesFirst: 'test',
    runs: [[]],
    script: [...PEER_FIRST, 'peer connects', 'peer sends', 20, 'test marks down', 20, 'peer sends'],
    test: 'closed closed open, accept 3, reset 1; got 1 2 3 of 3',
    peer: 'closed open, connect 3, remoteReset 1',
    ceph: 'as peer_reuse_acceptor, but no remote reset is told',
    why: TOLD,
  },
]
