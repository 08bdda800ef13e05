/** The machine under every order of events, and under bytes that mean nothing: one outcome, a true verdict, and nothing left. */
import t from 'tap'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import type { CallFailure } from '../../../src/transactions/machine/words.ts'
import { KIND } from '../../../src/transactions/machine/words.ts'
import { End } from '../../../src/testing/model/calls/end.ts'
import type { ModelAsked } from '../../../src/testing/model/calls/halves.ts'

const THROWN: CallFailure = {
  reason: 'handler-error',
  code: 'E',
  detail: 'thrown',
  indeterminate: true,
  retryAfterMs: 0,
}
const BUSY: CallFailure = { ...THROWN, reason: 'quota', code: 'BUSY', indeterminate: false }

type Draw = (below: number) => number

/** One of the things that may happen now. */
function step(draw: Draw, client: End, server: End, calls: ModelAsked[], problems: string[]): void {
  const some = <T>(all: Iterable<T>): T | undefined => {
    const list = [...all]
    return list[draw(list.length)]
  }
  const wrong = (what: string | null): void => {
    if (what !== null) problems.push(what)
  }
  const call = some(calls)
  switch (draw(21)) {
    case 0:
    case 1: {
      const streams = draw(2) === 0
      calls.push(
        client.ask(
          calls.length,
          streams,
          draw(4) === 0 ? client.nowMs + 1 + draw(50) : Infinity,
          4 + draw(2) * 150_000,
        ),
      )
      return
    }
    case 2:
      if (call !== undefined) client.exchange.cancel(call, 'cancelled-local', 'cancelled', client.nowMs)
      return
    case 3:
      if (call !== undefined && draw(2) === 0) client.exchange.giveUp(call, 'cancelled-local', 'given up', client.nowMs)
      return
    case 4:
      if (call === undefined || call.outcomes.length > 0 || draw(3) > 0) return
      client.discard(call)
      return
    case 5:
      if (call !== undefined) client.exchange.parts.send(call, new Uint8Array(draw(100_000)), client.nowMs)
      return
    case 6:
      if (call !== undefined) client.exchange.parts.end(call, client.nowMs)
      return
    case 7:
      if (call === undefined) return
      if (draw(4) === 0) client.exchange.parts.stop(call, 'stop', true)
      if (draw(4) === 0) client.exchange.parts.reset(call, 'reset')
      return
    case 8: {
      const running = some(server.running)
      if (running !== undefined) server.exchange.parts.send(running, new Uint8Array(draw(100_000)), server.nowMs)
      return
    }
    case 9:
    case 10: {
      const waiting = some(server.waiting)
      if (waiting !== undefined) server.begin(waiting)
      return
    }
    case 11:
    case 12: {
      const running = some(server.running)
      if (running === undefined) return
      if (draw(4) === 0) server.giveUp(running)
      if (draw(4) > 0) server.finish(running, draw(2) === 0 ? null : THROWN)
      return
    }
    case 13:
      server.admits = draw(3) === 0 ? BUSY : null
      return
    case 14:
      client.nowMs += draw(20)
      server.nowMs = client.nowMs
      client.expire()
      server.expire()
      return
    case 15:
      client.speak()
      server.speak()
      wrong(client.hear(server))
      wrong(server.hear(client))
      return
    case 16: {
      const end = draw(2) === 0 ? client : server
      if (draw(3) === 0) end.spoil(draw(3), draw(4))
      return
    }
    default:
      client.put(draw(3))
      server.put(draw(3))
      if (draw(2) === 0) wrong(client.arrive(server))
      if (draw(2) === 0) wrong(server.arrive(client))
      if (draw(3) === 0) client.ack()
      if (draw(3) === 0) server.ack()
  }
}

/** Everything that is under way happens, and every handler ends. */
function drain(client: End, server: End, problems: string[]): void {
  server.admits = null
  for (let round = 0; round < 100; round++) {
    for (const waiting of [...server.waiting]) server.begin(waiting)
    for (const running of [...server.running]) server.finish(running, null)
    for (const end of [client, server]) end.exchange.unstick(end.nowMs)
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      while (from.speak());
      for (let lane = 0; lane < 3; lane++) while (from.put(lane));
      while (from.words.length > 0) note(from.hear(to), problems)
      while (from.onLink.length > 0) note(from.arrive(to), problems)
      while (from.unacked.length > 0) from.ack()
    }
  }
}

function note(what: string | null, problems: string[]): void {
  if (what !== null) problems.push(what)
}

