/** What an arriving link means by Ceph's rules: the same stage, over msgr2. */
import type { Behaviour } from './scenario.ts'

const CLIENT = ['losslessClient', 'losslessServer'] as const
const SERVER = ['losslessServer', 'losslessClient'] as const
const OPENED = ['test connects', 'test sends', 20] as const
const ACCEPTED = ['peer connects', 'peer sends', 20] as const

type CephRow = Omit<Behaviour, 'wire'>

const ROWS: readonly CephRow[] = [
  {
    name: 'ceph: a session goes on over a new link',
    policies: CLIENT,
    script: [...OPENED, 'cut', 20, 'test sends', 20],
    meets: ['ceph promise: a first session', 'ceph resume: the session is known on both sides'],
    test: 'open, connect 1, resume 1',
    peer: 'open, accept 1, resume 1; got 1 2 of 2',
  },
  {
    name: 'ceph: a new link displaces one that is dead without a word',
    policies: CLIENT,
    keepalive: 'test',
    script: [...OPENED, 'silence', 'test sends', 300],
    meets: ['ceph replace: the session is known on both sides'],
    test: 'open, connect 1, resume 1',
    peer: 'open, accept 1, resume 1; got 1 2 of 2',
  },
  {
    name: 'ceph: a session whose answer was lost goes on over the next link',
    policies: CLIENT,
    script: ['test connects', 'test sends', 0.95, 'cut', 100],
    meets: ['ceph resume: an establishment that was cut is continued'],
    test: 'open, connect 1',
    peer: 'open, accept 1, resume 1; got 1 of 1',
  },
  {
    name: 'ceph: a session whose answer was lost goes on although the server sees no end of its link',
    policies: CLIENT,
    options: { test: { connectTimeoutMs: 50 } },
    script: ['test connects', 'test sends', 1.15, 'silence', 200],
    meets: ['ceph replace: an establishment that was cut is continued'],
    test: 'open, connect 1',
    peer: 'open, accept 1, resume 1; got 1 of 1',
  },
  {
    name: 'ceph: a server that restarted knows no session',
    policies: CLIENT,
    script: [...OPENED, 'peer crashes', 'test sends', 20, 'peer restarts', 200],
    meets: ['ceph again: there is no session'],
    test: 'open, connect 2, remoteReset 1',
    peer: 'open, accept 2; got 1 of 2',
  },
  {
    name: 'ceph: a client that has marked its session down is known by its new one',
    policies: SERVER,
    script: [...ACCEPTED, 'silence', 'peer marks down', 'peer connects', 'peer sends', 20],
    meets: ['ceph reset: the peer has lost the session'],
    test: 'open, accept 2, remoteReset 1; got 1 2 of 2',
    peer: 'closed open, connect 2',
  },
  {
    name: 'ceph: a session that is closing here takes no link',
    policies: CLIENT,
    keepalive: 'test',
    limits: { drainTimeoutMs: 1000 },
    script: [...OPENED, 'silence', 'peer closes', 1200],
    meets: ['ceph reject: the connection is being closed here'],
    test: 'open, connect 2, remoteReset 1',
    peer: 'closed open, accept 2; got 1 of 1',
  },
  {
    name: 'ceph: a lossy dial to a lossless server is refused',
    policies: ['lossy', 'losslessServer'],
    script: ['test connects', 'test sends', 20],
    meets: ['ceph reject: the peer asks for a lossy session, and here is losslessServer'],
    test: 'closed, reset 1, refused 1',
    peer: 'none; got none of 1',
  },
  {
    name: 'ceph: of two processes with one name the newer one stays',
    policies: SERVER,
    script: [...ACCEPTED, 'twin connects', 'twin sends', 100],
    meets: ['ceph reject: another, newer instance with this name has taken over'],
    test: 'open, accept 2, remoteReset 1; got 1 1 of 1',
    peer: 'backoff, connect 1',
  },
]

export const CEPH: readonly Behaviour[] = ROWS.map((row) => ({ ...row, wire: 'msgr2' }))
