/** The machine: total, within its table, and what the most important edges do. */
import t from 'tap'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { peer } from '../../../src/policies/peer.ts'
import { EDGES } from '../../../src/session/edges.ts'
import type { Machine, Step } from '../../../src/session/machine.ts'
import type { EventName, SessionEvent } from '../../../src/session/event.ts'
import { deadlineOf, linksOf } from '../../../src/session/holdings.ts'
import { NEWBORN, transition } from '../../../src/session/transition.ts'
import { decide } from './decided.ts'
import { DECISIONS } from './decisions.ts'
import {
  GRANT,
  POLICIES,
  ballot,
  configOf,
  events,
  input,
  machine,
  offer,
  pledge,
  moveEvents,
  moveStates,
  states,
} from './samples.ts'

const STALE = ['opened', 'yielded', 'rejected', 'confirmed']

t.test('every event in every state stays within the table of edges', (t) => {
  const wrong = new Set<string>()
  everyStep((before, event, { machine: after, effects }) => {
    const edge = EDGES[before.state.name][event.type]
    const what = `${before.state.name} on ${event.type} → ${after.state.name}`
    if (typeof edge !== 'string') {
      if (!edge.includes(after.state.name)) wrong.add(`${what}: not in the table`)
      return
    }
    if (after !== before) wrong.add(`${what}: ignored, but the machine changed`)
    const drops = effects.every(({ type }) => type === 'drop') && effects.length <= 1
    if (STALE.includes(event.type) ? !drops || effects.length !== 1 : effects.length > 0) wrong.add(`${what}: effects`)
  })
  t.strictSame([...wrong], [])
  t.end()
})

t.test('every edge of the table is reached', (t) => {
  const reached = new Set<string>()
  everyStep((before, event, { machine: after }) =>
    reached.add(`${before.state.name} ${event.type} ${after.state.name}`),
  )
  const missing: string[] = []
  for (const [state, row] of Object.entries(EDGES)) {
    for (const [event, edge] of Object.entries(row)) {
      if (typeof edge === 'string') continue
      for (const next of edge) if (!reached.has(`${state} ${event} ${next}`)) missing.push(`${state} ${event} ${next}`)
    }
  }
  t.strictSame(missing, [])
  t.end()
})

t.test('a link is held by the state, dropped, or has had its last word', (t) => {
  const lost = new Set<string>()
  everyStep((before, event, { machine: after, effects }) => {
    const spoken = effects.flatMap((effect) =>
      ['drop', 'yield', 'reject', 'goodbye'].includes(effect.type) && 'link' in effect ? [effect.link] : [],
    )
    const gone = 'link' in event && event.type === 'fault' ? [event.link] : []
    const ended = after.state.name === 'closed' || (before.state.name === 'draining' && after.state.name === 'draining')
    const arrived = event.type === 'offer' ? [event.link] : []
    for (const link of [...linksOf(before.state), ...arrived]) {
      const kept = linksOf(after.state).includes(link) || spoken.includes(link) || gone.includes(link) || ended
      if (!kept) lost.add(`${before.state.name} on ${event.type} → ${after.state.name}: link ${link} is forgotten`)
    }
  })
  t.strictSame([...lost], [])
  t.end()
})

t.test('nothing is displaced before CONFIRM', (t) => {
  const config = configOf(peer())
  const open = machine({ state: { name: 'open', link: 1, ballot: ballot(7), sinceMs: 0, rival: null } })
  const promised = transition(
    config,
    open,
    { type: 'offer', link: 3, instance: 'j', offer: offer(8), replaced: false },
    input(),
  )
  t.match(promised.machine.state, { name: 'open', link: 1, rival: { link: 3 } })
  t.strictSame(
    promised.effects.map(({ type }) => type),
    ['answer'],
  )
  const confirmed = transition(config, promised.machine, { type: 'confirmed', link: 3 }, input())
  t.match(confirmed.machine, { state: { name: 'open', link: 3 }, instance: 'j', session: 'new' })
  t.strictSame(
    confirmed.effects.map(({ type }) => type),
    ['drop', 'replaced', 'remoteReset', 'adopt'],
  )
  t.end()
})

