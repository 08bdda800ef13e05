/** Words of a member that breaks the protocol: each is a fault with a reason, and the others go on. */
import t from 'tap'
import { ballotIn, ballotsUpTo } from '../../../../src/groups/machine/ballots.ts'
import { GROUPS } from '../../../../src/groups/machine/limits.ts'
import type { Entry, GroupWord, ViewId } from '../../../../src/groups/machine/terms.ts'
import { SMALL_LIMITS } from '../../../../src/testing/groups/world-member.ts'
import { Table } from './table.ts'

const NO_BYTES = new Uint8Array(0)

function entryOf(from: string, number: number, more: Partial<Entry> = {}): Entry {
  const fixed = { offset: 0, total: 1, isSafe: false, type: 1, origin: '', data: new Uint8Array(1) }
  return { from, number, ...fixed, ...more }
}

/** Three in a view of which the last one lies. */
function withLiar(): { readonly table: Table; readonly view: ViewId } {
  const table = new Table('a', 'b', 'x')
  return { table, view: table.of('a').view.id }
}

/** What one finds at fault. */
function faults(table: Table, id: string): string[] {
  return table.ofKind(id, 'fault').map(({ peer, reason }) => `${peer}: ${reason}`)
}

/** The honest ones begin a change, and the liar answers in its own way. */
function change(table: Table, answer: (ballot: ViewId) => readonly GroupWord[]): void {
  table.tell('a', { kind: 'reform' })
  const asked = table.said.find(({ to, word }) => to === 'x' && word.kind === 'prepare')!.word
  const { ballot } = asked as Extract<GroupWord, { kind: 'prepare' }>
  table.said = table.said.filter(({ to }) => to !== 'x')
  for (const word of answer(ballot)) table.word('x', 'a', word)
  // To what follows it says nothing; its link ends with its fault.
  table.settle(({ to }) => to === 'x')
}

function flushedOf(ballot: ViewId, view: ViewId, length: number, stable: number): GroupWord {
  return { kind: 'flushed', ballot, view, length, stable, isLeaving: false, isFresh: false, account: NO_BYTES }
}

const LIES: readonly (readonly [
  what: string,
  reason: string,
  answer: (ballot: ViewId, view: ViewId) => GroupWord[],
])[] = [
  [
    'it has what it does not send',
    'it said that it has what it did not send',
    (ballot, view) => [flushedOf(ballot, view, 2 ** 47, 0)],
  ],
  ['more is stable than it has', 'more is stable than it has', (ballot, view) => [flushedOf(ballot, view, 1, 2)]],
  [
    'it comes from a view that is yet to be',
    'it comes from a view behind the ballot',
    (ballot) => [flushedOf(ballot, { number: ballot.number + 1, installer: 'x' }, 0, 0)],
  ],
  [
    'it holds more than any view',
    'more than a view may hold',
    (ballot, view) =>
      Array.from({ length: 40 }, (_, at) => ({
        kind: 'held',
        ballot,
        view,
        index: at * 512,
        entries: Array.from({ length: 512 }, () => entryOf('x', 1)),
      })),
  ],
]

for (const [what, reason, answer] of LIES) {
  t.test(`in a change: ${what}`, (t) => {
    const { table, view } = withLiar()
    change(table, (ballot) => answer(ballot, view))
    t.strictSame(faults(table, 'a'), [`x: ${reason}`])
    t.strictSame([table.viewOf('a'), table.viewOf('b')], ['a,b', 'a,b'], 'without it, and at once')
    t.end()
  })
}

t.test('in a change: it says that it has less than it said before, when the others have forgotten that', (t) => {
  const { table, view } = withLiar()
  for (let number = 1; number <= 3; number++) table.publish('a', number)
  table.settle()
  for (const id of ['a', 'b', 'x']) table.tell(id, { kind: 'consumed', count: 3 })
  table.settle()
  t.equal(table.of('a').held, 0, 'all have all')
  change(table, (ballot) => [flushedOf(ballot, view, 1, 0)])
  t.strictSame(faults(table, 'a'), ['x: it said that it has what it did not send'])
  t.equal(table.viewOf('b'), 'a,b')
  t.end()
})

t.test('in a change: it comes from a view that it was not in', (t) => {
  const table = new Table('a', 'b')
  const { id } = table.of('a').view
  table.sit('x')
  table.tick('a')
  table.settle(({ to }) => to !== 'a' && to !== 'b')
  // It shows its view, and is asked into one with it.
  table.word('x', 'a', { kind: 'probe', view: { id: { number: 0, installer: 'x' }, members: ['x'] } })
  table.tick('a')
  const asked = table.said.find(({ to, word }) => to === 'x' && word.kind === 'prepare')!.word
  table.word('x', 'a', flushedOf((asked as Extract<GroupWord, { kind: 'prepare' }>).ballot, id, 0, 0))
  table.settle(({ to }) => to === 'x')
  t.strictSame(faults(table, 'a'), ['x: it comes from a view that it was not in'])
  t.equal(table.viewOf('b'), 'a,b')
  t.end()
})

