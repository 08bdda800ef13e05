/** No injected fault: one side marks its connection down, and somebody goes on. */
import { PEER_DIALS, TEST_DIALS } from './alike.ts'
import { between } from './scenario.ts'
import type { Step } from '../script.ts'
import type { Row } from './scenario.ts'

/** The dialler marks its connection down and makes a new one, which the other side marks down. */
const TEST_FIRST: readonly Step[] = [...TEST_DIALS, 20, 'test marks down', 20, ...TEST_DIALS, 20, 'peer marks down', 20]
const PEER_FIRST: readonly Step[] = [...PEER_DIALS, 20, 'peer marks down', 20, ...PEER_DIALS, 20, 'test marks down', 20]

const CALLER = 'The caller learns at once, by the goodbye, that the server ended the session: not at the next dial.'
const GOODBYE =
  'markDown says goodbye: the acceptor learns at once that the session is over, and gets what was unfinished, instead ' +
  'of keeping it until the peer comes back; the new session is a new Connection, so nothing of two is mixed.'
const NOT_LOST =
  'The caller knows that the session is over, so the message that wakes it opens a new one and is not lost.'
const TOLD = `In Ceph the session goes on in silence although one side has forgotten it. ${GOODBYE}`

/** The three sessions as their acceptor sees them: one ended by the goodbye, one by itself, one that goes on. */
const ACCEPTED = 'closed closed open, accept 3, reset 1; got 1 2 3 of 3'
/** And as a lossless dialler does: the second Connection outlives the goodbye, and has a new session. */
const DIALLED = 'closed open, connect 3, remoteReset 1'

/** Test dials; its next message wakes the Connection that peer marked down. */
function connector(name: string, rest: Pick<Row, 'ceph' | 'why'>): Row {
  return { name, runs: [[]], script: [...TEST_FIRST, 'test sends'], test: DIALLED, peer: ACCEPTED, ...rest }
}

/** Peer dials; its next message wakes the Connection that test marked down. */
function acceptor(name: string, rest: Partial<Row> = {}): Row {
  return {
    ...{ name, runs: [[]], script: [...PEER_FIRST, 'peer sends'], test: ACCEPTED, peer: DIALLED },
    ceph: '[0] 2 accept events, remote reset 1, closed by itself; [1] replaced; [2] established',
    why: GOODBYE,
    ...rest,
  }
}

/** A peer that dials, and sends once more when it has been woken. */
function peerConnector(name: string, ceph: string): Row {
  return {
    ...connector(name, { ceph, why: NOT_LOST }),
    script: [...TEST_FIRST, 'test sends', 20, 'test sends'],
    peer: ACCEPTED.replace('3 of 3', '3 4 of 4'),
  }
}

export const MARK_DOWN_SCENARIOS = [
  ...between('lossy', 'lossy', [
    {
      name: 'lossy_client',
      ...{ runs: [[]], script: [...TEST_FIRST, ...TEST_DIALS] },
      ...{ test: 'closed closed open, connect 3, reset 1', peer: ACCEPTED },
      ceph: '[0] closed without a reset, [1] closed by the server with reset 1, [2] established',
    },
    {
      name: 'stateless_server',
      ...{ runs: [[]], script: [...PEER_FIRST, ...PEER_DIALS] },
      ...{ test: ACCEPTED, peer: 'closed closed open, connect 3, reset 1' },
      ceph: '[0] closed with reset 1, [1] closed by itself without, [2] established',
    },
  ]),
  ...between('losslessClient', 'losslessServer', [
    connector('lossless_client', { ceph: '[0] closed, [1] established, 2 sessions, remote reset 1', why: CALLER }),
  ]),
  ...between('losslessServer', 'losslessClient', [acceptor('stateful_server')]),
  ...between('peer', 'peer', [
    peerConnector(
      'peer_reuse_connector',
      '[0] closed; [1] standby, then 2 sessions, remote reset 1; the message that woke it may be lost',
    ),
    acceptor('peer_reuse_acceptor'),
    { ...peerConnector('lossless_peer_connector', 'as peer_reuse_connector'), goesFirst: 'test' },
    acceptor('lossless_peer_acceptor', {
      goesFirst: 'test',
      ceph: 'as peer_reuse_acceptor, but no remote reset is told',
      why: TOLD,
    }),
  ]),
]
