/** Two sessions joined by hand: what the machine's effects become, and that a saved session goes on as the original. */
import t from 'tap'
import type { SessionEvent } from '../../../src/session/event.ts'
import { Session } from '../../../src/session/session.ts'
import type { Action } from '../../../src/session/action.ts'
import { deadlineOf } from '../../../src/session/holdings.ts'
import { HybridClock } from '../../../src/wire/hlc.ts'
import type { WireCapabilities } from '../../../src/wire/wire.ts'
import { outbound } from './samples.ts'
import { ack, carry, handle, lanes, lose, make, next as nextRun, only, open, pathOf, resume } from './two-sessions.ts'

t.test('a first session, messages, and a resume that sends again what was lost', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link, accepted, adopted } = open(a, b)
  t.match(adopted, [{ continues: false }, { continues: false }])
  t.equal(a.openLink, link)
  for (let index = 0; index < 3; index++) a.outbound.enqueue(outbound())
  const [first] = carry(a, b)
  t.ok(a.hasWork)
  a.outbound.enqueue(outbound())
  nextRun(a, 0)
  handle(b, { type: 'fault', link: accepted, reason: 'cut' })
  handle(a, { type: 'fault', link, reason: 'cut' })
  t.equal(a.openLink, -1)
  if (first !== undefined) b.finish(first, 0)
  handle(a, { type: 'deadline' }, 10_000)
  t.equal(a.machine.state.name, 'connecting')
  t.end()
})

t.test('on resume the marks go both ways', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link, accepted } = open(a, b)
  for (let index = 0; index < 3; index++) a.outbound.enqueue(outbound())
  const arrived = carry(a, b)
  t.equal(arrived.length, 3)
  handle(b, { type: 'fault', link: accepted, reason: 'cut' }, 1000)
  const again = only(handle(a, { type: 'fault', link, reason: 'cut' }, 1000), 'dial')
  t.equal(again.offer.resume.length, 1)
  if (arrived[0] !== undefined) b.finish(arrived[0], 1000)
  const { answer } = only(
    handle(b, { type: 'offer', link: 7000, instance: 'A', offer: again.offer, replaced: false }),
    'answer',
  )
  t.match(answer, { resumed: true, marks: [{}, { received: 3, processed: 1 }] })
  const actions = handle(a, { type: 'opened', link: again.link, instance: 'B', answer })
  t.match(only(actions, 'adopt'), { continues: true })
  t.match(only(actions, 'begun'), { how: 'resumed', replayed: 0 })
  t.equal(a.outbound.messages, 2, 'the processed one is forgotten')
  t.match(only(handle(b, { type: 'confirmed', link: 7000 }), 'adopt'), { continues: true })
  t.strictSame(carry(a, b), [])
  t.end()
})

t.test('a peer that has lost the session: hand back, or send again', (t) => {
  for (const onReset of ['hand-back', 'requeue'] as const) {
    const [a, b] = [make('1', { onReset }), make('2', {}, 'responder')]
    const { link } = open(a, b)
    a.outbound.enqueue(outbound())
    carry(a, b)
    a.outbound.enqueue(outbound())
    const again = only(handle(a, { type: 'fault', link, reason: 'cut' }, 1000), 'dial')
    const fresh = make('2', {}, 'responder')
    const { answer } = only(
      handle(fresh, { type: 'offer', link: 8000, instance: 'A', offer: again.offer, replaced: false }),
      'answer',
    )
    t.notOk(answer.resumed)
    const actions = handle(a, { type: 'opened', link: again.link, instance: 'C', answer })
    t.strictSame(
      actions.map(({ type }) => type),
      ['confirm', 'replaced', 'remoteReset', 'adopt', 'begun'],
    )
    const { outcome } = only(actions, 'remoteReset')
    const handedBack = onReset === 'hand-back'
    t.equal(outcome.unknown.length, handedBack ? 1 : 0)
    t.equal(outcome.undelivered.length, handedBack ? 1 : 0)
    handle(fresh, { type: 'confirmed', link: 8000 })
    t.equal(carry(a, fresh).length, handedBack ? 0 : 2)
  }
  t.end()
})

