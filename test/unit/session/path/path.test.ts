/** What is true of one link alone: what it must tell soon, what it believes of its peer, and what it lets go of at its end. */
import t from 'tap'
import type { HeldShare } from '../../../../src/policies/held-budget.ts'
import { CONTROL_LANE, CONTROL_WORDS, CONTROL_WORD_BYTES } from '../../../../src/wire/message.ts'
import { header, make } from '../inbound-story.ts'
import { inbound, outbound } from '../samples.ts'

const FAILURE = { code: 'INK_HANDLER_FAILED', errorCode: null, reason: 'no' } as const

t.test('a message that comes again is told of at once, or its sender keeps it for nothing', (t) => {
  const made = make()
  t.equal(made.path.batch(header(1, 1), 0), 0)
  t.ok(made.path.admit(1, false))
  made.path.complete(inbound(1), 0)
  made.relink()
  t.notOk(made.path.acks.isDueNow)
  t.equal(made.path.batch(header(1, 1), 0), 1)
  t.ok(made.path.admit(1, true))
  t.ok(made.path.acks.isDueNow)
  t.equal(made.inbound.held.messages, 1, 'and it is held once')
  t.end()
})

t.test('half a message of a link that is over holds no room', (t) => {
  const made = make()
  made.path.batch(header(1, 1), 0)
  t.ok(made.path.admit(20, false))
  t.equal(made.inbound.held.bytes, 20)
  made.relink()
  t.equal(made.inbound.held.bytes, 0)
  t.end()
})

t.test('an ack is hurried for the messages that are waited for, and for none behind them', (t) => {
  const made = make()
  made.path.batch(header(1, 2, { ackNow: true }), 0)
  const [first, second] = [inbound(1), inbound(2)]
  for (const message of [first, second]) {
    made.path.admit(1, false)
    made.path.complete(message, 0)
  }
  t.ok(made.finish(first, 0))
  made.path.tellMarks()
  t.ok(made.finish(second, 0), 'the last of them, too')
  made.path.tellMarks()
  made.path.batch(header(3, 1), 0)
  made.path.admit(1, false)
  const third = inbound(3)
  made.path.complete(third, 0)
  t.notOk(made.finish(third, 0))
  t.end()
})

t.test('who waited in vain eight times in a row tells at once, until waiting would pay again', (t) => {
  const made = make()
  const { acks } = made.path
  let seq = 0
  const comes = (nowMs: number): number => {
    made.path.batch(header(++seq, 1), 0)
    made.path.admit(1, false)
    const message = inbound(seq)
    made.path.complete(message, nowMs)
    made.finish(message, nowMs)
    const { dueMs } = acks
    made.path.tellMarks()
    made.path.tellCredit(true)
    return dueMs
  }
  const vainly = (fromMs: number, toMs: number): void => {
    for (let nowMs = fromMs; nowMs < toMs; nowMs += 100) t.equal(comes(nowMs), nowMs + 5)
  }
  made.path.tellMarks()
  vainly(1000, 1800)
  for (const nowMs of [1800, 1805, 1900]) t.equal(comes(nowMs), -Infinity, 'at once')
  t.equal(comes(1904), 1909, 'more follows: one ack could have been for both')
  vainly(2000, 2700)
  t.equal(comes(2800), -Infinity)
  acks.ride(1, { received: seq, processed: seq })
  t.equal(comes(2900), 2905, 'data came to ride on')
  t.end()
})

t.test('control words are as many and as large as they may be, and no more', (t) => {
  const made = make()
  const lane = CONTROL_LANE
  made.path.batch(header(1, CONTROL_WORDS, { lane }), 0)
  t.notOk(made.path.admit(CONTROL_WORD_BYTES + 1, false))
  const words = Array.from({ length: CONTROL_WORDS }, (_, index) => inbound(index + 1, lane))
  for (const word of words) {
    t.ok(made.path.admit(CONTROL_WORD_BYTES, false))
    made.path.complete(word, 0)
  }
  t.equal(made.inbound.held.messages, 0, 'they are no part of the window')
  made.path.batch(header(CONTROL_WORDS + 1, 1, { lane }), 0)
  t.notOk(made.path.admit(1, false))
  made.finish(words[0]!, 0)
  t.ok(made.path.admit(1, false), 'one is finished')
  t.end()
})

t.test('verdicts are told once on a link, all of them again on the next, and confirmed by who was told', (t) => {
  const made = make()
  made.path.batch(header(1, 1), 0)
  made.path.admit(1, false)
  const message = inbound(1)
  made.path.complete(message, 0)
  made.inbound.fail(message, FAILURE, made.path.acks, 0)
  t.ok(made.path.verdicts.owes)
  t.notOk(made.path.judge(1, [], 1, 0), 'the peer heard more than it was told')
  t.match(made.path.verdicts.tell(), { first: 1, verdicts: [{ lane: 1, seq: 1 }], taken: 0 })
  t.notOk(made.path.verdicts.owes)
  made.relink()
  t.ok(made.path.verdicts.owes, 'another link knows nothing of that')
  made.path.verdicts.tell()
  t.ok(made.path.judge(1, [], 1, 0))
  made.relink()
  t.notOk(made.path.verdicts.owes)
  t.end()
})

t.test('whoever is judged says how many verdicts it has, and believes none of what it never sent', (t) => {
  const made = make()
  made.outbound.enqueue(outbound(1))
  t.not(made.path.next(0, 0, 0), null)
  const verdict = { ...FAILURE, lane: 1, seq: 1 }
  t.notOk(made.path.judge(2, [verdict], 0, 0), 'one is missing')
  t.notOk(made.path.judge(1, [{ ...verdict, seq: 2 }], 0, 0))
  t.notOk(made.path.verdicts.owes)
  t.ok(made.path.judge(1, [verdict], 0, 0))
  t.ok(made.path.verdicts.owes)
  t.match(made.path.verdicts.tell(), { verdicts: [], taken: 1 })
  t.notOk(made.path.verdicts.owes)
  t.end()
})

t.test('a name that has too many words here unfinished gets no more, whatever session they are of', (t) => {
  const made = make()
  const lane = CONTROL_LANE
  made.path.batch(header(1, 2, { lane }), 0)
  t.ok(made.path.admit(1, false))
  made.path.complete(inbound(1, lane), 0)
  made.inbound.held.share = { hasManyWords: true } as unknown as HeldShare
  t.notOk(made.path.admit(1, false))
  t.ok(made.path.admit(1, true), 'one that is here already takes no room')
  t.end()
})

t.test(
  'an ack waits for so many messages, each counted when it came and when it was finished, or for its delay',
  (t) => {
    const made = make()
    made.path.batch(header(1, 4), 0)
    const messages = [1, 2, 3, 4].map((seq) => inbound(seq))
    const due = messages.map((message, index) => {
      made.path.admit(1, false)
      made.path.complete(message, index)
      return made.finish(message, index)
    })
    t.strictSame(due, [false, false, false, true])
    const patient = make()
    patient.path.batch(header(1, 2), 0)
    for (const seq of [1, 2]) {
      patient.path.admit(1, false)
      patient.path.complete(inbound(seq), 3 * seq)
    }
    t.equal(patient.path.acks.dueMs, 3 + 5, 'from the first of them on')
    t.end()
  },
)
