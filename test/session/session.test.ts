/** Two sessions joined by hand: what the machine's effects become, and that a saved session goes on as the original. */
import t from 'tap'
import { peer } from '../../src/policies/peer.ts'
import type { PeerOptions } from '../../src/policies/peer.ts'
import type { SessionEvent } from '../../src/session/machine.ts'
import { Session } from '../../src/session/session.ts'
import type { Action } from '../../src/session/session.ts'
import { HybridClock } from '../../src/wire/hlc.ts'
import type { WireCapabilities } from '../../src/wire/wire.ts'
import { configOf, inbound, outbound } from './samples.ts'

const RUNS = { batchMessages: 10, batchBytes: 100, chunkBytes: 50 }
const ACKS = { ackDelayMs: 5, ackEveryMessages: 100, ackEveryBytes: 1000 }
const CAPABILITIES: WireCapabilities = { lanes: 3, processedMarks: true, credit: true, batchMax: 100, chunks: true }

function make(self: string, options: PeerOptions = {}, role: 'initiator' | 'responder' = 'initiator'): Session {
  return new Session({ ...configOf(peer(options), role), self, channel: 0, runs: RUNS, acks: ACKS }, new HybridClock())
}

let links = 0
function handle(session: Session, event: SessionEvent, nowMs = 0): Action[] {
  links++
  return session.handle(event, { nowMs, random: 0, freshId: `id${links}`, freshLink: links })
}

function only<Type extends Action['type']>(actions: readonly Action[], type: Type): Extract<Action, { type: Type }> {
  const found = actions.find((action): action is Extract<Action, { type: Type }> => action.type === type)
  if (found === undefined) throw new Error(`no ${type} in ${actions.map((action) => action.type).join()}`)
  return found
}

/** `a` dials `b`; the acceptor's link has number 1000 + the dialler's. Returns the numbers and what both adopted. */
function open(a: Session, b: Session): { link: number; accepted: number; adopted: [Action, Action] } {
  const { link, offer } = only(handle(a, { type: 'connect' }), 'dial')
  const accepted = link + 1000
  const { answer } = only(handle(b, { type: 'offer', link: accepted, instance: 'A', offer, replaced: false }), 'answer')
  const first = handle(a, { type: 'opened', link, instance: 'B', answer })
  t.strictSame(
    first.map(({ type }) => type).filter((type) => type !== 'remoteReset'),
    ['confirm', 'adopt'],
  )
  const second = handle(b, { type: 'confirmed', link: accepted })
  return { link, accepted, adopted: [only(first, 'adopt'), only(second, 'adopt')] }
}

/** Carries what waits from one to the other; answers the messages that arrived new. */
function carry(from: Session, to: Session): ReturnType<typeof inbound>[] {
  const arrived: ReturnType<typeof inbound>[] = []
  for (let run = from.next(CAPABILITIES, 0); run !== null; run = from.next(CAPABILITIES, 0)) {
    const skip = to.batch(run.header, 0)
    for (let index = 0; index < run.count; index++) {
      to.admit(1, index < skip)
      if (index < skip) continue
      const message = inbound(run.header.firstSeq + index, run.header.lane)
      to.complete(message, 0)
      arrived.push(message)
    }
  }
  return arrived
}

t.test('a first session, messages, and a resume that sends again what was lost', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link, accepted, adopted } = open(a, b)
  t.match(adopted, [{ continues: false, replayed: 0 }, { continues: false }])
  t.equal(a.openLink, link)
  for (let index = 0; index < 3; index++) a.enqueue(outbound())
  const [first] = carry(a, b)
  t.ok(a.hasWork)
  a.enqueue(outbound())
  a.next(CAPABILITIES, 0)
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
  for (let index = 0; index < 3; index++) a.enqueue(outbound())
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
  t.match(only(actions, 'adopt'), { continues: true, replayed: 0 })
  t.equal(a.outbound.messages, 2, 'the processed one is forgotten')
  t.match(only(handle(b, { type: 'confirmed', link: 7000 }), 'adopt'), { continues: true })
  t.strictSame(carry(a, b), [])
  t.end()
})

t.test('a peer that has lost the session: hand back, or send again', (t) => {
  for (const onReset of ['hand-back', 'requeue'] as const) {
    const [a, b] = [make('1', { onReset }), make('2', {}, 'responder')]
    const { link } = open(a, b)
    a.enqueue(outbound())
    carry(a, b)
    a.enqueue(outbound())
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
      ['confirm', 'replaced', 'remoteReset', 'adopt'],
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

t.test('impossible marks are the fault of their link', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link } = open(a, b)
  a.enqueue(outbound())
  const again = only(handle(a, { type: 'fault', link, reason: 'cut' }, 1000), 'dial')
  const { answer } = only(
    handle(b, { type: 'offer', link: 9000, instance: 'A', offer: again.offer, replaced: false }),
    'answer',
  )
  const lying = { ...answer, marks: [{ received: 5, processed: 0 }] }
  const actions = handle(a, { type: 'opened', link: again.link, instance: 'B', answer: lying })
  t.match(actions.at(-1), { type: 'drop', reason: /never sent/ })
  t.not(a.machine.state.name, 'open')
  t.equal(a.machine.session, answer.id, 'the session is kept')
  t.end()
})

t.test('a new session beside an open one is granted only what is left', (t) => {
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
  t.ok(b.inbound.ackIsDue(0))
  t.strictSame(b.inbound.credit.tell(), { messages: 4, bytes: 40 })
  t.end()
})

t.test('the end gives everything back and forgets', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  open(a, b)
  a.enqueue(outbound())
  const actions = handle(a, { type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'down' })
  t.strictSame(
    actions.map(({ type }) => type),
    ['goodbye', 'closed'],
  )
  t.equal(only(actions, 'closed').outcome.undelivered.length, 1)
  t.notOk(a.hasWork)
  t.equal(a.deadlineMs, Infinity)
  t.end()
})

t.test('a saved session goes on as the original, and saving changes nothing', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  const { link } = open(a, b)
  for (let index = 0; index < 5; index++) a.enqueue(outbound(1, 30 * index + 60))
  carry(a, b)
  for (const original of [a, b]) {
    const copy = new Session(original.config, new HybridClock())
    copy.restore(original.save())
    t.strictSame(copy.save(), original.save())
    t.equal(copy.hasWork, original.hasWork)
    t.equal(copy.deadlineMs, original.deadlineMs)
  }
  const copy = new Session(a.config, new HybridClock())
  copy.restore(a.save())
  handle(copy, { type: 'fault', link, reason: 'cut' }, 1000)
  t.equal(a.openLink, link, 'the original has a life of its own')
  t.end()
})