t.test('the same session goes on without a reset', (t) => {
  const waiting = machine({
    state: { name: 'accepting', pledge: pledge(2, { marks: [{ received: 3, processed: 2 }] }) },
  })
  const { effects } = transition(configOf(peer()), waiting, { type: 'confirmed', link: 2 }, input())
  t.match(effects, [{ type: 'adopt', link: 2, continues: true, marks: [{ received: 3, processed: 2 }] }])
  t.end()
})

t.test('a dial takes the next epoch and offers what can be resumed', (t) => {
  const tentative = { id: 't', instance: 'j' }
  const idle = machine({ state: { name: 'idle' }, tentative })
  const { machine: after, effects } = transition(configOf(peer()), idle, { type: 'connect' }, input())
  t.match(effects, [{ type: 'dial', link: 99, ballot: { epoch: 8, dialler: '5' }, fresh: 'fresh', resume: ['s', 't'] }])
  t.strictSame(after.best, { epoch: 8, dialler: '5' })
  t.end()
})

t.test('an answer that resumes what was not offered ends the link, not the session', (t) => {
  const dialling = machine({ state: { name: 'connecting', link: 1, ballot: ballot(7), deadlineMs: 9000, yields: 0 } })
  const answer = { id: 's', resumed: false, marks: [], policy: 'peer' as const, grant: GRANT }
  const { machine: after, effects } = transition(
    configOf(peer()),
    dialling,
    { type: 'opened', link: 1, instance: 'i', answer },
    input(),
  )
  t.equal(after.session, 's')
  t.match(effects, [{ type: 'drop', link: 1 }])
  t.end()
})

t.test(
  'a link is dropped because it failed, because another goes first, or because the connection has done with it',
  (t) => {
    const dialling: Machine['state'] = { name: 'connecting', link: 1, ballot: ballot(7), deadlineMs: 4000, yields: 0 }
    const open = { name: 'open', link: 1, ballot: ballot(7), sinceMs: 1000 } as const
    const late = input({ nowMs: 4000 })
    const pledged = pledge(2, { deadlineMs: 4000 })
    const odd = { id: 's', resumed: false, marks: [], policy: 'peer' as const, grant: GRANT }
    const cases: [cause: string, Machine['state'], SessionEvent][] = [
      ['fault', dialling, { type: 'deadline' }],
      ['fault', dialling, { type: 'rejected', link: 1, code: 'INK_REFUSED', reason: 'later' }],
      ['fault', dialling, { type: 'opened', link: 1, instance: 'i', answer: odd }],
      ['fault', { name: 'accepting', pledge: pledged }, { type: 'deadline' }],
      ['fault', { ...open, rival: pledged }, { type: 'deadline' }],
      ['race', dialling, { type: 'yielded', link: 1, epoch: 9 }],
      ['race', dialling, { type: 'offer', link: 3, instance: 'i', offer: offer(9), replaced: false }],
      ['race', { ...open, rival: pledged }, { type: 'confirmed', link: 2 }],
      ['race', { name: 'idle' }, { type: 'confirmed', link: 2 }],
      ['end', dialling, { type: 'rejected', link: 1, code: 'INK_WRONG_PEER', reason: 'never' }],
      ['end', dialling, { type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'enough' }],
      ['end', { ...open, rival: null }, { type: 'goodbye', link: 1, code: 'INK_PEER_CLOSED', reason: 'bye' }],
      ['end', { name: 'draining', link: 1, deadlineMs: 4000 }, { type: 'deadline' }],
    ]
    for (const [cause, state, event] of cases) {
      const { effects } = transition(configOf(peer()), machine({ state }), event, late)
      const drops = effects.filter((effect) => effect.type === 'drop')
      t.match(drops, [{ cause, reason: /\w+/ }], `${state.name} on ${event.type}`)
      t.equal(drops.length, 1)
    }
    t.end()
  },
)

