/** What must happen at once, or be told in one way only, of which random runs see only the end. */
import t from 'tap'
import { GROUPS } from '../../../../src/groups/machine/limits.ts'
import { Peers } from '../../../../src/groups/machine/peers.ts'
import { Table } from './table.ts'

t.test('they meet', (t) => {
  const table = new Table('a', 'b', 'c')
  t.strictSame(
    ['a', 'b', 'c'].map((id) => table.viewOf(id)),
    ['a,b,c', 'a,b,c', 'a,b,c'],
  )
  t.ok(table.of('a').isSequencer)
  t.end()
})

t.test('a candidate that is lost in the midst of a change is left out at once', (t) => {
  const table = new Table('a', 'b', 'c')
  table.tell('a', { kind: 'reform' })
  table.said = []
  table.tell('a', { kind: 'down', peer: 'c', reason: 'process-down' })
  t.match(table.said, [{ from: 'a', to: 'b', word: { kind: 'prepare', candidates: ['a', 'b'] } }])
  table.settle()
  t.strictSame([table.viewOf('a'), table.viewOf('b')], ['a,b', 'a,b'], 'no time has passed')
  const [change] = table.ofKind('b', 'view').slice(-1)
  t.strictSame(change?.change.left, [['c', 'process-down']], 'and why is said')
  t.end()
})

t.test('who is refused tries again long before a change is late, with a ballot above', (t) => {
  const table = new Table('a', 'b', 'c')
  const before = table.of('b').view.id
  table.tell('b', {
    kind: 'word',
    from: 'c',
    word: {
      kind: 'prepare',
      ballot: { number: before.number + 7, installer: 'c' },
      candidates: ['b', 'c'],
      view: before,
      length: 0,
    },
  })
  table.said = []
  table.tell('a', { kind: 'reform' })
  table.settle(({ from }) => from === 'c')
  t.equal(table.of('a').phase, 'flushing')
  table.said = []
  table.tick('a', 100)
  t.strictSame(
    table.said.filter(({ word }) => word.kind === 'prepare').length,
    0,
    'not at once: the other may get through',
  )
  table.tick('a', 100)
  const [again] = table.said.filter(({ word }) => word.kind === 'prepare')
  t.match(again?.word, { ballot: { number: before.number + 8, installer: 'a' } })
  t.end()
})

t.test('nobody but a candidate refuses', (t) => {
  const table = new Table('a', 'b')
  table.sit('x')
  table.tell('a', { kind: 'reform' })
  const { ballot } = table.said.find(({ word }) => word.kind === 'prepare')!.word as {
    ballot: { number: number; installer: string }
  }
  table.word('x', 'a', { kind: 'refuse', ballot, promised: ballot.number + 1 })
  const asked = table.said.length
  table.tick('a', 200)
  t.equal(table.said.length, asked, 'it waits for b as long as for anybody')
  table.settle()
  t.equal(table.viewOf('a'), 'a,b')
  t.equal(table.of('a').view.id.number, ballot.number, 'the change went through')
  t.end()
})

t.test('who asks to leave while a change is under way is let go in the next one', (t) => {
  const table = new Table('a', 'b', 'c')
  table.tell('a', { kind: 'reform' })
  table.tell('b', { kind: 'leave' })
  table.settle()
  for (const id of ['a', 'b', 'c']) table.tick(id)
  table.settle()
  t.strictSame([table.of('b').phase, table.viewOf('a'), table.viewOf('c')], ['left', 'a,c', 'a,c'])
  t.strictSame(table.ofKind('a', 'view').at(-1)?.change.left, [['b', 'leave']])
  t.end()
})

t.test('who was in a view with another is not new any more, whatever becomes of that view', (t) => {
  const table = new Table('a', 'b')
  const last = () => table.ofKind('a', 'view').at(-1)?.change.joined
  t.strictSame(last(), [['b', 'join']])
  table.tell('a', { kind: 'down', peer: 'b', reason: 'partition' })
  table.tell('b', { kind: 'down', peer: 'a', reason: 'partition' })
  table.said = []
  table.settle()
  table.meet()
  t.strictSame([table.viewOf('a'), table.viewOf('b')], ['a', 'b'])
  table.tell('a', { kind: 'up', peer: 'b' })
  table.tell('b', { kind: 'up', peer: 'a' })
  table.meet()
  t.strictSame(last(), [['b', 'merge']])
  t.end()
})

t.test('a message for one view goes into no other', (t) => {
  const table = new Table('a', 'b')
  const { id } = table.of('b').view
  table.publish('b', 1, { onlyIn: { number: id.number + 1, installer: 'a' } })
  t.match(table.ofKind('b', 'failed'), [{ number: 1, isIndeterminate: false }], 'not of this one: it fails at once')
  table.tell('a', { kind: 'reform' })
  table.settle(({ word }) => word.kind === 'install')
  table.publish('b', 2, { onlyIn: id })
  table.publish('b', 3)
  table.settle()
  t.match(table.ofKind('b', 'failed').slice(1), [{ number: 2, isIndeterminate: false }], 'it was still to be sent')
  t.match(table.ofKind('b', 'published'), [{ number: 3 }])
  t.strictSame(
    table.ofKind('a', 'deliver').map(({ number }) => number),
    [3],
  )
  t.end()
})

