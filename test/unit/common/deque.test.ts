/** The ring: first in, first out, at any length, and nothing kept alive. */
import t from 'tap'
import { Deque } from '../../../src/common/deque.ts'

t.test('it is first in, first out', (t) => {
  const deque = new Deque<number>()
  t.equal(deque.shift(), undefined)
  for (let item = 0; item < 100; item++) deque.push(item)
  t.equal(deque.length, 100)
  for (let item = 0; item < 100; item++) t.equal(deque.shift(), item)
  t.equal(deque.length, 0)
  t.end()
})

t.test('at() reads anywhere, and nothing outside', (t) => {
  const deque = new Deque<string>()
  for (const item of ['a', 'b', 'c']) deque.push(item)
  deque.shift()
  t.strictSame([deque.at(0), deque.at(1), deque.at(2), deque.at(-1)], ['b', 'c', undefined, undefined])
  t.end()
})

t.test('takeAll() empties it, head first', (t) => {
  const deque = new Deque<number>()
  for (let item = 0; item < 40; item++) deque.push(item)
  for (let item = 0; item < 20; item++) deque.shift()
  for (let item = 40; item < 50; item++) deque.push(item)
  t.strictSame(
    deque.takeAll(),
    Array.from({ length: 30 }, (_, index) => index + 20),
  )
  t.equal(deque.length, 0)
  t.strictSame(deque.takeAll(), [])
  deque.push(1)
  t.equal(deque.shift(), 1)
  t.end()
})

t.test('it agrees with an array under any mix of pushes and shifts', (t) => {
  const deque = new Deque<number>()
  const model: number[] = []
  let seed = 7
  let different = 0
  for (let step = 0; step < 50_000; step++) {
    seed = (seed * 48271) % 2147483647
    // Phases that mostly grow, then mostly shrink: the ring doubles and halves, and its head is everywhere.
    const grows = seed % 10 < (Math.floor(step / 10_000) % 2 === 0 ? 7 : 3)
    if (grows) model.push(step)
    if (grows) deque.push(step)
    else if (deque.shift() !== model.shift()) different++
    const index = seed % (model.length + 1)
    if (deque.length !== model.length || deque.at(index) !== model[index]) different++
  }
  t.equal(different, 0)
  t.strictSame([...deque], model)
  t.end()
})

t.test('unshift() puts one at the head, also of a ring that is full or empty', (t) => {
  const deque = new Deque<number>()
  const model: number[] = []
  for (let item = 0; item < 40; item++) {
    if (item % 3 === 0) deque.push(item)
    else deque.unshift(item)
    if (item % 3 === 0) model.push(item)
    else model.unshift(item)
    if (item % 7 === 0) t.equal(deque.shift(), model.shift())
  }
  t.strictSame([...deque], model)
  t.end()
})

t.test('remove() takes one from anywhere, and the others keep their order', (t) => {
  for (let removed = 0; removed < 9; removed++) {
    for (const shifted of [0, 5]) {
      const deque = new Deque<number>()
      for (let item = -shifted; item < 9; item++) deque.push(item)
      for (let count = 0; count < shifted; count++) deque.shift()
      t.equal(deque.remove(removed), removed)
      const left = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((item) => item !== removed)
      t.strictSame([...deque], left)
      deque.push(9)
      t.strictSame([...deque], [...left, 9])
    }
  }
  const deque = new Deque<number>()
  for (const index of [0, -1, 7]) t.equal(deque.remove(index), undefined)
  t.end()
})

t.test('what was shifted is not kept alive', (t) => {
  const deque = new Deque<object>()
  for (let count = 0; count < 3; count++) deque.push({ count })
  while (deque.shift() !== undefined);
  t.strictSame(
    Array.from({ length: 16 }, (_, index) => deque.at(index)),
    new Array(16).fill(undefined),
  )
  t.end()
})

t.test('an item is removed by itself, wherever it is, and the others keep their order', (t) => {
  const deque = new Deque<string>()
  for (const item of 'abcdef') deque.push(item)
  t.strictSame(
    ['c', 'a', 'f', 'x', 'c'].map((item) => deque.delete(item)),
    [true, true, true, false, false],
  )
  t.strictSame([...deque], ['b', 'd', 'e'])
  t.end()
})
