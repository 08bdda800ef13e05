/** What a server does at its limits, by the machine alone: who comes too late, and who is one too many. */
import t from 'tap'
import { CALLS } from '../../../src/transactions/machine/limits.ts'
import { End } from '../../../src/testing/model/calls/end.ts'
import type { ModelAsked } from '../../../src/testing/model/calls/halves.ts'

function pair(): [client: End, server: End] {
  const ends: [End, End] = [new End(), new End()]
  for (const end of ends) end.exchange.begin(0)
  return ends
}

/** All that one has said comes to the other. */
function pass(from: End, to: End): void {
  for (let lane = 0; lane < 3; lane++) while (from.put(lane));
  while (from.onLink.length > 0) t.equal(from.arrive(to), null)
}

function ask(client: End, server: End, deadlineMs: number): ModelAsked {
  const asked = client.ask(1, false, deadlineMs)
  pass(client, server)
  return asked
}

t.test('what is left of the time of a call counts from when it came, whatever the clock of its server says', (t) => {
  const [client, server] = pair()
  server.nowMs = 1_000_000
  ask(client, server, 50)
  const [served] = server.waiting
  t.equal(served?.deadlineMs, 1_000_050)
  server.nowMs += 49
  server.expire()
  t.equal(server.waiting.size, 1)
  t.end()
})

t.test('a call whose time is up before its handler begins never gets it, and its caller hears that', (t) => {
  const [client, server] = pair()
  const asked = ask(client, server, 50)
  server.nowMs = 50
  server.expire()
  t.equal(server.waiting.size, 0)
  pass(server, client)
  t.match(asked.outcomes, [{ reason: 'deadline', indeterminate: false }])
  t.end()
})

t.test('when a session is lost handlers that run hear that, and those that wait never begin', (t) => {
  const [client, server] = pair()
  ask(client, server, Infinity)
  const [running] = server.waiting
  if (running === undefined) throw new Error('the call did not come')
  server.begin(running)
  ask(client, server, Infinity)
  t.equal(server.waiting.size, 1)
  server.lose()
  t.strictSame(running.aborts, ['disconnected'])
  t.equal(server.waiting.size, 0)
  t.equal(server.exchange.serving.size, 0)
  t.end()
})

t.test('one more than may be open is refused, and those that are open go on', (t) => {
  const [client, server] = pair()
  // A caller that counts its places otherwise than this version does.
  const others = Array.from({ length: CALLS.openMax / 512 }, () => {
    const other = new End()
    other.exchange.begin(0)
    return other
  })
  let id = 0
  for (const other of others) {
    for (let count = 0; count < 512; count++) {
      const asked = other.ask(1, false)
      other.queue.at(asked.lane, count)!.words[2] = ++id & 0xff
      other.queue.at(asked.lane, count)!.words[3] = id >> 8
    }
    pass(other, server)
  }
  t.equal(server.exchange.serving.size, CALLS.openMax)
  const late = client.ask(1, false)
  const message = client.queue.at(late.lane, 0)!
  message.words[2] = (CALLS.openMax + 1) & 0xff
  message.words[3] = (CALLS.openMax + 1) >> 8
  pass(client, server)
  t.equal(server.exchange.serving.size, CALLS.openMax, 'it was refused, and holds no place')
  t.equal(server.waiting.size, CALLS.openMax)
  t.end()
})
