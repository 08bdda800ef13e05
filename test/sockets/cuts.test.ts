/**
 * Two processes, a proxy between them that cuts every link after 3 to 9 MB, and numbered messages of mixed sizes both
 * ways: each arrives once, in order, unaltered, and memory stays bounded (laws L1, L2, L5, L6).
 *
 * INKWIRE_MESSAGES=1000000 makes it long; the default fits a test run.
 */
import t, { type Test } from 'tap'
import type { PolicyKind } from '../../src/index.ts'
import { remotePeer } from '../support/remote-peer.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

const MESSAGES = Number(process.env['INKWIRE_MESSAGES'] ?? 50_000)
const PATIENCE_MS = 60_000 + MESSAGES
/** Small, so that a leak would show: about 14 MiB may wait or be with handlers, on each side. */
const OPTIONS = { window: { bytes: 4 << 20 }, replay: { bytes: 10 << 20 } } as const
const RSS_MAX = 300 << 20
const CUT_BYTES = 6_000_000
/** A message of a stream has more than 1000 bytes, taken together, and at most 1.5 times CUT_BYTES pass between two cuts. */
const CUTS_MIN = Math.floor((2 * MESSAGES * 1000) / (1.5 * CUT_BYTES)) - 1

async function storm(t: Test, dials: PolicyKind, accepts: PolicyKind): Promise<void> {
  const server = await remotePeer(t, { name: 'osd.1', policy: accepts, options: OPTIONS, bind: 'tcp://127.0.0.1:0' })
  const client = await remotePeer(t, { name: 'osd.2', policy: dials, options: OPTIONS })
  const proxy = await startProxy(Number(server.address.split(':').pop()))
  t.teardown(() => proxy.close())
  await client.connect(`tcp://127.0.0.1:${proxy.port}`)
  await until('a session', () => server.eventsOf('accept').length === 1)

  const startMs = performance.now()
  const stop = proxy.cutEvery(CUT_BYTES, 7)
  client.pump({ id: 1, lanes: true }, MESSAGES)
  server.pump({ id: 2, lanes: true }, MESSAGES)
  await until('everything arrived', () => server.countOf(1) >= MESSAGES && client.countOf(2) >= MESSAGES, PATIENCE_MS)
  const seconds = (performance.now() - startMs) / 1000
  stop()
  // On a link that nobody cuts any more: a client that ends without one leaves its server in doubt about the last acks.
  client.pump({ id: 3 }, 1)
  server.pump({ id: 4 }, 1)
  await until('a link that lasts', () => server.countOf(3) === 1 && client.countOf(4) === 1)
  t.comment(
    `${((2 * MESSAGES) / seconds) | 0} msg/s, ${proxy.cuts} cuts, rss ${server.rssMax >> 20} and ${client.rssMax >> 20} MiB`,
  )
  t.ok(proxy.cuts >= CUTS_MIN, `${proxy.cuts} cuts of ${CUTS_MIN}`)
  t.strictSame([server.violations, client.violations], [[], []], 'in order, unaltered')
  t.ok(server.rssMax < RSS_MAX && client.rssMax < RSS_MAX, 'memory is bounded')

  await Promise.all([client.shutdown(), server.shutdown()])
  t.strictSame([server.countOf(1), client.countOf(2)], [MESSAGES, MESSAGES], 'nothing twice')
  for (const side of [server, client]) {
    t.strictSame([...side.eventsOf('remoteReset'), ...side.eventsOf('dispatchError')], [])
    t.equal(side.eventsOf('connect').length + side.eventsOf('accept').length, 1, 'one session')
    t.strictSame(
      side.eventsOf('reset').filter(({ lost }) => lost !== 0),
      [],
      'nothing lost',
    )
  }
}

t.test('peers lose nothing through cuts', (t) => storm(t, 'peer', 'peer'))
t.test('a lossless client and its server lose nothing through cuts', (t) =>
  storm(t, 'losslessClient', 'losslessServer'),
)
