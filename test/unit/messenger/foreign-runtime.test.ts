/** A clock and chance that are not ours: wrong from the start they are refused, and wrong later they stop nothing. */
import t from 'tap'
import { MonClient } from '../../../src/ceph/index.ts'
import { runtimeOption } from '../../../src/messenger/foreign-runtime.ts'
import { Messenger } from '../../../src/transactions/messenger.ts'
import { nodeRuntime, type Clock, type Random } from '../../../src/messenger/runtime.ts'
import { peer } from '../../../src/policies/peer.ts'
import { memory } from '../../../src/transports/memory.ts'
import { hostileValues } from '../../support/hostile-values.ts'
import { FakeClock } from './fake-clock.ts'

const NODE = nodeRuntime.clock

function raise(): never {
  throw new Error('out of order')
}

/** A clock that works, but for what is changed. */
function clockWith(change: Partial<Clock>): Clock {
  return {
    nowMs: () => NODE.nowMs(),
    wallMs: () => NODE.wallMs(),
    setTimer: (callback, delayMs) => NODE.setTimer(callback, delayMs),
    clearTimer: (timer) => {
      NODE.clearTimer(timer)
    },
    defer: (callback) => {
      NODE.defer(callback)
    },
    later: (callback) => {
      NODE.later(callback)
    },
    ...change,
  }
}

function randomWith(change: Partial<Random>): Random {
  return { next: () => 0.5, bytes: (count) => new Uint8Array(count), ...change }
}

t.test('what is wrong from the start is refused at once, with the method and what it gave', (t) => {
  const wrong: readonly (readonly [{ clock?: unknown; random?: unknown }, RegExp])[] = [
    [{ clock: clockWith({ nowMs: () => NaN }) }, /nowMs\(\) must give a finite number of milliseconds, not NaN/],
    [{ clock: clockWith({ nowMs: raise }) }, /runtime\.clock\.nowMs\(\) failed: out of order/],
    [{ clock: clockWith({ wallMs: () => '12' as never }) }, /wallMs\(\) must give a finite number.*not "12"/],
    [{ clock: { ...clockWith({}), later: undefined } }, /runtime\.clock must be a Clock.*no later\(\)/],
    [{ random: randomWith({ bytes: raise }) }, /runtime\.random\.bytes\(\) failed: out of order/],
    [{ random: randomWith({ bytes: () => [1] as never }) }, /bytes\(16\) must give a Uint8Array of that length/],
    [{ random: randomWith({ bytes: () => new Uint8Array(3) }) }, /bytes\(16\) must give a Uint8Array of that length/],
    [{ random: { next: Math.random } }, /runtime\.random must be a Random.*no bytes\(\)/],
  ]
  for (const [runtime, message] of wrong) {
    const make = (): Messenger =>
      new Messenger({ name: 'osd.0', policies: { default: peer() }, runtime: runtime as object })
    t.throws(make, { code: 'INK_BAD_OPTION', message })
  }
  const messenger = new Messenger({ name: 'client.1', policies: { default: peer() } })
  const runtime = { clock: clockWith({ nowMs: raise }) }
  t.throws(() => new MonClient(messenger, { monitors: ['v2:10.0.0.1:3300/0'], runtime }), { code: 'INK_BAD_OPTION' })
  t.end()
})

t.test('Node is not wrapped, and what is replaced works as it was', (t) => {
  t.equal(runtimeOption('it', undefined).clock, NODE)
  t.equal(runtimeOption('it', undefined).random, nodeRuntime.random)
  const fake = new FakeClock()
  const { clock, random } = runtimeOption('it', { clock: fake, random: randomWith({ next: () => 0.25 }) })
  t.strictSame([clock.nowMs(), clock.wallMs(), random.next()], [fake.nowMs(), fake.wallMs(), 0.25])
  const called: string[] = []
  clock.clearTimer(clock.setTimer(() => called.push('cleared'), 1))
  clock.defer(() => called.push('deferred'))
  clock.later(() => called.push('later'))
  fake.run()
  t.strictSame(called, ['deferred', 'later'])
  t.equal(fake.timers, 0)
  t.end()
})