t.test('work for a peer that cannot be dialled waits for it', (t) => {
  const waiting = machine({ state: { name: 'standby', probeMs: Infinity, expiresMs: 9000 } })
  const { machine: after, effects } = transition(
    configOf(peer(), 'responder'),
    waiting,
    { type: 'work' },
    input({ canDial: false, hasWork: true }),
  )
  t.equal(after, waiting)
  t.strictSame(effects, [])
  t.end()
})

t.test('deadlines: the earliest wait counts, a closed machine has none', (t) => {
  t.equal(deadlineOf(NEWBORN), Infinity)
  const closing = { life: { name: 'closing', deadlineMs: 50 } } as const
  t.equal(deadlineOf(machine({ state: { name: 'backoff', untilMs: 70 }, ...closing })), 50)
  t.equal(deadlineOf(machine({ state: { name: 'standby', probeMs: 40, expiresMs: 60 }, ...closing })), 40)
  t.equal(deadlineOf(machine({ state: { name: 'closed' }, ...closing })), Infinity)
  t.end()
})

t.test('a few yields in a row are a race; who goes on yielding is dialled less and less often', (t) => {
  const config = configOf(peer({ backoff: { firstMs: 50, maxMs: 10_000, jitter: 0 } }))
  let nowMs = 0
  let now = transition(config, machine({ session: null }), { type: 'connect' }, input({ nowMs })).machine
  const waits: number[] = []
  for (let epoch = 10; waits.length < 20; epoch++) {
    if (now.state.name !== 'connecting') break
    now = transition(config, now, { type: 'yielded', link: now.state.link, epoch }, input({ nowMs })).machine
    if (now.state.name !== 'yielding') break
    waits.push(now.state.untilMs - nowMs)
    nowMs = now.state.untilMs
    now = transition(config, now, { type: 'deadline' }, input({ nowMs })).machine
  }
  t.ok(waits.slice(0, 5).every((ms) => ms < 1.5 * config.yieldMs))
  t.strictSame(waits.slice(5, 9), [50, 100, 200, 400])
  t.equal(waits.at(-1), 10_000)
  t.end()
})

t.test('no decision changes unawares', (t) => {
  const decided = decide()
  const changed = Object.entries(decided).flatMap(([state, row]) =>
    Object.entries(row).flatMap(([event, sum]) =>
      DECISIONS[state as keyof typeof DECISIONS]?.[event as EventName] === sum ? [] : [`${state} on ${event}: ${sum}`],
    ),
  )
  t.strictSame(changed, [], 'what was meant to change goes into decisions.ts')
  t.end()
})

/** The product of policies, roles, states, what is remembered, and events. */
function everyStep(look: (before: Machine, event: SessionEvent, step: Step) => void): void {
  const remembered: Partial<Machine>[] = [
    {},
    { session: null, instance: null },
    { session: null, tentative: { id: 't', instance: 'i' } },
    { failures: 3, linklessSinceMs: 4990 },
    { linklessSinceMs: 0 },
    { life: { name: 'closing', deadlineMs: 6000 } },
    { life: { name: 'closing', deadlineMs: 4000 } },
  ]
  const all = [...events(), ...moveEvents()]
  for (const policy of POLICIES) {
    for (const role of ['initiator', 'responder'] as const) {
      const config = configOf(policy, role)
      for (const state of [...states(), ...moveStates()]) {
        for (const memory of remembered) {
          const before = machine({ ...memory, state })
          for (const event of all) {
            for (const given of [{}, { hasWork: true }, { owesAcks: true }])
              look(before, event, transition(config, before, event, input(given)))
          }
        }
      }
    }
  }
}

