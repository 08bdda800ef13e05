/** A client that dials again and a server that keeps the session: nothing is lost, whatever breaks. */
import {
  NO_SUCH_FRAME,
  confirmNotRead,
  confirmNotSent,
  cutWhileAccepting,
  cutWhileDialling,
  promiseNotSent,
} from './alike.ts'
import { between, each, faults, following } from './scenario.ts'
import type { Injection, Step } from '../script.ts'
import type { Row } from './scenario.ts'

type Runs = Row['runs']

const CLIENT_OPEN: readonly Step[] = ['test connects', 20, 'test sends', 'peer sends']
const SERVER_OPEN: readonly Step[] = ['peer connects', 20, 'peer sends', 'test sends']
const SENT: Injection = ['MESSAGES write', 'fault']
const READ: Injection = ['MESSAGES read', 'fault']

const ONE_CONNECTION = 'However often the link breaks, it is one Connection, one session.'

/** Test, the client, resumes its session once. */
function clientResumes(name: string, runs: Runs, script = CLIENT_OPEN, got = '1 of 1'): Row {
  return {
    ...{ name, runs, script },
    test: `open, connect 1, resume 1; got ${got}`,
    peer: `open, accept 1, resume 1; got ${got}`,
    ceph: '[0] established, 1 session, 1 reconnect',
  }
}

/** Its link breaks at a sign of life that `keepalive` asked for; both have sent before it, and send after it. */
function silenced(keepalive: 'test' | 'peer', runs: Runs): Row {
  const script = [...CLIENT_OPEN, 50, 'test sends', 'peer sends'] as const
  return { ...clientResumes('lossless_connected_fault2', runs, script, '1 2 of 2'), keepalive }
}

/** Test, the server, keeps the session that peer resumes once. */
function serverResumed(name: string, runs: Runs): Row {
  return {
    ...{ name, runs, script: SERVER_OPEN },
    test: 'open, accept 1, resume 1; got 1 of 1',
    peer: 'open, connect 1, resume 1; got 1 of 1',
    ceph: '[0] established, 2 or 3 accept events; [1] closed or replaced; [2] replaced',
    why: ONE_CONNECTION,
  }
}

export const LOSSLESS_SCENARIOS = [
  ...between('losslessClient', 'losslessServer', [
    cutWhileDialling('lossless_connect_fault', ['OPEN write', 'OPENED read']),
    confirmNotSent('lossless_connect_fault'),
    clientResumes('lossless_connected_fault', faults('MESSAGES write', 'MESSAGES read')),
    clientResumes('lossless_connected_fault2', faults('ACK read', 'ACK write'), [...CLIENT_OPEN, 20]),
    silenced('test', faults('KEEPALIVE write', 'KEEPALIVE_ACK read')),
    silenced('peer', faults('KEEPALIVE read', 'KEEPALIVE_ACK write')),
    {
      ...clientResumes('lossless_reconnect_fault', following(SENT, each('fault', ['OPEN write', 'OPENED read'], 2))),
      ceph: '[0] established, 1 session, 1 reconnect at the 2nd attempt',
    },
    {
      ...clientResumes('lossless_reconnect_fault', following(SENT, each('fault', ['CONFIRM write'], 2))),
      test: 'open, connect 1, resume 2; got 1 of 1',
      ceph: NO_SUCH_FRAME,
    },
  ]),
  ...between('losslessServer', 'losslessClient', [
    cutWhileAccepting('lossless_accept_fault', ['OPEN read']),
    promiseNotSent('lossless_establishing_fault'),
    confirmNotRead('lossless_establishing_fault'),
    {
      ...serverResumed('lossless_accepted_fault', faults('MESSAGES write', 'MESSAGES read')),
      ceph: '[0] established, 2 accept events; [1] replaced',
      why: 'A new link is told as a resume of the Connection that the application has.',
    },
    serverResumed('lossless_reaccept_fault', following(READ, each('fault', ['OPEN read', 'OPENED write'], 2))),
    {
      ...serverResumed('lossless_reaccept_fault', following(READ, each('fault', ['CONFIRM read'], 2))),
      peer: 'open, connect 1, resume 2; got 1 of 1',
      ceph: NO_SUCH_FRAME,
    },
  ]),
]