t.test('a session with impossible marks can never go on, so it is over', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link } = open(a, b)
  a.outbound.enqueue(outbound())
  const again = only(handle(a, { type: 'fault', link, reason: 'cut' }, 1000), 'dial')
  const { answer } = only(
    handle(b, { type: 'offer', link: 9000, instance: 'A', offer: again.offer, replaced: false }),
    'answer',
  )
  const lying = { ...answer, marks: [{ received: 5, processed: 0 }] }
  const actions = handle(a, { type: 'opened', link: again.link, instance: 'B', answer: lying })
  t.match(actions.slice(1), [
    { type: 'drop', reason: /never sent/ },
    { type: 'remoteReset', code: 'INK_RESET', outcome: { undelivered: [{}] } },
  ])
  t.match(a.machine, { state: { name: 'idle' }, session: null })
  const anew = only(handle(a, { type: 'work' }), 'dial')
  t.strictSame(anew.offer.resume, [], 'and the next one is new')
  t.end()
})

t.test('a session can do what its link can, and is over when its peer has forgotten a feature', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link } = open(a, b)
  t.strictSame(a.capabilities, a.config.protocol?.capabilities, 'left out: all that the protocol can')
  const more = a.capabilities
  const less = { ...more, extensions: false }
  const meet = (capabilities: WireCapabilities, link: number): [Action[], number] => {
    const again = lose(a, link)
    const arrived: SessionEvent = {
      type: 'offer',
      link: 9000 + link,
      instance: 'A',
      offer: again.offer,
      replaced: false,
    }
    const { answer } = only(handle(b, arrived), 'answer')
    handle(b, { type: 'confirmed', link: 9000 + link, capabilities })
    return [handle(a, { type: 'opened', link: again.link, instance: 'B', answer, capabilities }), again.link]
  }
  a.outbound.enqueue(outbound())
  const [same, next] = meet(more, link)
  t.match(only(same, 'adopt'), { continues: true })
  const [actions] = meet(less, next)
  t.match(actions.slice(1), [
    { type: 'drop', reason: /forgotten a feature/ },
    { type: 'remoteReset', code: 'INK_RESET' },
  ])
  a.outbound.enqueue(outbound())
  const fresh = make('3', {}, 'responder')
  const { offer, link: dialled } = only(handle(a, { type: 'work' }), 'dial')
  const met: SessionEvent = { type: 'offer', link: 7000, instance: 'A', offer, replaced: false }
  const { answer } = only(handle(fresh, met), 'answer')
  handle(a, { type: 'opened', link: dialled, instance: 'C', answer, capabilities: less })
  t.strictSame(a.capabilities, less, 'a new session has whatever its peer knows')
  t.end()
})

t.test('a new session beside an open one is granted nothing before it has taken over', (t) => {
  const options = { window: { messages: 4, bytes: 40 } }
  const [a, b] = [make('1', options), make('2', options, 'responder')]
  open(a, b)
  const stranger = make('0', options)
  handle(stranger, { type: 'connect' })
  const { offer } = only(
    handle(stranger, { type: 'deadline' }, 10_000).concat(handle(stranger, { type: 'deadline' }, 30_000)),
    'dial',
  )
  const { answer } = only(handle(b, { type: 'offer', link: 9100, instance: 'Z', offer, replaced: false }), 'answer')
  t.strictSame(answer.grant, { window: options.window, free: { messages: 0, bytes: 0 } })
  handle(b, { type: 'confirmed', link: 9100 })
  t.ok(pathOf(b).owesAck(0))
  t.strictSame(pathOf(b).receiving.tell(), { messages: 4, bytes: 40 })
  t.end()
})

