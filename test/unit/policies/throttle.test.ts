/** The shared budget of handlers: bounded, fair, never stuck. */
import t from 'tap'
import { Throttle } from '../../../src/policies/throttle.ts'

/** A connection with messages to hand over: takes as many as it can at its turn, and waits for the rest. */
class Taker {
  readonly taken: number[] = []
  readonly queue: number[]
  readonly throttle: Throttle
  turns = 0

  constructor(throttle: Throttle, queue: number[]) {
    this.throttle = throttle
    this.queue = queue
  }

  readonly pump = (): void => {
    this.turns++
    for (let head = this.queue[0]; head !== undefined; head = this.queue[0]) {
      if (!this.throttle.take(head, this.pump)) {
        this.throttle.wait(this.pump)
        return
      }
      this.queue.shift()
      this.taken.push(head)
    }
  }

  finish(): void {
    const bytes = this.taken.shift()
    if (bytes !== undefined) this.throttle.put(bytes)
  }
}

t.test('it is bounded in messages and in bytes', (t) => {
  const few = new Throttle({ messages: 2, bytes: Infinity })
  t.strictSame([few.take(1), few.take(1), few.take(0)], [true, true, false])
  const small = new Throttle({ messages: Infinity, bytes: 10 })
  t.strictSame([small.take(6), small.take(5), small.take(4), small.take(0)], [true, false, true, true])
  t.match(small, { messages: 3, bytes: 10, waiting: 0 })
  small.put(6)
  t.ok(small.take(5))
  t.end()
})

t.test('a message larger than the budget passes alone', (t) => {
  const throttle = new Throttle({ messages: 8, bytes: 10 })
  throttle.take(1)
  const large = new Taker(throttle, [100])
  large.pump()
  t.strictSame(large.taken, [])
  throttle.put(1)
  t.strictSame(large.taken, [100])
  t.notOk(throttle.take(1), 'and keeps the others out')
  large.finish()
  t.match(throttle, { messages: 0, bytes: 0 })
  t.end()
})

t.test('who came first is served first, and nobody overtakes', (t) => {
  const throttle = new Throttle({ messages: 8, bytes: 10 })
  throttle.take(6)
  throttle.take(4)
  const large = new Taker(throttle, [8])
  const small = new Taker(throttle, [1])
  large.pump()
  small.pump()
  throttle.put(4)
  t.strictSame([large.taken, small.taken], [[], []], 'one byte would fit, but eight were first')
  t.equal(throttle.waiting, 2)
  throttle.put(6)
  t.strictSame([large.taken, small.taken], [[8], [1]])
  t.end()
})

t.test('who did not fit at its turn keeps its place', (t) => {
  const throttle = new Throttle({ messages: 8, bytes: 10 })
  throttle.take(6)
  throttle.take(4)
  const large = new Taker(throttle, [10])
  const small = new Taker(throttle, [1])
  large.pump()
  small.pump()
  throttle.put(4)
  t.equal(large.turns, 2, 'it was called, and waits again')
  throttle.put(6)
  t.strictSame([large.taken, small.taken], [[10], []])
  large.finish()
  t.strictSame(small.taken, [1])
  t.end()
})

t.test('also the only one in line is overtaken by nobody', (t) => {
  const throttle = new Throttle({ messages: 8, bytes: 10 })
  throttle.take(6)
  const large = new Taker(throttle, [8])
  large.pump()
  const small = new Taker(throttle, [1])
  small.pump()
  t.strictSame([large.taken, small.taken, throttle.waiting], [[], [], 2])
  throttle.put(6)
  t.strictSame([large.taken, small.taken], [[8], [1]])
  t.end()
})

t.test('who took one goes to the end of the line', (t) => {
  const throttle = new Throttle({ messages: 3, bytes: Infinity })
  for (let count = 0; count < 3; count++) throttle.take(0)
  const order: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) {
    const taker = new Taker(throttle, [1, 1, 1])
    taker.taken.push = (...items) => order.push(...items.map(() => name))
    taker.pump()
  }
  for (let count = 0; count < 3; count++) throttle.put(0)
  for (let count = 0; count < 9; count++) throttle.put(1)
  t.equal(order.join(''), 'abcdabcdabcd')
  t.equal(throttle.waiting, 0)
  t.end()
})

t.test('one put calls one waiter, not the whole line', (t) => {
  const throttle = new Throttle({ messages: 1, bytes: Infinity })
  throttle.take(0)
  const takers = Array.from({ length: 100 }, () => new Taker(throttle, [1]))
  for (const taker of takers) taker.pump()
  throttle.put(0)
  t.equal(
    takers.reduce((sum, taker) => sum + taker.turns, 0),
    101,
  )
  t.equal(throttle.waiting, 99)
  t.end()
})

t.test('the same function stands in line once', (t) => {
  const throttle = new Throttle({ messages: 1, bytes: 1 })
  throttle.take(1)
  let calls = 0
  const waiter = () => calls++
  throttle.wait(waiter)
  throttle.wait(waiter)
  t.equal(throttle.waiting, 1)
  throttle.put(1)
  t.equal(calls, 1)
  t.ok(throttle.take(1, waiter))
  t.equal(throttle.waiting, 0)
  t.end()
})

