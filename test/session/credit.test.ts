/** L9: in flight, held and free make up the window, whatever happens. */
import t from 'tap'
import { ReceiveCredit, SendCredit } from '../../src/session/credit.ts'
import { chance } from './samples.ts'

const WINDOW = { messages: 8, bytes: 80 }

t.test('the sender stops where the grant ends, and older news changes nothing', (t) => {
  const credit = new SendCredit()
  t.notOk(credit.covers(1), 'nothing is granted before a link begins')
  credit.begin({ window: WINDOW, free: { messages: 2, bytes: 10 } })
  t.equal(credit.messageBytesMax, 80)
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

t.test('what was granted stays granted', (t) => {
  const credit = new ReceiveCredit(WINDOW)
  const { free } = credit.offer(false)
  credit.heldMessages = 8
  credit.heldBytes = 80
  credit.begin(free)
  t.notOk(credit.untold)
  t.strictSame(credit.tell(), { messages: 8, bytes: 80 })
  t.ok(credit.take(10, true), 'the peer sends again what came on the old link')
  t.equal(credit.heldMessages, 8)
  t.end()
})

t.test('beside an open link nothing is granted twice', (t) => {
  const credit = new ReceiveCredit(WINDOW)
  credit.begin(credit.offer(false).free)
  credit.take(30, false)
  t.strictSame(credit.offer(false).free, { messages: 7, bytes: 50 })
  t.strictSame(credit.offer(true).free, { messages: 0, bytes: 0 })
  t.end()
})

t.test('a quarter of the window is worth telling', (t) => {
  const credit = new ReceiveCredit(WINDOW)
  credit.begin(credit.offer(false).free)
  for (let index = 0; index < 2; index++) credit.take(1, false)
  credit.release(1)
  t.notOk(credit.worthTelling)
  t.ok(credit.untold)
  credit.release(1)
  t.ok(credit.worthTelling)
  credit.tell()
  t.notOk(credit.untold)
  t.end()
})

t.test('in flight + held + free = window, over sends, duplicates, handlers and new links', (t) => {
  for (let seed = 1; seed <= 200; seed++) {
    const problem = live(seed)
    if (problem !== null) t.fail(`seed ${seed}: ${problem}`)
  }
  t.pass('200 lives')
  t.end()
})

/** One direction of a session with random steps. Returns what is wrong. */
function live(seed: number): string | null {
  const random = chance(seed)
  const sender = new SendCredit()
  const receiver = new ReceiveCredit(WINDOW)
  let flight: { bytes: number; duplicate: boolean }[] = []
  const held: number[] = []
  const told: { messages: number; bytes: number }[] = []
  const begin = (): void => {
    const grant = receiver.offer(false)
    receiver.begin(grant.free)
    sender.begin(grant)
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
      if (finished !== undefined) receiver.release(finished)
    } else if (action < 17) {
      told.push(receiver.tell())
    } else if (action < 19) {
      const news = told.shift()
      if (news !== undefined) sender.grant(news.messages, news.bytes)
    } else begin()
    // What may still come (in flight, free at the sender, or news of it on the way) and what is held.
    const { messages, bytes: limitBytes } = receiver.tell()
    const { takenMessages, takenBytes, heldBytes } = receiver.save()
    if (messages - takenMessages + held.length !== WINDOW.messages) return 'messages are not all accounted for'
    if (limitBytes - takenBytes + heldBytes !== WINDOW.bytes) return 'bytes are not all accounted for'
    if (flight.length + sender.free.messages > messages - takenMessages)
      return 'the sender believes in more than was granted'
    const most = flight.filter(({ duplicate }) => !duplicate).length + held.length
    if (most > WINDOW.messages || receiver.heldMessages !== held.length) return 'more than the window could be held'
    if (receiver.heldBytes !== held.reduce((total, one) => total + one, 0)) return 'bytes are miscounted'
  }
  return null
}