t.test('credit that comes back while a link is dialled is told on that link, and none of it leaks', (t) => {
  const window = { messages: 4, bytes: 40 }
  const [a, b] = [make('1', { window }), make('2', { window }, 'responder')]
  const { link, accepted } = open(a, b)
  b.outbound.enqueue(outbound())
  const [held] = carry(b, a)
  const again = lose(a, link)
  t.strictSame(again.offer.grant.free, { messages: 3, bytes: 39 }, 'a handler holds one message')
  if (held !== undefined) a.finish(held, 1000)
  handle(b, { type: 'fault', link: accepted, reason: 'cut' }, 1000)
  const arrived: SessionEvent = { type: 'offer', link: 9200, instance: 'A', offer: again.offer, replaced: false }
  const { answer } = only(handle(b, arrived), 'answer')
  handle(a, { type: 'opened', link: again.link, instance: 'B', answer })
  t.strictSame(pathOf(a).receiving.granted, { messages: 3, bytes: 39 }, 'the peer knows what it was offered')
  t.ok(pathOf(a).receiving.untold)
  t.strictSame(pathOf(a).receiving.tell(), window)
  t.end()
})

t.test('the end gives everything back and forgets', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  open(a, b)
  a.outbound.enqueue(outbound())
  const actions = handle(a, { type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'down' })
  t.strictSame(
    actions.map(({ type }) => type),
    ['goodbye', 'closed'],
  )
  t.equal(only(actions, 'closed').outcome.undelivered.length, 1)
  t.notOk(a.hasWork)
  t.equal(deadlineOf(a.machine), Infinity)
  t.end()
})

t.test('a newer link takes over from an open one: half a message is given back, and nothing is lost', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link } = open(a, b)
  b.outbound.enqueue(outbound())
  t.ok(nextRun(b, 0), 'on a link that is cut')
  const run = { lane: 1, firstSeq: 1, count: 1, received: 0, processed: 0, stampMs: 0, stampCounter: 0, ackNow: false }
  t.equal(pathOf(b).batch(run, 0), 0)
  t.ok(pathOf(b).admit(10, false), 'the first half of a message')
  const next = resume(a, b, link)
  t.equal(b.openLink, next.accepted)
  t.match(b.inbound.held, { messages: 0, bytes: 0 })
  t.equal(carry(b, a).length, 1)
  a.outbound.enqueue(outbound())
  t.equal(carry(a, b).length, 0, 'what is late on the old link had credit until now')
  ack(b, a)
  t.equal(carry(a, b).length, 1)
  t.end()
})

t.test('a link that is lost leaves nothing behind it', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { accepted } = open(a, b)
  b.outbound.enqueue(outbound())
  t.ok(nextRun(b, 0))
  t.equal(pathOf(b).runs.sentOf(1), 1)
  t.ok(pathOf(b).admit(10, false))
  handle(b, { type: 'fault', link: accepted, reason: 'cut' }, 1000)
  t.equal(b.path, null)
  t.match(b.outbound.lanes[1], { received: 0, high: 1 })
  t.match(b.inbound.held, { messages: 0, bytes: 0 })
  t.end()
})

