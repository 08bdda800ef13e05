/** L9: in flight, held and free make up the window, whatever happens. */
import t from 'tap'
import { HeldBudget, MESSAGE_OVERHEAD_BYTES } from '../../../src/policies/held-budget.ts'
import { Held } from '../../../src/session/held.ts'
import { ReceiveCredit } from '../../../src/session/path/receive-credit.ts'
import { SendCredit } from '../../../src/session/path/send-credit.ts'
import { testLives } from './lives.ts'
import { chance, inbound, outbound } from './samples.ts'
import { ack, carry, handle, lose, make, next as nextRun, only, open, pathOf } from './two-sessions.ts'

const WINDOW = { messages: 8, bytes: 80 }

t.test('the sender stops where the grant ends, and older news changes nothing', (t) => {
  const credit = new SendCredit({ messages: 2, bytes: 10 })
  t.ok(credit.covers(10))
  t.notOk(credit.covers(11))
  credit.use(4)
  credit.use(4)
  t.notOk(credit.covers(1), 'two messages were granted')
  credit.grant(3, 20)
  credit.grant(1, 1)
  t.strictSame(credit.free, { messages: 1, bytes: 12 })
  t.end()
})

t.test('what is held and what may come are one window, also when a link begins', (t) => {
  const held = new Held(WINDOW)
  const { free } = held.offer()
  held.take(10)
  t.throws(() => new ReceiveCredit(held, free), { code: 'INK_INTERNAL' }, 'offered before that came')
  t.strictSame(held.offer().free, { messages: 7, bytes: 70 })
  const credit = new ReceiveCredit(held, held.offer().free)
  t.notOk(credit.untold)
  t.strictSame(credit.tell(), { messages: 7, bytes: 70 })
  for (let count = 0; count < 7; count++) t.ok(credit.take(10, false))
  t.notOk(credit.take(0, false))
  t.equal(held.messages, WINDOW.messages)
  t.strictSame(held.offer().free, { messages: 0, bytes: 0 })
  t.ok(new ReceiveCredit(held, { messages: 9, bytes: 90 }, false), 'a peer without credit is told nothing')
  t.end()
})

t.test('a quarter of the window is worth telling', (t) => {
  const held = new Held(WINDOW)
  const credit = new ReceiveCredit(held, held.offer().free)
  for (let index = 0; index < 2; index++) credit.take(1, false)
  held.release(1)
  t.notOk(credit.worthTelling)
  t.ok(credit.untold)
  held.release(1)
  t.ok(credit.worthTelling)
  credit.tell()
  t.notOk(credit.untold)
  t.end()
})

testLives('in flight + held + free = window, over sends, duplicates, handlers and new links', 200, live)

/** Credit as its law says it, without counters: what was taken, told and is held, as lists. */
class Spec {
  taken: number[] = []
  held: number[] = []
  told = { messages: 0, bytes: 0 }
  get free(): { messages: number; bytes: number } {
    return { messages: WINDOW.messages - this.held.length, bytes: WINDOW.bytes - sum(this.held) }
  }
  get granted(): { messages: number; bytes: number } {
    return { messages: this.told.messages - this.taken.length, bytes: this.told.bytes - sum(this.taken) }
  }
  get limit(): { messages: number; bytes: number } {
    return { messages: this.taken.length + this.free.messages, bytes: sum(this.taken) + this.free.bytes }
  }
  get offer(): unknown {
    return { window: WINDOW, free: this.free }
  }
  get untold(): { messages: number; bytes: number } {
    return { messages: this.limit.messages - this.told.messages, bytes: this.limit.bytes - this.told.bytes }
  }
  seen(): unknown {
    const { messages, bytes } = this.untold
    return {
      held: [this.held.length, sum(this.held)],
      granted: this.granted,
      limit: this.limit,
      offer: this.offer,
      exhausted: this.free.messages <= 0 || this.free.bytes <= 0,
      untold: messages > 0 || bytes > 0,
      worthTelling: messages >= WINDOW.messages / 4 || bytes >= WINDOW.bytes / 4,
    }
  }
}

function seen(held: Held, credit: ReceiveCredit): unknown {
  const { granted, limit, untold, worthTelling } = credit
  const { messages, bytes, exhausted } = held
  return { held: [messages, bytes], granted, limit, offer: held.offer(), exhausted, untold, worthTelling }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, one) => total + one, 0)
}