/** What must hold of a call, whatever happened. */
function judge(call: ModelAsked, server: End, problems: string[]): void {
  const { key, outcomes, verdicts } = call
  const ran = server.ran.get(key) ?? 0
  const say = (what: string): void => void problems.push(`call ${key}: ${what}`)
  if (outcomes.length !== 1) say(`${outcomes.length} outcomes`)
  if (ran > 1) say(`its handler ran ${ran} times`)
  const [outcome] = outcomes
  if (outcome === 'reply' && ran !== 1) say('a reply without a handler')
  if (outcome !== undefined && outcome !== 'reply' && !outcome.indeterminate && ran > 0)
    say('it ran, and that was denied')
  if (outcome !== undefined && outcome !== 'reply' && outcome.reason === 'handler-error' && ran !== 1)
    say('an error of nobody')
  if (
    outcome === 'reply' &&
    server.served.some((one) => one.key === key && one.did.includes('reset')) &&
    !call.isBroken
  )
    say('its parts looked whole')
  if (verdicts.includes('too-late') && ran !== 1) say('too late for what never ran')
  if (call.cancel?.verdict === 'unheard' && ran > 0) say('cancelled unheard, and it ran')
}

t.test('in every order each call has one outcome, which is true, and nothing is left behind', (t) => {
  let replies = 0
  let failures = 0
  for (let seed = 0; seed < 400; seed++) {
    const random = seededRandom(seed)
    const draw: Draw = (below) => Math.floor(random.next() * below)
    const [client, server] = [new End(), new End()]
    const calls: ModelAsked[] = []
    const problems: string[] = []
    if (seed % 3 === 0) client.roomMax = server.roomMax = 2
    client.exchange.begin(0)
    server.exchange.begin(0)
    for (let count = 0; count < 150; count++) step(draw, client, server, calls, problems)
    const loses = seed % 4 === 0
    if (loses) {
      client.lose()
      server.lose()
    } else {
      for (const call of calls) client.exchange.parts.end(call, client.nowMs)
      drain(client, server, problems)
    }
    for (const running of [...server.running]) server.finish(running, null)
    if (loses) client.exchange.asking.ended('disconnected', '', 'over')
    for (const call of calls) judge(call, server, problems)
    if (client.exchange.places.size > 0) problems.push(`${client.exchange.places.size} places are held`)
    if (server.exchange.serving.size > 0) problems.push(`${server.exchange.serving.size} calls are served`)
    if (client.watched.size + server.watched.size > 0) problems.push('an alarm is left')
    if (!loses && client.exchange.pump.paced + server.exchange.pump.paced > 0)
      problems.push('bytes are counted that are acked')
    if (problems.length > 0) t.fail(`seed ${seed}: ${problems.slice(0, 3).join('; ')}`)
    replies += calls.filter(({ outcomes }) => outcomes[0] === 'reply').length
    failures += calls.filter(({ outcomes }) => outcomes[0] !== 'reply').length
  }
  t.ok(replies > 100 && failures > 100, `${replies} replies and ${failures} failures`)
  t.end()
})

t.test('bytes that mean nothing are told, never thrown, and hold nothing', (t) => {
  let wrong = 0
  for (let seed = 0; seed < 60; seed++) {
    const random = seededRandom(1000 + seed)
    const draw: Draw = (below) => Math.floor(random.next() * below)
    const end = new End()
    end.exchange.begin(0)
    for (let count = 0; count < 5; count++) end.ask(count, true)
    for (let count = 0; count < 300; count++) {
      const words = random.bytes(draw(40))
      const kinds = [...Object.values(KIND)]
      if (words.length > 0 && draw(4) > 0) words[0] = kinds[draw(kinds.length)]!
      if (words.length > 8 && draw(4) > 0) words.set([draw(16), draw(12), 0, 0, 0, 0, 0], 1)
      const kind = { type: 1, version: 0, priority: draw(256) }
      const data = new Uint8Array(draw(3) * 40_000)
      const said =
        draw(2) === 0
          ? end.exchange.control(words, 0)
          : end.exchange.message(words, { ...kind, lane: draw(4), front: new Uint8Array(4), data }, 0)
      if (said !== null) wrong++
      for (const served of [...end.waiting]) end.begin(served)
    }
    end.lose()
    t.equal(end.exchange.serving.size, 0)
  }
  t.ok(wrong > 1000, `${wrong} times`)
  t.end()
})