t.test('who is called may take later, and nobody takes its place meanwhile', (t) => {
  const throttle = new Throttle({ messages: 2, bytes: 10 })
  throttle.take(10)
  const called: string[] = []
  const first = () => called.push('first')
  const second = () => called.push('second')
  throttle.wait(first)
  throttle.wait(second)
  throttle.put(10)
  t.strictSame(called, ['first'])
  t.notOk(throttle.take(1, second))
  t.notOk(throttle.take(1, () => {}))
  t.ok(throttle.take(1, first))
  t.strictSame(called, ['first', 'second'], 'there is room left')
  throttle.cancel(second)
  t.ok(throttle.take(1, first))
  t.end()
})

t.test('takers that do not say who they are starve nobody', (t) => {
  const throttle = new Throttle({ messages: 1, bytes: Infinity })
  const ready: number[] = []
  const left = Array.from({ length: 20 }, () => 10)
  const waiters = left.map((_, index) => () => void ready.push(index))
  ready.push(...left.keys())
  let out = 0
  for (let step = 0; step < 100_000 && (ready.length > 0 || out > 0); step++) {
    const index = ready.shift()
    if (index === undefined) {
      out--
      throttle.put(1)
    } else if (left[index]! > 0) {
      if (throttle.take(1)) {
        out++
        left[index]!--
        ready.push(index)
      } else {
        throttle.wait(waiters[index]!)
      }
    } else {
      throttle.cancel(waiters[index]!)
    }
  }
  t.strictSame(new Set(left), new Set([0]))
  t.end()
})

t.test('handlers that finish inside a turn make the line move in a loop, not deeper', (t) => {
  const throttle = new Throttle({ messages: 1, bytes: Infinity })
  let depth = 0
  let deepest = 0
  let done = 0
  const inline = (count: number) => {
    const pump = (): void => {
      deepest = Math.max(deepest, ++depth)
      while (count > 0 && throttle.take(1, pump)) {
        count--
        done++
        throttle.put(1)
      }
      if (count > 0) throttle.wait(pump)
      depth--
    }
    return pump
  }
  throttle.take(0)
  for (let each = 0; each < 50; each++) inline(20)()
  throttle.put(0)
  t.equal(done, 1000)
  t.equal(deepest, 1)
  t.match(throttle, { messages: 0, bytes: 0, waiting: 0 })
  t.end()
})

t.test('a connection that is gone is not called, and does not hold up the next', (t) => {
  const throttle = new Throttle({ messages: 8, bytes: 10 })
  throttle.take(8)
  const large = new Taker(throttle, [9])
  const small = new Taker(throttle, [2])
  large.pump()
  small.pump()
  throttle.cancel(large.pump)
  t.strictSame([large.taken, small.taken], [[], [2]])
  throttle.put(8)
  t.equal(large.turns, 1)
  t.end()
})

t.test('a connection may leave when it is called', (t) => {
  const throttle = new Throttle({ messages: 1, bytes: 1 })
  throttle.take(1)
  const leaver = () => throttle.cancel(leaver)
  throttle.wait(leaver)
  const next = new Taker(throttle, [1])
  next.pump()
  throttle.put(1)
  t.strictSame(next.taken, [1])
  t.equal(throttle.waiting, 0)
  t.end()
})

t.test('what came back between take and wait is not missed', (t) => {
  const throttle = new Throttle({ messages: 1, bytes: 1 })
  throttle.take(1)
  const taker = new Taker(throttle, [1])
  t.notOk(throttle.take(1, taker.pump))
  throttle.put(1)
  throttle.wait(taker.pump)
  t.strictSame(taker.taken, [1])
  t.end()
})

t.test('putting back more than was taken is a bug that shows', (t) => {
  const throttle = new Throttle({ messages: 1, bytes: 1 })
  t.throws(() => throttle.put(0), { code: 'INK_INTERNAL' })
  throttle.take(1)
  t.throws(() => throttle.put(2), { code: 'INK_INTERNAL' })
  t.end()
})

t.test('under any order of finishing, everything passes and the bounds hold', (t) => {
  let seed = 1
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
  for (let run = 0; run < 200; run++) {
    const budget = { messages: 1 + random(4), bytes: 1 + random(20) }
    const throttle = new Throttle(budget)
    const makeQueue = () => Array.from({ length: random(10) }, () => random(30))
    const takers = Array.from({ length: 1 + random(6) }, () => new Taker(throttle, makeQueue()))
    for (const taker of takers) taker.pump()
    let steps = 0
    while (takers.some((taker) => taker.taken.length + taker.queue.length > 0)) {
      const holders = takers.filter((taker) => taker.taken.length > 0)
      holders[random(holders.length)]?.finish()
      const alone = takers.flatMap((taker) => taker.taken).filter((bytes) => bytes > 0).length === 1
      const bounded = throttle.messages <= budget.messages && (throttle.bytes <= budget.bytes || alone)
      if (!bounded || ++steps > 1000) break
    }
    t.match(throttle, { messages: 0, bytes: 0, waiting: 0 }, `run ${run}`)
  }
  t.end()
})
