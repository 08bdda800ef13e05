/** Messages that failed: what is said of them, how often, and what a peer may not say. */
import t from 'tap'
import type { Session } from '../../../src/session/session.ts'
import { Verdicts, VERDICTS_MAX } from '../../../src/session/verdicts.ts'
import { type Failure, type Verdict } from '../../../src/wire/verdict.ts'
import { outbound } from './samples.ts'
import { carry, handle, make, open, pathOf, resume } from './two-sessions.ts'

const FAILURE: Failure = { code: 'INK_HANDLER_FAILED', errorCode: 'ENOENT', reason: 'no such object' }

function verdict(seq: number, lane = 1): Verdict {
  return { ...FAILURE, lane, seq }
}

/** What `from` says of failures, heard by `to`. */
function tell(from: Session, to: Session): boolean {
  const { first, verdicts, taken } = pathOf(from).verdicts.tell()
  return pathOf(to).judge(first, verdicts, taken, 0)
}

function setUp(count = 3) {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const links = open(a, b)
  for (let index = 0; index < count; index++) a.outbound.enqueue(outbound())
  return { a, b, ...links, arrived: carry(a, b) }
}

t.test('a failure is told before the mark that passes its message, and once, though it is said again', (t) => {
  const { a, b, link, arrived } = setUp()
  pathOf(b).tellMarks()
  for (const [index, message] of arrived.entries()) b.finish(message, 0, index === 1 ? FAILURE : undefined)
  t.ok(pathOf(b).verdicts.owes)
  t.strictSame(b.inbound.safeMarks()[1], { received: 3, processed: 1 }, 'a handshake does not pass it')
  t.ok(tell(b, a))
  t.notOk(pathOf(b).verdicts.owes)
  t.strictSame(a.outbound.takeFailed(), [], 'not before its mark')
  // The link is cut before the sender's word of it has come, and takes an ack along.
  pathOf(b).tellMarks()
  t.notOk(pathOf(b).owesAck(0))
  resume(a, b, link)
  t.ok(pathOf(b).verdicts.owes, 'a new link is told again')
  t.ok(pathOf(b).owesAck(0), 'with the marks: its handshake stated none that passes the failure')
  t.ok(tell(b, a))
  t.ok(pathOf(a).marks(1, 3, 3))
  t.match(a.outbound.takeFailed(), [{ verdict: { ...FAILURE, lane: 1, seq: 2 } }])
  t.equal(a.outbound.failedMessages, 1)
  t.ok(pathOf(a).verdicts.owes, 'how many it has is to be said')
  t.ok(tell(a, b))
  t.notOk(pathOf(a).verdicts.owes || pathOf(b).verdicts.owes)
  t.strictSame(b.inbound.safeMarks()[1], { received: 3, processed: 3 })
  t.end()
})

t.test('a peer may judge what it was sent, in order, and confirm what it was told: nothing else', (t) => {
  const { a, b, arrived } = setUp()
  const sane = [verdict(1), verdict(2)]
  for (const [what, first, verdicts, taken] of [
    ['number 0', 0, sane, 0],
    ['one is left out', 2, sane, 0],
    ['it was never sent', 1, [verdict(1), verdict(4)], 0],
    ['nothing of that lane was', 1, [verdict(1, 0)], 0],
    ['no such lane', 1, [verdict(1, 7)], 0],
    ['words of control', 1, [verdict(1, 3)], 0],
    ['more than it was told', 1, sane, 1],
  ] as const)
    t.equal(pathOf(a).judge(first, verdicts, taken, 0), false, what)
  const other = pathOf(setUp().a)
  t.ok(other.judge(1, sane, 0, 0))
  t.ok(other.judge(1, sane, 0, 0), 'again, as after a cut')
  t.ok(other.judge(2, [verdict(2), verdict(3)], 0, 0), 'and more behind it')
  t.equal(other.verdicts.tell().taken, 3)
  t.ok(other.judge(1, [verdict(1)], 0, 0), 'an old one takes nothing back')
  t.equal(other.verdicts.tell().taken, 3)
  t.equal(other.judge(5, [verdict(3)], 0, 0), false, 'but the next is the fourth')
  for (const message of arrived) b.finish(message, 0, FAILURE)
  pathOf(b).verdicts.tell()
  t.notOk(pathOf(b).judge(1, [], 4, 0))
  t.ok(pathOf(b).judge(1, [], 3, 0))
  t.ok(pathOf(b).judge(1, [], 1, 0), 'fewer than before is an old word')
  t.notOk(pathOf(b).verdicts.owes)
  t.end()
})

