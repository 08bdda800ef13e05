/** The words of groups on the wire: what is written is read again, and nothing else is a word. */
import t from 'tap'
import { decodeWord, encodeWord } from '../../../../src/groups/machine/codec.ts'
import { ATTEMPTS_MAX } from '../../../../src/groups/machine/electorate.ts'
import { GROUPS } from '../../../../src/groups/machine/limits.ts'
import { accountBytes } from '../../../../src/groups/machine/quorum.ts'
import type { Entry, GroupWord, ViewId } from '../../../../src/groups/machine/terms.ts'
import { batches } from '../../../../src/groups/machine/view-log.ts'
import { seededRandom } from '../../../../src/testing/simulator/random.ts'

const VIEW: ViewId = { number: 2 ** 40 + 3, installer: 'osd.0/é.1' }
const BALLOT: ViewId = { number: 7, installer: 'osd.1/aa.2' }
const entry = (from: string, number: number, data: Uint8Array): Entry => ({
  from,
  number,
  offset: 2,
  total: data.length + 2,
  isSafe: number % 2 === 0,
  type: 65_535,
  origin: number === 1 ? 'client.1' : '',
  data,
})
const ENTRIES = [
  entry('osd.0/aa.1', 1, Uint8Array.of(1, 2, 3)),
  entry('osd.1/aa.1', 2 ** 33, new Uint8Array(0)),
  entry('osd.0/aa.1', 3, Uint8Array.of(4)),
]
/** A turn of one sender, and what is not quite like it. */
const whole = (number: number, byte: number, more: Partial<Entry> = {}): Entry => ({
  ...entry('osd.0/aa.1', number, Uint8Array.of(byte, byte)),
  ...{ offset: 0, total: 2, isSafe: false, origin: '' },
  ...more,
})
const RUN = [
  whole(5, 1),
  whole(6, 2),
  whole(7, 3),
  whole(9, 4),
  whole(10, 5, { isSafe: true }),
  whole(11, 6, { isSafe: true, type: 3 }),
  whole(12, 7, { isSafe: true, type: 3, from: 'osd.1/aa.1' }),
  whole(13, 8, { isSafe: true, type: 3, from: 'osd.1/aa.1', origin: 'client.1' }),
  whole(14, 9, { isSafe: true, type: 3, from: 'osd.1/aa.1' }),
  whole(15, 9, { isSafe: true, type: 3, from: 'osd.1/aa.1', total: 4 }),
  whole(16, 9, { isSafe: true, type: 3, from: 'osd.1/aa.1', total: 4, offset: 2 }),
]
const NO_DATA = new Uint8Array(0)

const WORDS: readonly GroupWord[] = [
  { kind: 'data', view: VIEW, entries: ENTRIES },
  { kind: 'orders', view: VIEW, index: 5, stable: 4, entries: ENTRIES.slice(0, 1) },
  { kind: 'orders', view: VIEW, index: 6, stable: 4, entries: RUN },
  { kind: 'ack', view: VIEW, received: 2 ** 47, consumed: 1, needsStable: true },
  { kind: 'ack', view: VIEW, received: 1, consumed: 1, needsStable: false },
  { kind: 'stable', view: VIEW, stable: 9 },
  { kind: 'prepare', ballot: BALLOT, candidates: ['a', 'b'], view: VIEW, length: 3 },
  { kind: 'refuse', ballot: BALLOT, promised: 12 },
  { kind: 'held', ballot: BALLOT, view: VIEW, index: 1, entries: ENTRIES },
  {
    kind: 'flushed',
    ballot: BALLOT,
    view: VIEW,
    length: 3,
    stable: 1,
    isLeaving: true,
    isFresh: false,
    account: Uint8Array.of(9, 9),
  },
  { kind: 'cut', ballot: BALLOT, view: VIEW, index: 1, entries: [] },
  {
    kind: 'install',
    ballot: BALLOT,
    members: ['a', 'b'],
    lineages: [
      { view: VIEW, length: 3, stable: 2, transitional: ['a'], isFresh: false, accounts: [['a', Uint8Array.of(1)]] },
      { view: BALLOT, length: 0, stable: 0, transitional: ['b'], isFresh: true, accounts: [] },
    ],
    reasons: [
      ['c', 'slow'],
      ['d', 'node-down'],
    ],
  },
  { kind: 'probe', view: { id: VIEW, members: ['a', 'b', 'c'] } },
  { kind: 'reform', view: VIEW },
  { kind: 'leave', view: VIEW },
  { kind: 'bye' },
  { kind: 'evict' },
  { kind: 'relieve', view: VIEW },
]

t.test('every word is read as it was written', (t) => {
  for (const word of WORDS) {
    const { kind, front, data } = encodeWord(word)
    t.strictSame(decodeWord(kind, front, data ?? NO_DATA), word, word.kind)
  }
  t.end()
})

