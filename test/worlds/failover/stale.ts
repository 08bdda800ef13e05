/** One side hears late that a link is over: what it says then displaces nothing. */
import { PEER_DIALS, TEST_DIALS } from './alike.ts'
import { between } from './scenario.ts'
import type { Injection, Step } from '../script.ts'
import type { Row } from './scenario.ts'

/** Something is held; long enough for peer to dial another link, it is not let go. */
const LATE: readonly Step[] = ['held', 210, 'release']

/** Peer dials test, whose link stalls: peer's next link is the one that counts. */
function stalls(name: string, injections: readonly Injection[], rest: Pick<Row, 'ceph' | 'why'>): Row {
  return {
    ...{ name, runs: [injections], script: [...PEER_DIALS, ...LATE] },
    ...{ test: 'open, accept 1; got 1 of 1', peer: 'open, connect 1, resume 1' },
    ...rest,
  }
}

export const STALE_SCENARIOS = between('peer', 'peer', [
  {
    name: 'stale_connect',
    runs: [[['OPENED read', 'stall']]],
    script: [...TEST_DIALS, 'held', 'peer sends', 210, 'release'],
    test: 'open, connect 1, resume 1; got 1 of 1',
    peer: 'open, connect 1; got 1 of 1',
    ceph: '[0] established, accepted once; [1] replaced',
    why: 'One session: what test adopted on the dead link, peer goes on with, by the promise that it kept.',
  },
  {
    name: 'stale_reconnect',
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
  stalls('stale_accept', [['OPEN read', 'stall']], {
    ceph: '[0] closed, no events; [1] established, 1 session',
    why: 'The promise had left, so the dialler had its session already, and the next link resumes it: nothing is closed.',
  }),
  stalls('stale_establishing', [['OPENED write', 'stall']], {
    ceph: '[0] established, 2 accept events; [1] replaced',
    why: 'One session, told once on each side.',
  }),
  {
    ...stalls('stale_establishing', [['CONFIRM read', 'stall']], { ceph: 'no such frame' }),
    test: 'open, accept 1, resume 1; got 1 of 1',
  },
  {
    name: 'stale_reaccept',
    runs: [
      [
        ['MESSAGES read', 'fault'],
        ['OPENED write', 'stall', 2],
      ],
    ],
    script: ['peer connects', 20, 'peer sends', ...LATE],
    ...{ test: 'open, accept 1, resume 1; got 1 of 1', peer: 'open, connect 1, resume 2' },
    ceph: '[0] established, 3 accept events; [1] and [2] replaced',
    why: 'Two dead links later it is still one Connection; nothing is replaced.',
  },
])
