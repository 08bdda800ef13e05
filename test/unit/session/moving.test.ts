/** A session that moves to another link while it runs: what the machine asks for, and what it does not believe. */
import t from 'tap'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { Effect, Machine } from '../../../src/session/machine.ts'
import type { Input, SessionEvent } from '../../../src/session/event.ts'
import { HOLD_MS, PART_MS } from '../../../src/session/moving.ts'
import { deadlineOf, linksOf } from '../../../src/session/holdings.ts'
import { transition } from '../../../src/session/transition.ts'
import { GRANT, ballot, configOf, input, machine, offer, pledge } from './samples.ts'

const CONFIG = configOf(peer())
const SERVER = configOf(losslessServer(), 'responder')
const MARKS = [{ received: 3, processed: 2 }]

/** Link 1 carries session `s` with instance `i`; the best ballot is 7. */
const open = (): Machine =>
  machine({ state: { name: 'open', link: 1, ballot: ballot(7), sinceMs: 0, rival: null, move: null } })
const opened = (change: Partial<Extract<SessionEvent, { type: 'opened' }>> = {}): SessionEvent => ({
  type: 'opened',
  link: 2,
  instance: 'i',
  answer: { id: 's', resumed: true, marks: MARKS, policy: 'losslessServer', grant: GRANT },
  ...change,
})

/** Events one after the other; what they asked for last. */
function play(
  config: typeof CONFIG,
  from: Machine,
  events: readonly SessionEvent[],
  given: Partial<Input> = {},
): { now: Machine; asked: readonly Effect[]; told: readonly string[] } {
  let now = from
  let asked: readonly Effect[] = []
  for (const event of events) {
    const step = transition(config, now, event, input({ freshLink: 2, ...given }))
    now = step.machine
    asked = step.effects
  }
  return { now, asked, told: asked.map(({ type }) => type) }
}

const SWITCH: SessionEvent = { type: 'move', purpose: 'switch' }
const STANDBY: SessionEvent = { type: 'move', purpose: 'standby' }
const END: SessionEvent = { type: 'parted', link: 1, epoch: 8, stays: false }

t.test('both sides end the old link; then the mover confirms the new one and leaves the old one to its peer', (t) => {
  const dialled = play(CONFIG, open(), [SWITCH])
  t.match(dialled.asked, [{ type: 'dial', link: 2, ballot: { epoch: 8 }, resume: ['s'], holdMs: 0 }])
  t.match(dialled.now.state, { name: 'open', link: 1 }, 'the old link carries the session meanwhile')
  const parting = play(CONFIG, dialled.now, [opened()])
  t.strictSame(parting.asked, [{ type: 'part', link: 1, epoch: 8, stays: false }])
  t.equal(deadlineOf(parting.now), 5000 + PART_MS)
  const moved = play(CONFIG, parting.now, [END])
  t.match(moved.asked, [
    { type: 'confirm', link: 2, moves: true },
    { type: 'adopt', link: 2, id: 's', continues: true, moved: true, marks: MARKS },
  ])
  t.strictSame(linksOf(moved.now.state), [2, 1], 'the old one is held until the peer closes it')
  const closed = play(CONFIG, moved.now, [{ type: 'fault', link: 1, reason: 'closed' }])
  t.match([closed.now.state, closed.asked], [{ name: 'open', link: 2, move: null }, []])
  const waited = play(CONFIG, moved.now, [{ type: 'deadline' }], { nowMs: deadlineOf(moved.now) })
  t.match(waited.asked, [{ type: 'drop', link: 1, cause: 'end' }], 'or until that takes too long')
  t.end()
})

t.test('the peer answers END with END, takes the marks of CONFIRM, and closes the old link', (t) => {
  const from = machine({
    state: { name: 'open', link: 1, ballot: ballot(7), sinceMs: 0, rival: null, move: null },
  })
  const asks: SessionEvent = {
    type: 'offer',
    link: 2,
    instance: 'i',
    replaced: false,
    offer: offer(8, { policy: 'losslessClient', resume: [{ id: 's', marks: [] }], move: { holdMs: 0 } }),
  }
  const promised = play(SERVER, from, [asks])
  t.match(promised.asked, [{ type: 'answer', link: 2, id: 's', resumed: true }])
  const parting = play(SERVER, promised.now, [END])
  t.strictSame(parting.asked, [{ type: 'part', link: 1, epoch: 8, stays: false }])
  const confirmed = play(SERVER, parting.now, [{ type: 'confirmed', link: 2, marks: MARKS }])
  t.match(confirmed.asked, [
    { type: 'drop', link: 1, cause: 'end' },
    { type: 'adopt', link: 2, moved: true, continues: true, marks: MARKS },
  ])
  t.end()
})

t.test('END counts only on the link of the session, and for the link that it names', (t) => {
  const { now } = play(CONFIG, open(), [SWITCH, opened()])
  for (const odd of [{ epoch: 7 }, { epoch: 9 }, { link: 2 }, { link: 9 }, { stays: true }]) {
    const heard = play(CONFIG, now, [{ ...END, ...odd }])
    t.equal(heard.now, now, JSON.stringify(odd))
    t.strictSame(heard.asked, [])
  }
  const rival = pledge(2, { ballot: ballot(8), moves: true, deadlineMs: 9000 })
  const theirs = machine({ state: { name: 'open', link: 1, ballot: ballot(7), sinceMs: 0, rival } })
  for (const odd of [{ epoch: 7 }, { epoch: 9 }, { epoch: 9, stays: true }, { link: 2 }]) {
    const heard = play(SERVER, theirs, [{ ...END, ...odd }])
    t.equal(heard.now, theirs, `at the peer of a mover: ${JSON.stringify(odd)}`)
    t.strictSame(heard.asked, [])
  }
  t.end()
})

