/** Lossy sessions: the dialler tries until one is there, and each ends with its link. */
import type { Breakpoint } from '../../../src/testing/index.ts'
import { DIALLING, mirrored } from '../../support/breakpoints.ts'
import { NO_SUCH_FRAME, PEER_DIALS, TEST_DIALS, cutWhileAccepting, cutWhileDialling, promiseNotSent } from './alike.ts'
import { between, faults } from './scenario.ts'
import type { SideName } from '../script.ts'
import type { Row } from './scenario.ts'

const CONFIRMED_LATE = 'Ours counts a session only after CONFIRM: the acceptor reports nothing of one that never was.'
const ONE_SIDED = 'The dialler had its session and is reset; the acceptor never had one, so nobody is told there.'

/** The dialler's CONFIRM is lost. */
function confirmLost(name: string, dialler: SideName): Row {
  const [reset, never] = ['closed, connect 1, reset 1', 'none; got none of 1']
  const rest = { ceph: NO_SUCH_FRAME, why: ONE_SIDED }
  return dialler === 'test'
    ? { name, runs: faults('CONFIRM write'), script: TEST_DIALS, test: reset, peer: never, ...rest }
    : { name, runs: faults('CONFIRM read'), script: PEER_DIALS, test: never, peer: reset, ...rest }
}

/** Test's open link breaks at a message: both ends are reset, and only what was in peer's hands has come. */
function messageLost(name: string, dialler: SideName): Row[] {
  const [test, peer] = dialler === 'test' ? ['connect', 'accept'] : ['accept', 'connect']
  const first = dialler === 'test' ? 'test' : 'peer'
  const row = (point: Breakpoint, got: string): Row => ({
    ...{ name, runs: faults(point) },
    script: [`${first} connects`, 20, `${first} sends`, `${first === 'test' ? 'peer' : 'test'} sends`],
    test: `closed, ${test} 1, reset 1; got none of 1`,
    peer: `closed, ${peer} 1, reset 1; got ${got} of 1`,
    ceph: '[0] closed, 1 session, reset 1',
  })
  return [row('MESSAGES write', 'none'), row('MESSAGES read', '1')]
}

export const LOSSY_SCENARIOS = between('lossy', 'lossy', [
  cutWhileDialling('lossy_early_connect_fault', ['dial', ...DIALLING]),
  cutWhileDialling('lossy_connect_fault', ['OPEN write', 'OPENED read']),
  confirmLost('lossy_connect_fault', 'test'),
  ...messageLost('lossy_connected_fault', 'test'),
  cutWhileAccepting('lossy_early_accept_fault', ['accept', ...mirrored(DIALLING)]),
  cutWhileAccepting('lossy_accept_fault', ['OPEN read']),
  {
    ...promiseNotSent('lossy_establishing_fault'),
    ceph: '[0] closed, 1 session, reset 1; [1] established, 1 session',
    why: CONFIRMED_LATE,
  },
  confirmLost('lossy_establishing_fault', 'peer'),
  ...messageLost('lossy_accepted_fault', 'peer'),
])