t.test('those of a turn are a byte each, and what lies in one memory is not copied', (t) => {
  const bytes = Uint8Array.from({ length: 200 }, (_, at) => at)
  const entries = Array.from({ length: 100 }, (_, at) => whole(at, 0, { data: bytes.subarray(2 * at, 2 * at + 2) }))
  const one = encodeWord({ kind: 'data', view: VIEW, entries: entries.slice(0, 1) })
  const all = encodeWord({ kind: 'data', view: VIEW, entries })
  t.equal(all.front.length - one.front.length, 99)
  t.equal(all.data?.buffer, bytes.buffer)
  t.strictSame(all.data, bytes)
  const apart = encodeWord({ kind: 'data', view: VIEW, entries: [entries[0]!, entries[2]!] })
  t.strictSame(apart.data, Uint8Array.of(0, 1, 4, 5))
  t.end()
})

t.test('no word is larger than a session takes: not the widest view with most voters, nor a turn of posts', (t) => {
  const name = 'n'.repeat(GROUPS.nameBytesMax)
  const ids = Array.from({ length: GROUPS.membersMax }, (_, at) => `${name}/${'f'.repeat(16)}.${10_000 + at}`)
  t.ok(ids.every((id) => id.length <= GROUPS.memberBytesMax))
  const voters = Array.from({ length: GROUPS.votersMax }, (_, at) => `osd.${at}`)
  const votes = new Map(voters.map((voter) => [voter, 1]))
  const quorum = { votes, waitForAll: true, tieBreak: 'none', twoNode: false, lastManStanding: true } as const
  const electors = (era: number) => ({ era, names: voters })
  const attempts = Array.from({ length: ATTEMPTS_MAX }, (_, at) => electors(at))
  const standing = { isPrimary: true, hasSeenAll: true, era: 1, memory: { electors: electors(0), attempts } }
  const account = accountBytes(standing, true, quorum)
  t.ok(account.length <= GROUPS.accountBytesMax, `${account.length} bytes of account`)
  const viewOf = (installer: string): ViewId => ({ number: 2 ** 40, installer })
  const install: GroupWord = {
    kind: 'install',
    ballot: viewOf(ids[0]!),
    members: ids,
    lineages: ids.map((id) => ({
      ...{ view: viewOf(id), length: 1, stable: 1, transitional: [id], isFresh: false },
      accounts: [[id, new Uint8Array(GROUPS.accountBytesMax)]],
    })),
    reasons: ids.map((id) => [id, 'partition']),
  }
  t.ok(encodeWord(install).front.length <= GROUPS.wordBytesMax, `${encodeWord(install).front.length} bytes`)
  for (const origin of [name, '\u20ac'.repeat(85)]) {
    const posts = Array.from({ length: 3000 }, (_, at) =>
      whole(at, 0, { from: ids[at % ids.length]!, origin, data: new Uint8Array(at % 100), total: at % 100 }),
    )
    posts.push(whole(0, 0, { origin, data: new Uint8Array(GROUPS.pieceBytes), total: GROUPS.pieceBytes }))
    for (const entries of batches(posts)) {
      const { front, data } = encodeWord({ kind: 'orders', view: viewOf(ids[0]!), index: 0, stable: 0, entries })
      const bytes = front.length + (data?.length ?? 0)
      if (bytes > GROUPS.wordBytesMax) t.fail(`${bytes} bytes of orders`)
    }
  }
  t.end()
})

t.test('a name that no member can have is in no word', (t) => {
  const long = 'n'.repeat(GROUPS.memberBytesMax + 1)
  const words: readonly GroupWord[] = [
    { kind: 'leave', view: { number: 1, installer: long } },
    { kind: 'probe', view: { id: VIEW, members: [long] } },
    { kind: 'data', view: VIEW, entries: [whole(1, 1, { origin: long })] },
  ]
  for (const word of words) {
    const { kind, front, data } = encodeWord(word)
    t.equal(decodeWord(kind, front, data ?? NO_DATA), null)
  }
  t.end()
})

t.test('a word that is cut short, or goes on, is none', (t) => {
  for (const word of WORDS) {
    const { kind, front, data } = encodeWord(word)
    for (let length = 0; length < front.length; length++) {
      t.equal(decodeWord(kind, front.subarray(0, length), data ?? NO_DATA), null, `${word.kind} of ${length} bytes`)
    }
    t.equal(decodeWord(kind, Uint8Array.of(...front, 0), data ?? NO_DATA), null, `${word.kind} and one byte more`)
    if (data !== null) t.equal(decodeWord(kind, front, Uint8Array.of(...data, 0)), null, 'data that no entry has')
  }
  t.equal(decodeWord(99, NO_DATA, NO_DATA), null)
  t.end()
})

t.test('random bytes never throw, and no count is believed', (t) => {
  const random = seededRandom('codec')
  for (let count = 0; count < 4000; count++) {
    const { kind, front, data } = encodeWord(random.pick(WORDS))
    const bytes = front.slice()
    for (let flips = random.integer(1, 4); flips > 0 && bytes.length > 0; flips--) {
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
    }
    t.doesNotThrow(() => decodeWord(kind, bytes, data ?? NO_DATA))
  }
  t.end()
})