t.test('marks are offered for the session only, and answered only when it goes on', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link, accepted } = open(a, b)
  b.outbound.enqueue(outbound())
  carry(b, a)
  handle(b, { type: 'fault', link: accepted, reason: 'cut' }, 1000)
  const dialled = lose(a, link)
  const id = a.machine.session ?? ''
  const offered = dialled.offer.resume.map((entry) => [entry.id, entry.marks])
  t.strictSame(offered, [[id, lanes({ received: 1, processed: 0 })]])
  // A stranger of the same name promises another session, which is never confirmed.
  const made = { ...dialled.offer, ballot: { epoch: 9, dialler: '0' }, fresh: 'another', resume: [] }
  const arrived: SessionEvent = { type: 'offer', link: 5000, instance: 'Z', offer: made, replaced: false }
  const { answer } = only(handle(a, arrived), 'answer')
  t.match(answer, { id: 'another', resumed: false })
  t.strictSame(answer.marks, [])
  t.strictSame(
    a.save().offers.map((one) => one.link),
    [5000],
    'what was offered on a link that is dropped is forgotten',
  )
  handle(a, { type: 'fault', link: 5000, reason: 'cut' }, 2000)
  const later = only([...handle(a, { type: 'work' }, 2000), ...handle(a, { type: 'deadline' }, 90_000)], 'dial')
  t.strictSame(
    later.offer.resume.map((entry) => [entry.id, entry.marks, entry.unproven]),
    [
      [id, lanes({ received: 1, processed: 0 }), false],
      ['another', lanes({ received: 0, processed: 0 }), true],
    ],
    'of what was only promised nothing can have come',
  )
  t.end()
})

t.test('a session is unproven until anything of it came or was received there', (t) => {
  const unproven = (act: (a: Session, b: Session) => void): unknown => {
    const [a, b] = [make('1'), make('2', {}, 'responder')]
    const { link } = open(a, b)
    act(a, b)
    return lose(a, link).offer.resume[0]?.unproven
  }
  t.equal(
    unproven((a) => {
      a.outbound.enqueue(outbound())
      nextRun(a, 0)
    }),
    true,
  )
  t.equal(
    unproven((a, b) => {
      b.outbound.enqueue(outbound())
      carry(b, a)
    }),
    false,
  )
  t.equal(
    unproven((a, b) => {
      a.outbound.enqueue(outbound())
      carry(a, b)
      pathOf(a).marks(1, 1, 0)
    }),
    false,
  )
  t.end()
})

t.test('a link that is cut before it moved anything counts as a failure, also after one that did', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link } = open(a, b)
  a.outbound.enqueue(outbound())
  carry(a, b)
  b.outbound.enqueue(outbound())
  carry(b, a)
  const next = resume(a, b, link)
  handle(a, { type: 'fault', link: next.link, reason: 'cut' }, 0)
  t.equal(a.machine.state.name, 'backoff')
  t.end()
})

t.test('a lost session takes its marks, its numbers and its half messages with it', (t) => {
  for (const onReset of ['hand-back', 'requeue'] as const) {
    const [a, b] = [make('1', { onReset }), make('2', {}, 'responder')]
    const { link } = open(a, b)
    for (const session of [a, b]) for (let index = 0; index < 2; index++) session.outbound.enqueue(outbound())
    carry(a, b)
    const [early, late] = carry(b, a)
    if (early !== undefined) a.finish(early, 0)
    t.match(a.inbound.marks()[1], { received: 2, processed: 1 })
    t.ok(pathOf(a).marks(1, 2, 1), 'one is handled')
    const again = lose(a, link)
    const fresh = make('2', {}, 'responder')
    const arrived: SessionEvent = { type: 'offer', link: 8000, instance: 'C', offer: again.offer, replaced: false }
    const { answer } = only(handle(fresh, arrived), 'answer')
    handle(a, { type: 'opened', link: again.link, instance: 'C', answer })
    handle(fresh, { type: 'confirmed', link: 8000 })
    t.strictSame(a.inbound.marks(), lanes({ received: 0, processed: 0 }))
    t.equal(a.inbound.generation, 2)
    if (late !== undefined) a.finish(late, 0)
    t.strictSame(a.inbound.marks(), lanes({ received: 0, processed: 0 }), 'what finishes late moves nothing')
    t.equal(a.inbound.held.messages, 0)
    a.outbound.enqueue(outbound())
    const run = nextRun(a, 0)
    t.match(run?.header, { firstSeq: 1, count: onReset === 'requeue' ? 2 : 1 })
    t.strictSame(a.save().offers, [], 'what was offered is forgotten with its link')
  }
  t.end()
})