t.test('a ballot for what is no view, and the view of such a ballot', (t) => {
  const { table, view } = withLiar()
  const ballot = { number: view.number + 1, installer: 'x' }
  const many = Array.from({ length: GROUPS.membersMax + 1 }, (_, at) => `m${100 + at}`)
  for (const candidates of [['b', 'a'], ['a', 'a', 'b'], many]) {
    table.word('x', 'b', { kind: 'prepare', ballot, candidates, view, length: 0 })
  }
  t.equal(faults(table, 'b').length, 3)
  t.equal(table.of('b').phase, 'normal')
  table.word('x', 'b', { kind: 'prepare', ballot, candidates: ['b', 'x'], view, length: 0 })
  const lineages = [{ view, length: 0, stable: 0, transitional: ['b', 'x'], isFresh: false, accounts: [] }]
  table.word('x', 'b', { kind: 'install', ballot, members: ['a', 'b', 'x'], lineages, reasons: [] })
  t.match(faults(table, 'b').at(-1), /^x: /, 'somebody is in it who was not asked')
  t.notMatch(table.of('b').view.id, ballot)
  t.end()
})

t.test('an eviction is obeyed of whoever orders, or has our promise, and of nobody else', (t) => {
  const { table } = withLiar()
  table.word('x', 'b', { kind: 'evict' })
  t.match(faults(table, 'b'), [/^x: an eviction/])
  t.equal(table.of('b').phase, 'normal')
  table.word('a', 'b', { kind: 'evict' })
  t.strictSame(table.ofKind('b', 'left'), [{ kind: 'left', reason: 'slow' }])
  // Its view is older than that in which it is put out, of which it has only promised the ballot.
  const late = new Table('a', 'b', 'c')
  const view = late.of('b').view.id
  const ballot = { number: view.number + 1, installer: 'c' }
  late.word('c', 'b', { kind: 'prepare', ballot, candidates: ['b', 'c'], view, length: 0 })
  late.word('c', 'b', { kind: 'evict' })
  t.equal(late.of('b').phase, 'left')
  // The same, and meanwhile it was down for b, which c has not noticed.
  const cut = new Table('a', 'b', 'c')
  cut.word('c', 'b', { kind: 'prepare', ballot, candidates: ['b', 'c'], view: cut.of('b').view.id, length: 0 })
  cut.tell('b', { kind: 'down', peer: 'c', reason: 'partition' })
  cut.tell('b', { kind: 'up', peer: 'c' })
  cut.word('c', 'b', { kind: 'evict' })
  t.strictSame([faults(cut, 'b'), cut.of('b').phase], [[], 'left'])
  t.end()
})

t.test('a sequencer that knows no window is at fault, in messages and in bytes', (t) => {
  const { table, view } = withLiar()
  const flood = (index: number, count: number, bytes: number): void => {
    const data = new Uint8Array(bytes)
    const entries = Array.from({ length: count }, (_, at) => entryOf('a', index + at + 1, { total: bytes, data }))
    table.word('a', 'b', { kind: 'orders', view, index, stable: 0, entries })
  }
  flood(0, SMALL_LIMITS.windowEntries, 1)
  t.strictSame(faults(table, 'b'), [], 'so many may come')
  flood(SMALL_LIMITS.windowEntries, 1, 1)
  t.strictSame(faults(table, 'b'), ['a: more than the window'])
  const { table: other } = withLiar()
  other.word('a', 'b', {
    kind: 'orders',
    view: other.of('b').view.id,
    index: 0,
    stable: 0,
    entries: [entryOf('a', 1, { total: 4000, data: new Uint8Array(4000) })],
  })
  t.strictSame(faults(other, 'b'), ['a: more than the window'])
  t.end()
})

t.test(
  'a sequencer that begins more large messages than may be put together is at fault, and no memory is held',
  (t) => {
    const { table, view } = withLiar()
    const entries = Array.from({ length: 9 }, (_, at) => entryOf('a', at + 1, { total: 50, data: new Uint8Array(8) }))
    table.word('a', 'b', { kind: 'orders', view, index: 0, stable: 0, entries })
    t.strictSame(faults(table, 'b'), Array(2).fill('a: more in pieces than may be put together'))
    t.end()
  },
)

t.test('numbers of ballots go by the wall clock, so that nobody uses them up', (t) => {
  const nowMs = Date.UTC(2026, 10, 28)
  t.ok(ballotsUpTo(nowMs) < 2 ** 48 - 2 ** 47, 'the end is far')
  t.ok(ballotsUpTo(nowMs + 1) - ballotsUpTo(nowMs) >= 16, 'and there is always a next one')
  t.ok(ballotsUpTo(0) > 1e9, 'also where clocks begin at zero')
  const view = { number: 3, installer: 'a' }
  const ballot = { number: 9, installer: 'a' }
  t.equal(ballotIn({ kind: 'prepare', ballot, candidates: [], view, length: 0 }), 9)
  t.equal(ballotIn({ kind: 'refuse', ballot, promised: 11 }), 11)
  t.equal(ballotIn({ kind: 'probe', view: { id: view, members: [] } }), 3)
  t.equal(ballotIn({ kind: 'bye' }), 0)
  t.end()
})
