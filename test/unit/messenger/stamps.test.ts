/** The bound of stamps: saved before it is reached, seldom, and told of when that fails. */
import t, { type Test } from 'tap'
import type { MessengerEvent } from '../../../src/messenger/events.ts'
import { Stamps } from '../../../src/messenger/stamps.ts'
import type { StampStore } from '../../../src/messenger/stamps.ts'
import { HybridClock } from '../../../src/wire/hlc.ts'
import { Lab } from './lab.ts'

/** A store in memory, with what it was asked to save. */
class Memory implements StampStore {
  readonly saved: number[] = []
  readonly aheadMs: number | undefined
  /** What save() does beside saving. */
  also: () => void = () => undefined

  constructor(aheadMs?: number) {
    this.aheadMs = aheadMs
  }

  load(): number | null {
    return this.saved.at(-1) ?? null
  }

  save(boundMs: number): void {
    this.also()
    this.saved.push(boundMs)
  }
}

class Wall {
  ms = 1_000_000
  wallMs(): number {
    return this.ms
  }
}

function setUp(store: StampStore | undefined, wall = new Wall()) {
  const events: MessengerEvent[] = []
  const clock = new HybridClock(500)
  const stamps = new Stamps(clock, wall, store, 500, (event) => events.push(event))
  return { clock, stamps, events, wall }
}

t.test('no stamp is made that the saved bound does not cover, however time goes', (t) => {
  const store = new Memory()
  const { stamps, clock, wall } = setUp(store)
  const steps = [0, 1, 499, 501, 3, 100_000, -50_000, 7, 0.25, 60_000]
  for (let round = 0; round < 200; round++) {
    wall.ms += steps[round % steps.length]!
    if (round % 3 === 0) {
      const ahead = Math.floor(wall.ms) + 400
      stamps.cover(ahead)
      clock.merge(ahead, round, wall.ms)
    }
    const stamp = stamps.now()
    if (stamp.ms >= store.saved.at(-1)!) t.fail(`${String(stamp)} is not below ${store.saved.at(-1)}`)
  }
  t.strictSame(
    store.saved,
    [...store.saved].sort((a, b) => a - b),
    'a bound never goes back',
  )
  t.end()
})

t.test('a bound is saved once for all stamps below it, and not at all while nothing is stamped', (t) => {
  const store = new Memory(10_000)
  const { stamps, wall } = setUp(store)
  t.strictSame(store.saved, [1_010_002], 'before the first stamp')
  for (let count = 0; count < 10_000; count++) {
    wall.ms += 0.5
    stamps.now()
  }
  t.equal(store.saved.length, 1)
  wall.ms += 3_600_000
  t.equal(store.saved.length, 1)
  stamps.now()
  t.equal(store.saved.length, 2)
  t.end()
})

t.test('the next process begins above everything that the last one stamped', (t) => {
  const store = new Memory()
  const first = setUp(store)
  first.wall.ms += 400
  const last = first.stamps.now()
  const wall = new Wall()
  wall.ms = 1
  const second = setUp(store, wall)
  t.ok(second.stamps.leadMs > 1_000_000)
  t.ok(second.stamps.now().compare(last) > 0)
  t.end()
})

t.test('a save that fails is an event, and stamps go on; the next bound is another chance', (t) => {
  const store = new Memory(1000)
  const { stamps, events, wall } = setUp(store)
  const full = new Error('the disk is full')
  store.also = () => {
    throw full
  }
  wall.ms += 2000
  const before = stamps.now()
  t.match(events, [{ type: 'stampsUnsaved', error: full, boundMs: 1_003_002 }])
  stamps.now()
  t.equal(events.length, 1, 'told once')
  store.also = () => undefined
  wall.ms += 2000
  t.ok(stamps.now().compare(before) > 0)
  t.equal(store.saved.at(-1), 1_005_002)
  t.equal(events.length, 1)
  t.end()
})

t.test('save() may ask for a stamp', (t) => {
  const store = new Memory(1000)
  const { stamps, wall } = setUp(store)
  const made: string[] = []
  store.also = () => made.push(String(stamps.now()))
  wall.ms += 5000
  t.equal(String(stamps.now()), '1005000.1')
  t.strictSame(made, ['1005000.0'])
  t.end()
})

t.test('a store that cannot do its work is refused when the messenger is made', (t) => {
  const lab = new Lab()
  const made = (stamps: unknown) => () => lab.messenger('osd.0', { stamps: stamps as StampStore })
  const good = { load: () => null, save: () => undefined }
  const cause = new Error('no such directory')
  const thrower = (): never => {
    throw cause
  }
  const refused = (t: Test, stamps: unknown, message: RegExp) =>
    t.throws(made(stamps), { code: 'INK_BAD_OPTION', message })
  refused(t, 5, /takes an object/)
  refused(t, { load: () => 1 }, /save is undefined/)
  refused(t, { ...good, aheadMs: 0 }, /stamps.aheadMs must be/)
  refused(t, { ...good, load: () => '12' }, /must answer a number/)
  refused(t, { ...good, load: () => -1 }, /must answer a number/)
  refused(t, { ...good, save: () => Promise.reject(cause) }, /not promise/)
  refused(t, { ...good, load: thrower }, /stamps.load\(\) failed: no such directory/)
  t.throws(made({ ...good, save: thrower }), { code: 'INK_BAD_OPTION', cause })
  t.doesNotThrow(made(good))
  t.end()
})

t.test('a connection that ends while its bound is saved is handed nothing more, and nothing breaks', async (t) => {
  for (const side of ['sender', 'receiver'] as const) {
    const lab = new Lab()
    const stores = { sender: new Memory(1), receiver: new Memory(1) }
    const osd = lab.subject('osd.0', { stamps: stores.receiver })
    const client = lab.subject('client.1', { stamps: stores.sender })
    const address = await osd.messenger.bind('memory://a')
    const connection = client.messenger.connect(address)
    lab.clock.run()
    t.equal(connection.state, 'open')
    stores[side].also = () => {
      if (side === 'sender') connection.markDown()
      else osd.messenger.connections[0]?.markDown()
    }
    await lab.clock.advance(100)
    connection.send({ type: 1, tid: 5 })
    await lab.clock.settle()
    t.strictSame(osd.got, [], side)
    t.strictSame(
      [...osd.events, ...client.events].filter(({ type }) => type === 'dispatchError'),
      [],
    )
    t.equal(osd.messenger.connections.length, 0)
    const closing = [osd.messenger.shutdown(), client.messenger.shutdown()]
    await lab.clock.advance(60_000)
    await Promise.all(closing)
  }
})
