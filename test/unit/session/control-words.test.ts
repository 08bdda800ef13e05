/** The lane of control words: before all else, beside the window, bounded by what the peer has finished of it. */
import t from 'tap'
import { CONTROL_LANE, CONTROL_WORDS, CONTROL_WORD_BYTES } from '../../../src/wire/message.ts'
import { EVERYTHING } from '../../../src/wire/wire.ts'
import type { Session } from '../../../src/session/session.ts'
import { inbound, outbound } from './samples.ts'
import { Linked } from './linked.ts'
import { carry, handle, lose, make, next, only, open, pathOf, resume } from './two-sessions.ts'

const mine = (): boolean => true
const nobodys = (): boolean => false

function say(session: Session, count: number): void {
  for (let index = 0; index < count; index++) session.enqueueControl(outbound(), nobodys)
}

/** Acks of `from` reach `to`. */
function ack(from: Session, to: Session): void {
  from.inbound.marks().forEach(({ received, processed }, lane) => t.ok(pathOf(to).marks(lane, received, processed)))
}

t.test('words go first, without credit, and only so far ahead of what is finished', (t) => {
  const [a, b] = [make('1'), make('2', { window: { messages: 1, bytes: 1000 } }, 'responder')]
  open(a, b)
  for (let count = 0; count < 3; count++) a.outbound.enqueue(outbound(1, 255))
  say(a, CONTROL_WORDS + 8)
  const arrived = carry(a, b)
  t.strictSame(
    arrived.map(({ lane }) => lane),
    [...Array<number>(CONTROL_WORDS).fill(CONTROL_LANE), 0],
    'the window has room for one message',
  )
  t.equal(next(a), null)
  for (const message of arrived.slice(1, 9)) b.finish(message, 0)
  ack(b, a)
  t.equal(next(a), null, 'the first one still stands')
  b.finish(arrived[0]!, 0)
  ack(b, a)
  t.equal(carry(a, b).length, 8)
  t.strictSame([b.inbound.held.messages, a.outbound.messages], [1, 3], 'they are no part of the window')
  t.end()
})

t.test(
  'a reserve is used up; another still has its own; where there is no lane, it is what may be beyond the limit',
  (t) => {
    const a = make('1', { replay: { messages: 4, bytes: 1000 } })
    for (let count = 0; count < 16; count++) t.ok(a.enqueueControl(outbound(), mine))
    t.notOk(a.enqueueControl(outbound(), mine))
    t.ok(a.enqueueControl(outbound(), nobodys))
    t.ok(a.hasWork)
    t.notOk(a.outbound.backlog.aboveHighWater, 'the application has all of its queue')
    a.capabilities = { ...EVERYTHING, controlLane: false }
    for (let count = 0; count < 20; count++) t.ok(a.enqueueControl(outbound(), mine))
    t.notOk(a.enqueueControl(outbound(), mine))
    t.equal(a.outbound.messages, 20)
    t.end()
  },
)

t.test('on another link words are sent again, once and in order', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link } = open(a, b)
  say(a, 3)
  const [first] = carry(a, b)
  b.finish(first!, 0)
  say(a, 2)
  next(a)
  resume(a, b, link)
  t.strictSame(
    carry(a, b).map(({ seq, lane }) => [seq, lane]),
    [
      [4, CONTROL_LANE],
      [5, CONTROL_LANE],
    ],
  )
  t.end()
})

t.test('a session takes its words with it', (t) => {
  const [a, b] = [make('1', { onReset: 'requeue' }), make('2', {}, 'responder')]
  open(a, b)
  say(a, 2)
  a.outbound.enqueue(outbound(7))
  carry(a, b)
  const gone = handle(a, { type: 'goodbye', link: a.openLink, code: 'INK_PEER_CLOSED', reason: 'gone' })
  t.match(only(gone, 'remoteReset'), { outcome: { undelivered: { length: 0 }, unknown: { length: 0 } } })
  t.strictSame([a.outbound.messages, a.outbound.lanes.length], [1, CONTROL_LANE], 'the message is queued anew')
  a.outbound.takeOutcome()
  say(a, 1)
  t.match(a.outbound.takeOutcome(), { undelivered: { length: 0 }, unknown: { length: 0 } })
  t.notOk(a.hasWork)
  t.end()
})