t.test('a receiver counts as its law says, whatever comes', (t) => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = chance(seed)
    const held = new Held(WINDOW)
    let credit = new ReceiveCredit(held, { messages: 0, bytes: 0 })
    const spec = new Spec()
    for (let step = 0; step < 100; step++) {
      const bytes = random(40)
      switch (random(6)) {
        case 0: {
          const { free } = random(2) === 0 ? held.offer() : { free: { messages: 0, bytes: 0 } }
          credit = new ReceiveCredit(held, free)
          spec.taken = []
          spec.told = { ...free }
          break
        }
        case 1:
        case 2: {
          const duplicate = random(4) === 0
          const fits = spec.granted.messages >= 1 && spec.granted.bytes >= bytes
          if (credit.take(bytes, duplicate) !== fits) t.fail(`seed ${seed}, step ${step}: taken or refused wrongly`)
          if (fits) spec.taken.push(bytes)
          if (fits && !duplicate) spec.held.push(bytes)
          break
        }
        case 3:
        case 4: {
          const [done] = spec.held.splice(random(spec.held.length + 1), 1)
          if (done !== undefined) held.release(done)
          break
        }
        case 5: {
          const { limit, told } = spec
          const most = { messages: Math.max(limit.messages, told.messages), bytes: Math.max(limit.bytes, told.bytes) }
          if (!same(credit.tell(), most)) t.fail(`seed ${seed}, step ${step}: told wrongly`)
          spec.told = most
          break
        }
      }
      if (!same(seen(held, credit), spec.seen())) {
        t.strictSame(seen(held, credit), spec.seen(), `seed ${seed}, step ${step}`)
        break
      }
    }
  }
  t.end()
})

t.test('without credit only what is above the whole window is refused', (t) => {
  const held = new Held(WINDOW)
  const credit = new ReceiveCredit(held, { messages: 0, bytes: 0 }, false)
  t.ok(credit.take(80, false))
  t.ok(credit.take(80, false))
  t.notOk(credit.take(81, false))
  t.ok(held.exhausted)
  t.ok(credit.mustWait)
  t.match(held, { messages: 2, bytes: 160 })
  t.end()
})

t.test('a sender counts as its law says, over links and news in any order', (t) => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = chance(seed)
    let credit = new SendCredit({ messages: 0, bytes: 0 })
    let used: number[] = []
    let limit = { messages: 0, bytes: 0 }
    for (let step = 0; step < 60; step++) {
      const [messages, bytes] = [random(12), random(100)]
      switch (random(8)) {
        case 0:
          credit = new SendCredit({ messages, bytes })
          used = []
          limit = { messages, bytes }
          break
        case 1:
        case 2:
          credit.grant(messages, bytes)
          limit = { messages: Math.max(limit.messages, messages), bytes: Math.max(limit.bytes, bytes) }
          break
        default: {
          const size = random(20)
          const covered = used.length + 1 <= limit.messages && sum(used) + size <= limit.bytes
          if (credit.covers(size) !== covered) t.fail(`seed ${seed}, step ${step}: covers ${size}`)
          if (!covered) break
          credit.use(size)
          used.push(size)
        }
      }
      const free = { messages: limit.messages - used.length, bytes: limit.bytes - sum(used) }
      if (!same(credit.free, free)) t.fail(`seed ${seed}, step ${step}: free`)
    }
  }
  t.pass('100 lives')
  t.end()
})

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** One direction of a session with random steps. Returns what is wrong. */
function live(seed: number): string | null {
  const random = chance(seed)
  const counted = new Held(WINDOW)
  let sender = new SendCredit({ messages: 0, bytes: 0 })
  let receiver = new ReceiveCredit(counted, { messages: 0, bytes: 0 })
  let flight: { bytes: number; duplicate: boolean }[] = []
  const held: number[] = []
  const told: { messages: number; bytes: number }[] = []
  const begin = (): void => {
    const { free } = counted.offer()
    receiver = new ReceiveCredit(counted, free)
    sender = new SendCredit(free)
    flight = []
    told.length = 0
  }
  begin()
  for (let step = 0; step < 200; step++) {
    const bytes = 1 + random(30)
    const action = random(20)
    if (action < 8 && sender.covers(bytes)) {
      sender.use(bytes)
      flight.push({ bytes, duplicate: random(4) === 0 })
    } else if (action < 12) {
      const arrived = flight.shift()
      if (arrived !== undefined && !receiver.take(arrived.bytes, arrived.duplicate))
        return 'an honest sender is refused'
      if (arrived !== undefined && !arrived.duplicate) held.push(arrived.bytes)
    } else if (action < 15) {
      const [finished] = held.splice(random(held.length + 1), 1)
      if (finished !== undefined) counted.release(finished)
    } else if (action < 17) {
      told.push(receiver.tell())
    } else if (action < 19) {
      const news = told.shift()
      if (news !== undefined) sender.grant(news.messages, news.bytes)
    } else begin()
    // What may still come (in flight, free at the sender, or news of it on the way) and what is held.
    const { messages, bytes: limitBytes } = receiver.tell()
    const { takenMessages, takenBytes } = receiver.save()
    if (messages - takenMessages + held.length !== WINDOW.messages) return 'messages are not all accounted for'
    if (limitBytes - takenBytes + counted.bytes !== WINDOW.bytes) return 'bytes are not all accounted for'
    if (flight.length + sender.free.messages > messages - takenMessages)
      return 'the sender believes in more than was granted'
    const most = flight.filter(({ duplicate }) => !duplicate).length + held.length
    if (most > WINDOW.messages || counted.messages !== held.length) return 'more than the window could be held'
    if (counted.bytes !== held.reduce((total, one) => total + one, 0)) return 'bytes are miscounted'
  }
  return null
}

