/** What callers may do at their limits, by the machine alone: who waits for a place, who is refused, and who hears no more. */
import t from 'tap'
import { CALLS } from '../../../src/transactions/machine/limits.ts'
import { Outgoing } from '../../../src/transactions/machine/outgoing.ts'
import { KIND, type CallFailure } from '../../../src/transactions/machine/words.ts'
import { End } from '../../../src/testing/model/calls/end.ts'
import type { ModelAsked } from '../../../src/testing/model/calls/halves.ts'
import { PRIORITY } from '../../../src/wire/message.ts'

function caller(): End {
  const end = new End()
  end.exchange.begin(0)
  return end
}

/** A call whose handler runs. */
function handled() {
  const [client, server] = [caller(), caller()]
  const asked = client.ask(1, false)
  client.put(asked.lane)
  client.arrive(server)
  const [served] = server.waiting
  if (served === undefined) throw new Error('the call did not come')
  server.begin(served)
  return { client, server, asked, served }
}

function failureOf({ outcomes }: ModelAsked): CallFailure {
  const [outcome] = outcomes
  if (outcome === undefined || outcome === 'reply') throw new Error('it has not failed')
  return outcome
}

t.test('a call whose time is up is not asked', (t) => {
  const end = caller()
  end.nowMs = 5
  const asked = end.ask(1, false, 5)
  t.match(failureOf(asked), { reason: 'deadline', indeterminate: false })
  t.notOk(end.put(asked.lane), 'nothing of it is sent')
  t.equal(end.watched.size, 0)
  t.end()
})

t.test('so many calls of a lane wait for a session, and one more is refused; those of another lane are not', (t) => {
  const end = new End()
  const waiting = Array.from({ length: CALLS.waitingMax }, () => end.ask(1, false))
  t.ok(waiting.every(({ phase }) => phase === 'waiting'))
  t.match(failureOf(end.ask(1, false)), { reason: 'quota', code: 'BUSY', indeterminate: false })
  t.equal(end.ask(0, false).phase, 'waiting')
  t.end()
})

t.test('the last places are kept for urgent calls, and those end, too', (t) => {
  const end = caller()
  const ask = (priority: number, count: number) =>
    Array.from({ length: count }, () => end.ask(1, false, Infinity, 4, priority).phase)
  const most = CALLS.openMax - CALLS.openUrgent
  t.ok(ask(PRIORITY.DEFAULT, most).every((phase) => phase === 'open'))
  t.strictSame(ask(PRIORITY.DEFAULT, 1), ['waiting'])
  t.ok(ask(PRIORITY.HIGH, CALLS.openUrgent).every((phase) => phase === 'open'))
  t.strictSame(ask(PRIORITY.HIGH, 1), ['waiting'])
  t.equal(end.exchange.places.size, CALLS.openMax + 2)
  t.end()
})

t.test('the answer to a cancel is waited for so long and no longer', (t) => {
  const end = caller()
  const asked = end.ask(1, false)
  end.put(asked.lane)
  end.exchange.cancel(asked, 'cancelled-local', 'why', 0)
  t.strictSame(asked.outcomes, [])
  end.nowMs = CALLS.verdictTimeoutMs - 1
  end.expire()
  t.strictSame(asked.outcomes, [])
  end.nowMs++
  end.expire()
  t.match(failureOf(asked), { reason: 'cancelled-local', indeterminate: true, detail: /not known/ })
  t.end()
})

t.test('parts that come behind the outcome of their caller are kept nowhere, and their credit comes back', (t) => {
  const { client, server, asked, served } = handled()
  client.reads = 'later'
  client.exchange.giveUp(asked, 'cancelled-local', '', 0)
  for (let count = 0; count < 2; count++) {
    server.part(served, CALLS.windowBytes / 2 - CALLS.partOverheadBytes)
    server.put(served.lane)
    t.equal(server.arrive(client), null)
  }
  const { incoming } = asked
  t.equal(incoming!.unread, 0)
  t.equal(incoming!.consumed, CALLS.windowBytes)
  t.end()
})

t.test('what a caller does is nothing that its peer can speak of', (t) => {
  const { client, server, asked, served } = handled()
  const reason = 'cancelled-local'
  server.finish(served, { reason, code: '', detail: '', indeterminate: true, retryAfterMs: 0 })
  server.put(served.lane)
  server.arrive(client)
  t.match(failureOf(asked), { reason: 'protocol', indeterminate: true })
  t.end()
})

t.test('the rest of a part whose memory is given away meanwhile is no piece', (t) => {
  const out = new Outgoing()
  const data = new Uint8Array(2 * CALLS.pieceBytes)
  out.push({ kind: KIND.PART, front: null, data })
  t.equal(out.next()?.bytes, CALLS.pieceBytes)
  structuredClone(data, { transfer: [data.buffer] })
  out.grant(Infinity)
  t.equal(out.next(), null)
  t.end()
})