t.test('what finishes after the end moves nothing, and half a message is given back', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  open(a, b)
  a.outbound.enqueue(outbound())
  const [message] = carry(a, b)
  t.ok(pathOf(b).admit(5, false))
  handle(b, { type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'down' })
  t.equal(b.inbound.held.messages, 1, 'its handler still runs')
  if (message !== undefined) b.finish(message, 0)
  t.match(b.inbound.held, { messages: 0, bytes: 0 })
  t.strictSame(b.inbound.marks(), lanes({ received: 0, processed: 0 }))
  t.end()
})

t.test('a closing connection with handlers has work, a running one has not', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  open(a, b)
  a.outbound.enqueue(outbound())
  const [message] = carry(a, b)
  t.notOk(b.hasWork)
  b.outbound.enqueue(outbound())
  carry(b, a)
  handle(b, { type: 'close', deadlineMs: 5000 })
  t.equal(b.machine.state.name, 'open')
  t.ok(pathOf(b).marks(1, 1, 1))
  t.ok(b.hasWork, 'all is acked, and a handler runs')
  if (message !== undefined) b.finish(message, 0)
  t.notOk(b.hasWork)
  const last = handle(b, { type: 'drained' }).map(({ type }) => type)
  t.strictSame(last, ['goodbye'])
  t.end()
})

t.test('data carries marks and stamps both ways, and an ack in waiting is a deadline', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  open(a, b)
  pathOf(a).acks.rest()
  pathOf(b).acks.rest()
  t.equal(pathOf(b).acks.dueMs, Infinity)
  for (let index = 0; index < 2; index++) a.outbound.enqueue(outbound())
  const [message] = carry(a, b)
  t.equal(pathOf(b).acks.dueMs, 5, 'the delayed ack')
  if (message !== undefined) b.finish(message, 0)
  b.outbound.enqueue(outbound())
  const run = nextRun(b, 1000)
  t.match(run?.header, { lane: 1, firstSeq: 1, received: 2, processed: 1, stampMs: 1000 })
  const { stampMs = 0, stampCounter = 0 } = run?.header ?? {}
  t.equal(a.outbound.messages, 2)
  if (run !== null) t.equal(pathOf(a).batch({ ...run.header }, 900), 0)
  t.equal(a.outbound.messages, 1, 'the mark settled one')
  a.outbound.enqueue(outbound())
  const back = nextRun(a, 900)?.header
  const later = (back?.stampMs ?? 0) > stampMs || (back?.stampMs === stampMs && back.stampCounter > stampCounter)
  t.ok(later, 'a clock is past what it has heard')
  const again = {
    lane: 1,
    firstSeq: 2,
    count: 1,
    received: 9,
    processed: 0,
    stampMs: 0,
    stampCounter: 0,
    ackNow: false,
  }
  t.equal(pathOf(a).batch(again, 900), -1, 'marks that cannot be')
  t.end()
})

t.test('a saved session goes on as the original, and saving changes nothing', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link } = open(a, b)
  for (let index = 0; index < 5; index++) a.outbound.enqueue(outbound(1, 30 * index + 60))
  carry(a, b)
  const dialling = make('3')
  handle(dialling, { type: 'connect' })
  t.equal(dialling.save().offers.length, 1)
  for (const original of [a, b, dialling]) {
    const copy = new Session(original.config, new HybridClock())
    copy.restore(original.save())
    t.strictSame(copy.save(), original.save())
    t.equal(copy.hasWork, original.hasWork)
    t.equal(deadlineOf(copy.machine), deadlineOf(original.machine))
    t.equal(copy.path?.acks.dueMs, original.path?.acks.dueMs)
  }
  const copy = new Session(a.config, new HybridClock())
  copy.restore(a.save())
  handle(copy, { type: 'fault', link, reason: 'cut' }, 1000)
  t.equal(a.openLink, link, 'the original has a life of its own')
  t.end()
})