t.test('time goes on from where a clock failed, and follows it again when it works', (t) => {
  const fake = new FakeClock()
  let fails = false
  const warned: string[] = []
  const given = clockWith({
    nowMs: () => (fails ? NaN : fake.nowMs()),
    wallMs: () => (fails ? raise() : fake.wallMs()),
  })
  const { clock } = runtimeOption('new Messenger()', { clock: given, warn: (text) => warned.push(text) }, 'osd.7')
  fake.pass(1e9)
  const before = [clock.nowMs(), clock.wallMs()]
  fails = true
  for (let round = 0; round < 100; round++) {
    const now = clock.nowMs()
    t.ok(now >= before[0]! && now < before[0]! + 60_000, 'no jump')
    t.ok(clock.wallMs() >= before[1]!)
  }
  t.ok(warned.length < 20, 'told once a second at most')
  t.match(
    warned[0],
    /^osd\.7: runtime\.clock\.nowMs\(\) failed: InkwireError: runtime\.clock\.nowMs\(\) must give a finite/,
  )
  fails = false
  fake.pass(5)
  t.strictSame([clock.nowMs(), clock.wallMs()], [fake.nowMs(), fake.wallMs()])
  t.end()
})

t.test('whatever any method throws or gives later, nobody else hears, and what was asked for comes', async (t) => {
  for (const [what, value] of hostileValues()) {
    let fails = false
    const fail = (): void => {
      if (fails) throw value
    }
    const told: string[] = []
    const { clock, random } = runtimeOption('it', {
      clock: failing(fail),
      random: randomWith({
        next: () => value as never,
        bytes: (count) => (fails ? (value as never) : new Uint8Array(count)),
      }),
      warn: (text) => told.push(text),
    })
    random.bytes(4)
    fails = true
    clock.clearTimer(clock.setTimer(() => t.fail('cleared'), 0))
    clock.clearTimer({})
    const order: string[] = []
    clock.defer(() => order.push('deferred'))
    await new Promise<void>((resolve) => {
      clock.later(() => {
        order.push('later')
        clock.setTimer(resolve, 0)
      })
    })
    t.strictSame(order, ['deferred', 'later'], what)
    t.equal(random.bytes(9).length, 9)
    const drawn = random.next()
    t.ok(drawn >= 0 && drawn < 1)
    for (const method of [
      'clock.setTimer',
      'clock.clearTimer',
      'clock.defer',
      'clock.later',
      'random.bytes',
      'random.next',
    ])
      t.ok(
        told.some((text) => text.startsWith(`it: runtime.${method}() failed`)),
        `${what}: ${method}`,
      )
  }
})

/** A clock whose every method calls this first. */
function failing(before: () => void): Clock {
  return {
    nowMs: () => (before(), NODE.nowMs()),
    wallMs: () => (before(), NODE.wallMs()),
    setTimer: (callback, delayMs) => (before(), NODE.setTimer(callback, delayMs)),
    clearTimer(timer) {
      before()
      NODE.clearTimer(timer)
    },
    defer(callback) {
      before()
      NODE.defer(callback)
    },
    later(callback) {
      before()
      NODE.later(callback)
    },
  }
}

t.test('messengers whose clock and chance fail every other time deliver everything, and end in order', async (t) => {
  let calls = 0
  const warned: string[] = []
  const transports = [memory()]
  const make = (name: string): Messenger => {
    let isMade = false
    const clock = failing(() => {
      if (isMade && calls++ % 2 === 0) raise()
    })
    const random = randomWith({
      next: () => NaN,
      bytes: (count) => nodeRuntime.random.bytes(isMade && calls++ % 2 === 0 ? 1 : count),
    })
    const messenger = new Messenger({
      name,
      policies: { default: peer() },
      transports,
      runtime: { clock, random, warn: (text) => warned.push(text) },
    })
    isMade = true
    return messenger
  }
  const [a, b] = [make('osd.0'), make('osd.1')]
  const got: number[] = []
  b.use({ dispatch: ({ tid }) => void got.push(tid) })
  const connection = a.connect(await b.bind('memory://broken-clocks'))
  const tids = Array.from({ length: 200 }, (_, tid) => tid)
  await Promise.all(tids.map((tid) => connection.deliver({ type: 1, tid })))
  t.strictSame(got, tids)
  await Promise.all([a.shutdown(), b.shutdown()])
  t.equal(connection.state, 'closed')
  t.ok(calls > 20 && warned.length > 0)
  t.ok(warned.every((text) => /^osd\.[01]: runtime\./.test(text)))
})