t.test('what is certain is told before the transitional signal, the rest behind it', (t) => {
  const table = new Table('a', 'b', 'c')
  table.publish('a', 1, { order: 'safe' })
  // Nobody hears that all have it.
  table.settle(({ word }) => word.kind === 'ack' || word.kind === 'stable')
  t.strictSame(table.ofKind('b', 'deliver'), [])
  table.tell('b', { kind: 'down', peer: 'a', reason: 'process-down' })
  table.tell('c', { kind: 'down', peer: 'a', reason: 'process-down' })
  table.said = table.said.filter(({ from, word }) => from !== 'a' && word.kind !== 'ack')
  table.settle(({ to }) => to === 'a')
  const order = table.told
    .get('b')!
    .map(({ kind }) => kind)
    .slice(-3)
  t.strictSame(order, ['transitional', 'deliver', 'view'])
  t.equal(table.ofKind('b', 'deliver')[0]?.isTransitional, true)
  t.end()
})

t.test('while whoever orders is not reached nothing is handed over, and it goes into the next view', (t) => {
  const table = new Table('a', 'b', 'c')
  table.tell('c', { kind: 'down', peer: 'a', reason: 'partition' })
  table.publish('c', 1)
  table.tell('c', { kind: 'turn' })
  table.tell('c', { kind: 'up', peer: 'a' })
  table.publish('c', 2)
  table.settle()
  t.strictSame(table.ofKind('a', 'deliver'), [], 'nothing of it, for the first one would be missing')
  for (let rounds = 0; rounds < 3; rounds++) {
    table.tick('c')
    table.settle()
  }
  t.strictSame(table.ofKind('c', 'failed'), [])
  t.strictSame(
    table.ofKind('a', 'deliver').map(({ number }) => number),
    [1, 2],
  )
  t.end()
})

t.test('what is not SAFE is acked with the next tick, or when it is much, and let go of; SAFE at once', (t) => {
  const [a, b, c] = ['a', 'b', 'c'] as const
  const table = new Table({ windowEntries: 1000, windowBytes: 100_000 }, a, b, c)
  const words = (kind: string): number => table.said.filter(({ word }) => word.kind === kind).length
  const arrives = (): void => {
    for (const id of [a, b, c]) table.tell(id, { kind: 'turn' })
    const { said } = table
    table.said = []
    for (const { from, to, word } of said) table.word(from, to, word)
    for (const id of [a, b, c]) table.tell(id, { kind: 'turn' })
  }
  table.publish(a, 1)
  arrives()
  t.strictSame([words('ack'), words('stable'), table.of(b).held], [0, 0, 1])
  for (const id of [b, c]) table.tick(id)
  arrives()
  table.tick(a)
  t.strictSame([words('stable'), table.of(a).held], [2, 0])
  arrives()
  t.equal(table.of(b).held, 0)
  table.publish(a, 2, { order: 'safe' })
  arrives()
  t.equal(words('ack'), 4, 'of two, to the sequencer and to each other')
  arrives()
  t.strictSame(
    [table.ofKind(a, 'deliver').length, table.ofKind(b, 'deliver').length, words('stable')],
    [2, 2, 0],
    'each knows it by itself',
  )
  for (let number = 3; number < 3 + 1000 / 16; number++) table.publish(a, number)
  table.said = []
  arrives()
  t.equal(words('ack'), 2, 'of a sixteenth of the window at once')
  t.end()
})

t.test('two that do not reach each other are told by the sequencer what all have', (t) => {
  const table = new Table('a', 'b', 'c')
  table.tell('b', { kind: 'down', peer: 'c', reason: 'partition' })
  table.tell('c', { kind: 'down', peer: 'b', reason: 'partition' })
  table.publish('a', 1, { order: 'safe' })
  table.settle()
  t.strictSame([table.ofKind('b', 'deliver').length, table.ofKind('c', 'deliver').length], [1, 1], 'no tick is needed')
  t.end()
})

t.test('of who is gone only so many are remembered, however many come and go in one view', (t) => {
  const peers = new Peers()
  for (let count = 0; count < 1000; count++) {
    peers.rise(`m${count}`)
    peers.fall(`m${count}`, 'leave')
  }
  const gone = [...peers.gone]
  t.strictSame([gone.length, gone.at(-1)], [4 * GROUPS.membersMax, ['m999', 'leave']])
  t.end()
})

t.test('as many as a view may have are one view, are told what each says, and one more stays outside', (t) => {
  const ids = Array.from({ length: GROUPS.membersMax }, (_, at) => `m${100 + at}`)
  const table = new Table(...ids)
  t.strictSame(new Set(ids.map((id) => table.viewOf(id))), new Set([ids.join()]))
  ids.forEach((id, at) => table.publish(id, 1, { order: at % 8 === 0 ? 'safe' : 'agreed' }))
  for (let rounds = 0; rounds < ids.length; rounds++) {
    table.settle()
    for (const id of ids) table.tell(id, { kind: 'consumed', count: table.ofKind(id, 'deliver').length })
  }
  const told = ids.map((id) =>
    table
      .ofKind(id, 'deliver')
      .map(({ from }) => from)
      .join(),
  )
  t.strictSame([new Set(told).size, told[0]?.split(',').length], [1, ids.length])
  table.sit('m200')
  table.meet()
  t.strictSame([table.viewOf('m200'), table.viewOf('m100')], ['m200', ids.join()])
  t.end()
})

t.test('a stream that was cut is not taken up again in its view, though nothing is missing yet', (t) => {
  const table = new Table('a', 'b', 'c')
  table.tell('c', { kind: 'down', peer: 'a', reason: 'partition' })
  table.tell('c', { kind: 'up', peer: 'a' })
  table.publish('a', 1)
  table.settle(({ to }) => to !== 'c')
  t.strictSame(table.ofKind('c', 'deliver'), [], 'what was under way may be lost')
  table.settle()
  table.tick('c')
  table.settle()
  t.strictSame(
    table.ofKind('c', 'deliver').map(({ number }) => number),
    [1],
    'it asked for a new view, and has it from there',
  )
  t.end()
})