t.test(
  'a link that moved something is no failure, and is dialled again when it is as old as the first backoff',
  (t) => {
    const openSince = (sinceMs: number): Machine =>
      machine({ state: { name: 'open', link: 1, ballot: { epoch: 1, dialler: 'aa' }, sinceMs, rival: null } })
    const open = openSince(4999)
    const cut = { type: 'fault', link: 1, reason: 'cut' } as const
    const busy = transition(configOf(losslessClient(), 'initiator'), open, cut, input({ progressed: true }))
    t.match(busy.machine, { state: { name: 'backoff', untilMs: 5049 }, failures: 0 }, 'its peer decides when it is cut')
    const older = transition(configOf(losslessClient(), 'initiator'), openSince(4950), cut, input({ progressed: true }))
    t.equal(older.machine.state.name, 'connecting')
    const useless = transition(configOf(losslessClient(), 'initiator'), open, cut, input())
    t.match(useless.machine, { state: { name: 'backoff' }, failures: 1 })
    t.end()
  },
)

t.test('a closing connection that owes nothing but acks dials once more to say them, and not twice', (t) => {
  const life = { name: 'closing', deadlineMs: 9000 } as const
  const backoff = machine({ failures: 4, state: { name: 'backoff', untilMs: 9500 } })
  const close = { type: 'close', deadlineMs: 9000 } as const
  for (const policy of [losslessClient(), peer()]) {
    const config = configOf(policy)
    const saying = transition(config, backoff, close, input({ owesAcks: true }))
    t.strictSame(
      saying.effects.map(({ type }) => type),
      ['dial'],
      policy.kind,
    )
    const fault = { type: 'fault', link: 99, reason: 'nobody listens' } as const
    const { machine: after } = transition(config, saying.machine, fault, input({ owesAcks: true }))
    t.equal(after.state.name, 'closed')
    const open = machine({ life, state: { name: 'open', link: 1, ballot: ballot(7), sinceMs: 1, rival: null } })
    const cut = transition(config, open, { type: 'fault', link: 1, reason: 'cut' }, input({ owesAcks: true }))
    t.equal(cut.machine.state.name, 'connecting', 'also when the link is lost while handlers run')
    for (const given of [{}, { owesAcks: true, canDial: false }])
      t.equal(transition(config, backoff, close, input(given)).machine.state.name, 'closed', JSON.stringify(given))
  }
  const coming = machine({ life, state: { name: 'accepting', pledge: pledge(2) } })
  const server = configOf(losslessServer(), 'responder')
  t.equal(transition(server, coming, { type: 'drained' }, input({ owesAcks: true })).machine.state.name, 'accepting')
  t.equal(transition(server, coming, { type: 'drained' }, input()).machine.state.name, 'closed')
  t.end()
})

t.test(
  'close() again moves the deadline only nearer; one that passes with nothing left but acks is no failure',
  (t) => {
    const open = machine({ state: { name: 'open', link: 1, ballot: ballot(7), sinceMs: 1, rival: null } })
    const config = configOf(peer())
    const busy = input({ hasWork: true })
    const first = transition(config, open, { type: 'close', deadlineMs: 9000 }, busy).machine
    t.equal(deadlineOf(transition(config, first, { type: 'close', deadlineMs: 99_000 }, busy).machine), 9000)
    t.equal(deadlineOf(transition(config, first, { type: 'close', deadlineMs: 6000 }, busy).machine), 6000)
    const late = { nowMs: 9000 }
    const [failed] = transition(config, first, { type: 'deadline' }, input({ ...late, hasWork: true })).effects.slice(
      -1,
    )
    t.match(failed, { type: 'closed', code: 'INK_DRAIN_TIMEOUT' })
    const [done] = transition(config, first, { type: 'deadline' }, input({ ...late, owesAcks: true })).effects.slice(-1)
    t.match(done, { type: 'closed', code: 'INK_CLOSED' })
    t.end()
  },
)