t.test('words for a peer that knows none of them are dropped, and wait for nobody', (t) => {
  const a = make('1')
  say(a, 1)
  a.outbound.withdrawUnfit({ ...EVERYTHING, controlLane: false })
  t.notOk(a.hasWork)
  t.end()
})

t.test('a peer that says too much or too long is at fault, however its words finish', (t) => {
  const linked = new Linked({ window: { messages: 100, bytes: 10_000 } })
  const { inbound: to, path } = linked
  const header = { received: 0, processed: 0, stampMs: 0, stampCounter: 0, ackNow: true }
  const receive = (seq: number, bytes: number): boolean => {
    path.batch({ ...header, lane: CONTROL_LANE, firstSeq: seq, count: 1 }, 0)
    if (!path.admit(bytes, false)) return false
    const message = inbound(seq, CONTROL_LANE, bytes)
    path.complete(message, 0)
    got.push(message)
    return true
  }
  const got: ReturnType<typeof inbound>[] = []
  for (let seq = 1; seq <= CONTROL_WORDS; seq++) {
    t.ok(receive(seq, CONTROL_WORD_BYTES))
    // All but the first: what is finished behind it must be remembered, and that is bounded, too.
    if (seq > 1) linked.finish(got.at(-1)!, 0)
  }
  t.notOk(receive(CONTROL_WORDS + 1, 1))
  t.ok(to.isBusy)
  linked.finish(got[0]!, 0)
  t.notOk(to.isBusy)
  t.ok(receive(CONTROL_WORDS + 1, 1))
  linked.finish(got.at(-1)!, 0)
  t.notOk(receive(CONTROL_WORDS + 2, CONTROL_WORD_BYTES + 1))
  t.equal(to.held.messages, 0)
  t.end()
})

t.test('a word is acked when it is finished, whatever the policy says of messages', (t) => {
  const [a, b] = [make('1'), make('2', { ackOn: 'received' }, 'responder')]
  open(a, b)
  say(a, 1)
  const [word] = carry(a, b)
  t.match(b.inbound.marks()[CONTROL_LANE], { received: 1, processed: 0 })
  t.ok(b.finish(word!, 0), 'and at once')
  t.match(b.inbound.marks()[CONTROL_LANE], { received: 1, processed: 1 })
  t.end()
})

t.test('all of it is saved and comes back', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  open(a, b)
  const before = [a.save(), b.save()]
  say(a, 3)
  carry(a, b)
  const after = [a.save(), b.save()]
  ;[a, b].forEach((one, index) => one.restore(before[index]!))
  t.strictSame([a.save(), b.save()], before)
  t.notOk(a.hasWork)
  ;[a, b].forEach((one, index) => one.restore(after[index]!))
  t.strictSame([a.save(), b.save()], after)
  t.strictSame([a.hasWork, a.outbound.messages], [true, 0])
  t.end()
})

t.test('the first words of a session that follows a reset are acked, however many the one before had', (t) => {
  const [a, b, reborn] = [make('1'), make('2', {}, 'responder'), make('2', {}, 'responder')]
  const { link } = open(a, b)
  say(b, 1)
  for (const word of carry(b, a)) a.finish(word, 0)
  const { link: again, offer } = lose(a, link)
  const offered = { type: 'offer', link: again + 1000, instance: 'A', offer, replaced: false } as const
  const { answer } = only(handle(reborn, offered), 'answer')
  only(handle(a, { type: 'opened', link: again, instance: 'C', answer }), 'remoteReset')
  handle(reborn, { type: 'confirmed', link: again + 1000 })
  pathOf(a).tellMarks()
  say(reborn, 1)
  for (const word of carry(reborn, a)) a.finish(word, 0)
  t.ok(pathOf(a).owesAck(0))
  t.end()
})