t.test('whoever answers without this session of this instance is not believed, and nothing changes', (t) => {
  const { now } = play(CONFIG, open(), [SWITCH])
  const answer = { id: 's', resumed: true, marks: [], policy: 'peer', grant: GRANT } as const
  const others = [
    opened({ instance: 'j' }),
    opened({ answer: { ...answer, id: 't' } }),
    opened({ answer: { ...answer, resumed: false } }),
    opened({ answer: { ...answer, id: 'fresh', resumed: false } }),
  ]
  for (const event of others) {
    const heard = play(CONFIG, now, [event])
    t.match(heard.asked, [{ type: 'drop', link: 2 }])
    t.match(heard.now, { session: 's', instance: 'i', state: { name: 'open', link: 1, move: null } })
  }
  t.end()
})

t.test('nobody is given a new session who asks to move one that is not here', (t) => {
  const asks = (id: string): SessionEvent => {
    const move = offer(8, { resume: [{ id, marks: [] }], move: { holdMs: 0 } })
    return { type: 'offer', link: 2, instance: 'i', replaced: false, offer: move }
  }
  t.match(play(CONFIG, open(), [asks('other')]).asked, [{ type: 'reject', link: 2, code: 'INK_REFUSED' }])
  t.match(play(configOf(peer(), 'responder'), machine({ session: null }), [asks('s')]).told, ['reject', 'closed'])
  t.end()
})

t.test('a link that is kept ready takes over at once when the other is lost', (t) => {
  const { now, asked } = play(CONFIG, open(), [STANDBY, opened()])
  t.match([now.state, asked], [{ name: 'open', link: 1, move: { name: 'ready' } }, []], 'until then it does nothing')
  const lost = play(CONFIG, now, [{ type: 'fault', link: 1, reason: 'cut' }])
  t.match(lost.told, ['confirm', 'adopt'])
  t.match(lost.now, { state: { name: 'open', link: 2 }, session: 's' })
  const asideMs = { nowMs: deadlineOf(now) }
  t.match(play(CONFIG, now, [{ type: 'deadline' }], asideMs).asked, [{ type: 'drop', link: 2 }])
  t.equal(deadlineOf(now), 5000 + HOLD_MS, 'for as long as its peer was asked')
  t.strictSame(play(CONFIG, now, [{ type: 'take' }]).told, ['part'], 'or when it is wanted')
  t.end()
})

t.test('a dial for a move is the dial of the session, when that has lost its link meanwhile', (t) => {
  const lost = play(CONFIG, open(), [SWITCH, { type: 'fault', link: 1, reason: 'cut' }])
  t.match([lost.now.state, lost.asked], [{ name: 'connecting', link: 2, moves: true }, []])
  t.match(play(CONFIG, lost.now, [opened()]).asked, [
    { type: 'confirm', moves: true },
    { type: 'adopt', moved: true },
  ])
  t.end()
})

t.test('when the old link is not empty in time, or is lost, the new one is confirmed all the same', (t) => {
  const { now } = play(CONFIG, open(), [SWITCH, opened()])
  t.match(play(CONFIG, now, [{ type: 'deadline' }], { nowMs: 5000 + PART_MS }).told, ['confirm', 'adopt'])
  t.match(play(CONFIG, now, [{ type: 'fault', link: 1, reason: 'cut' }]).told, ['confirm', 'adopt'])
  t.end()
})

t.test('when the new link is lost, both go on where they were', (t) => {
  const { now } = play(CONFIG, open(), [SWITCH, opened()])
  const lost = play(CONFIG, now, [{ type: 'fault', link: 2, reason: 'cut' }])
  t.strictSame(lost.asked, [{ type: 'part', link: 1, epoch: 8, stays: true }])
  const theirs = machine({
    state: {
      name: 'open',
      link: 1,
      ballot: ballot(7),
      sinceMs: 0,
      rival: pledge(2, { ballot: ballot(8), moves: true, deadlineMs: 9000 }),
    },
  })
  const told = play(SERVER, theirs, [{ ...END, stays: true }])
  t.match(told.asked, [
    { type: 'drop', link: 2 },
    { type: 'part', link: 1, epoch: 8, stays: true },
  ])
  t.match(told.now.state, { name: 'open', link: 1, rival: null })
  t.end()
})

t.test('a promise to the peer goes before our own move, and END is taken back for it', (t) => {
  const { now } = play(CONFIG, open(), [SWITCH, opened()])
  const asks: SessionEvent = {
    type: 'offer',
    link: 3,
    instance: 'i',
    replaced: false,
    offer: offer(9, { resume: [{ id: 's', marks: [] }], move: { holdMs: 0 } }),
  }
  const promised = play(CONFIG, now, [asks])
  t.match(promised.asked, [
    { type: 'drop', link: 2, cause: 'race' },
    { type: 'part', link: 1, epoch: 8, stays: true },
    { type: 'answer', link: 3 },
  ])
  t.end()
})

t.test('only who dials moves, and one move at a time', (t) => {
  for (const policy of [lossy(), losslessServer()])
    t.strictSame(play(configOf(policy), open(), [SWITCH]).asked, [], policy.kind)
  t.match(play(configOf(losslessClient()), open(), [SWITCH], { canDial: false }).told, ['dial'], 'it is told where')
  const parting = play(CONFIG, open(), [SWITCH, opened()]).now
  t.strictSame(play(CONFIG, parting, [SWITCH]).asked, [])
  const ready = play(CONFIG, open(), [STANDBY, opened()]).now
  t.match(play(CONFIG, ready, [SWITCH], { freshLink: 4 }).asked, [
    { type: 'drop', link: 2 },
    { type: 'dial', link: 4, ballot: { epoch: 9 } },
  ])
  t.end()
})