t.test('there is room for so many that are not confirmed; a new link hears all of those, and no others', (t) => {
  const verdicts = new Verdicts()
  for (let seq = 1; seq <= VERDICTS_MAX; seq++) verdicts.add(verdict(seq))
  t.ok(verdicts.isFull)
  t.match(verdicts.behind(0, 4), [{ seq: 1 }, { seq: 2 }, { seq: 3 }, { seq: 4 }])
  t.match(verdicts.behind(4, 1), [{ seq: 5 }])
  verdicts.confirm(6)
  t.notOk(verdicts.isFull)
  t.match(verdicts.behind(6, 2), [{ seq: 7 }, { seq: 8 }])
  t.match(verdicts.behind(8, 1), [{ seq: 9 }], 'of a link that was told more')
  verdicts.confirm(2)
  t.match(verdicts, { confirmed: 6, last: VERDICTS_MAX }, 'an old word')
  t.end()
})

t.test('a handshake stays below the failures of each lane, and of no other', (t) => {
  const verdicts = new Verdicts()
  verdicts.add(verdict(9, 0))
  verdicts.add(verdict(5, 0))
  verdicts.add(verdict(7, 2))
  t.strictSame([verdicts.ceiling(0), verdicts.ceiling(1), verdicts.ceiling(2)], [4, Infinity, 6])
  t.end()
})

t.test('a handler that fails late, for a session that is over, tells nobody', (t) => {
  const { b, accepted, arrived } = setUp()
  handle(b, { type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'over' })
  t.equal(accepted > 0 && b.openLink, -1)
  for (const message of arrived) b.finish(message, 0, FAILURE)
  t.strictSame(b.inbound.verdicts.last, 0)
  t.equal(b.inbound.failedMessages, 3, 'but it is counted')
  t.equal(b.inbound.held.messages, 0)
  t.end()
})

t.test('a peer that confirms one by one has only those looked at for which there is room', (t) => {
  const more = 400
  const { b, arrived } = setUp(VERDICTS_MAX + more)
  t.equal(arrived.length, VERDICTS_MAX + more)
  for (const message of arrived) b.finish(message, 0, FAILURE)
  let looks = 0
  const fail = b.inbound.fail.bind(b.inbound)
  b.inbound.fail = (...given) => {
    looks++
    fail(...given)
  }
  while (pathOf(b).verdicts.owes) pathOf(b).verdicts.tell()
  for (let taken = 1; taken <= more; taken++) {
    t.ok(pathOf(b).judge(1, [], taken, 0))
    pathOf(b).verdicts.tell()
  }
  t.equal(looks, more)
  t.equal(b.inbound.failedMessages, VERDICTS_MAX + more, 'each is counted once')
  t.end()
})

t.test('what waits for room to be told of comes back with its session, and is held no more', (t) => {
  const { b, arrived } = setUp(VERDICTS_MAX + 2)
  for (const message of arrived) b.finish(message, 0, FAILURE)
  t.equal(b.inbound.held.messages, 2)
  handle(b, { type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'over' })
  t.equal(b.inbound.held.messages, 0)
  t.end()
})

t.test('what a handshake has told is not owed on the link that it made', (t) => {
  const { a, b, link, arrived } = setUp(2)
  b.finish(arrived[0]!, 0)
  t.ok(b.inbound.owesAcks)
  const next = resume(a, b, link)
  t.notOk(b.inbound.owesAcks)
  b.finish(arrived[1]!, 0)
  t.ok(b.inbound.owesAcks)
  resume(a, b, next.link)
  t.notOk(b.inbound.owesAcks)
  t.end()
})