t.test(
  'where memory is short no grant grows; where there is none a link begins with nothing, and its acks are read',
  (t) => {
    const budget = new HeldBudget(1_000_000, 8 * (MESSAGE_OVERHEAD_BYTES + 10))
    const share = budget.share(null, 'osd.1', { easier: () => {}, throttle: () => {} })
    const held = new Held({ messages: 32, bytes: 320 })
    held.share = share
    const credit = new ReceiveCredit(held, held.offer().free)
    for (let count = 0; count < 4; count++) credit.take(10, false)
    t.notOk(credit.mustWait)
    t.strictSame(credit.tell(), { messages: 32, bytes: 320 }, 'half is used: what was granted stays granted')
    held.release(10)
    credit.take(10, false)
    t.notOk(credit.untold)
    t.strictSame(held.offer().free, { messages: 2, bytes: 20 }, 'a new link begins with little')
    for (let count = 0; count < 4; count++) credit.take(10, false)
    t.ok(credit.mustWait, 'all is used, and there is credit left')
    t.strictSame(held.offer().free, { messages: 0, bytes: 0 })
    const later = new ReceiveCredit(held, { messages: 0, bytes: 0 })
    t.notOk(later.mustWait, 'who can send no message is read')
    for (let count = 0; count < 8; count++) held.release(10)
    t.ok(later.untold)
    t.strictSame(later.tell(), { messages: 32, bytes: 320 })
    t.end()
  },
)

t.test('a protocol without credit must wait for memory whatever was granted', (t) => {
  const budget = new HeldBudget(1_000_000, MESSAGE_OVERHEAD_BYTES)
  const held = new Held({ messages: 32, bytes: 320 })
  held.share = budget.share(null, 'osd.1', { easier: () => {}, throttle: () => {} })
  const credit = new ReceiveCredit(held, { messages: 0, bytes: 0 }, false)
  t.notOk(credit.mustWait)
  credit.take(10, false)
  t.ok(credit.mustWait)
  t.end()
})

t.test(
  'what came late on the old link is a part of the window of the new one, also where its ack overtakes the resend',
  (t) => {
    const options = { window: { messages: 4 } }
    const [a, b] = [make('1', options), make('2', options, 'responder')]
    const { link, accepted } = open(a, b)
    for (let count = 0; count < 11; count++) a.outbound.enqueue(outbound())
    // Four are on their way when this end loses the link; the other end has not noticed.
    const late = nextRun(a)
    t.equal(late?.count, 4)
    const { link: next, offer } = lose(a, link)
    const answering = { type: 'offer', link: 9000, instance: 'A', offer, replaced: false } as const
    const { answer } = only(handle(b, answering), 'answer')
    t.strictSame(answer.grant.free, { messages: 0, bytes: 0 }, 'one link at a time has credit')
    const path = pathOf(b)
    t.equal(path.link, accepted)
    path.batch(late!.header, 0)
    const came = [1, 2, 3, 4].map((seq) => {
      t.ok(path.admit(1, false))
      const message = inbound(seq)
      path.complete(message, 0)
      return message
    })
    handle(a, { type: 'opened', link: next, instance: 'B', answer })
    handle(b, { type: 'confirmed', link: 9000 })
    t.equal(carry(a, b).length, 0, 'nothing may be sent again before the peer has said what it has')
    t.ok(pathOf(b).owesAck(0), 'which it does at once')
    ack(b, a)
    t.equal(carry(a, b).length, 0)
    t.equal(b.inbound.held.messages, 4, 'the window, and not one more')
    b.finish(came[0]!, 0)
    ack(b, a)
    t.strictSame(
      carry(a, b).map(({ seq }) => seq),
      [5],
    )
    t.equal(b.inbound.held.messages, 4)
    t.end()
  },
)
