/** Two peers, one of which dials: whoever has work brings the session back. */
import { confirmNotRead, confirmNotSent, cutWhileAccepting, cutWhileDialling, promiseNotSent } from './alike.ts'
import { between, faults } from './scenario.ts'

export const PEER_SCENARIOS = between('peer', 'peer', [
  cutWhileDialling('peer_connect_fault', ['OPEN write', 'OPENED read']),
  confirmNotSent('peer_connect_fault'),
  cutWhileAccepting('peer_accept_fault', ['OPEN read']),
  promiseNotSent('peer_establishing_fault'),
  confirmNotRead('peer_establishing_fault'),
  {
    name: 'peer_connected_fault_reconnect',
    runs: faults('MESSAGES write'),
    script: ['test connects', 20, 'test sends'],
    test: 'open, connect 1, resume 1',
    peer: 'open, accept 1, resume 1; got 1 of 1',
    ceph: '[0] established, 1 session, 1 reconnect',
  },
  {
    name: 'peer_connected_fault_reaccept',
    ...{ runs: faults('MESSAGES read'), script: ['test connects', 20, 'peer sends'] },
    ...{ test: 'open, connect 1, resume 1; got 1 of 1', peer: 'open, accept 1, resume 1' },
    ceph: '[0] established, connected once and accepted once; [1] replaced',
    why: 'The link that the peer dialled is told as a resume: it is the same session and Connection.',
  },
])
