/** Uploads that never end: what both sides hold is bounded, and counters that have counted a terabyte go on counting. */
import t from 'tap'
import { CALLS } from '../../../src/transactions/machine/limits.ts'
import { End } from '../../../src/testing/model/calls/end.ts'

/** What the counters of a direction have seen before: far above 50 GB, and above 32 bits. */
const BEFORE = 2 ** 40
const PART_BYTES = 60_000
const PARTS = 20_000

/** Two ends in a session; `pass` takes to each what the other has said. */
function joined(client: End, server: End) {
  client.exchange.begin(0)
  server.exchange.begin(0)
  const problems: string[] = []
  const note = (wrong: string | null): void => {
    if (wrong !== null) problems.push(wrong)
  }
  const pass = (): void => {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.speak()
      for (let lane = 0; lane < 3; lane++) while (from.put(lane));
      while (from.words.length > 0) note(from.hear(to))
      while (from.onLink.length > 0) note(from.arrive(to))
      while (from.unacked.length > 0) from.ack()
    }
  }
  return { pass, problems }
}

t.test(
  'large parts of many uploads are put together one after the other where they do not fit at once, and none is forgotten',
  (t) => {
    const [client, server] = [new End(), new End()]
    const { pass, problems } = joined(client, server)
    const part = new Uint8Array(CALLS.partBytesMax / 2)
    const all = [1, 2, 3, 4].map((key) => client.ask(key, true))
    for (const asked of all) client.exchange.parts.send(asked, part, 0)
    for (let round = 0; round < 3000; round++) {
      for (const served of server.waiting) server.begin(served)
      pass()
    }
    t.strictSame(problems, [])
    t.strictSame(
      server.served.map(({ parts }) => parts),
      all.map(() => [part.length]),
    )
    t.end()
  },
)

t.test('an upload of a gigabyte behind a terabyte is sent in bounded memory, and no credit is lost', (t) => {
  const [client, server] = [new End(), new End()]
  const { pass, problems } = joined(client, server)
  const asked = client.ask(1, true)
  client.exchange.parts.send(asked, new Uint8Array(1), 0)
  pass()
  const [served] = server.waiting
  if (served === undefined) throw new Error('the call did not come')
  server.begin(served)
  served.onReadable()
  pass()
  const [out, incoming] = [asked.out!, served.incoming!]
  out.used += BEFORE
  out.granted += BEFORE
  incoming.received += BEFORE
  incoming.consumed += BEFORE
  incoming.told += BEFORE
  const part = new Uint8Array(PART_BYTES)
  let [sent, queued, waiting, unread] = [0, 0, 0, 0]
  while (sent < PARTS) {
    while (sent < PARTS && !out.isFull) {
      client.exchange.parts.send(asked, part, 0)
      sent++
    }
    queued = Math.max(queued, client.exchange.pump.paced)
    waiting = Math.max(waiting, out.waitingBytes)
    pass()
    unread = Math.max(unread, incoming.unread)
  }
  client.exchange.parts.end(asked, 0)
  for (let round = 0; round < 1000; round++) pass()
  t.strictSame(problems, [])
  t.equal(served.parts.length, 1 + PARTS)
  t.ok(served.isWhole, 'the end came')
  t.equal(incoming.consumed, incoming.received, 'all credit came back')
  t.equal(incoming.received, BEFORE + 1 + PARTS * PART_BYTES + (1 + PARTS) * CALLS.partOverheadBytes)
  t.ok(queued <= CALLS.pacedBytesMax + CALLS.pieceBytes, `${queued} bytes were on their way at most`)
  t.ok(waiting <= CALLS.unsentBytesMax + PART_BYTES + CALLS.partOverheadBytes, `${waiting} bytes waited at most`)
  t.equal(unread, 0)
  server.finish(served, null)
  pass()
  t.strictSame(asked.outcomes, ['reply'])
  t.equal(client.exchange.places.size + server.exchange.serving.size, 0)
  t.end()
})
