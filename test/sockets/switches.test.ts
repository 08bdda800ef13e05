/**
 * SW-1: numbered messages of mixed sizes go both ways while their session is sent from path to path every 1 to 100 of
 * them, and paths are cut under it: byte for byte, in order, once, without a reset, and in bounded memory.
 *
 * The paths are two networks, a Unix socket and shared memory. INKWIRE_SWITCH_MESSAGES says how many messages, for each way; a
 * million takes minutes, and a TAP_TIMEOUT of as many.
 */
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { losslessClient, losslessServer, Messenger, peer, sharedMemory, tcp, unix } from '../../src/index.ts'
import type { Connection, MessengerEvent, Policy } from '../../src/index.ts'
import { seededRandom } from '../../src/testing/index.ts'
import { noSharedMemory, noUnixSockets } from '../support/hosts.ts'
import { heldBytes } from '../support/memory.ts'
import { Mortal } from '../support/mortal.ts'
import { Ledger, NumberedStream } from '../support/numbered.ts'
import { orSkip } from '../support/or-skip.ts'
import { socketDirectory } from '../support/socket-directory.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

const MESSAGES = Number(process.env['INKWIRE_SWITCH_MESSAGES'] ?? 2000)
/** A run goes on until paths were changed and cut so often, however fast the machine is. */
const SWITCHES_MIN = 8
const CUTS_MIN = 3
const PATIENCE_MS = 60_000 + MESSAGES
const QUICK = { backoff: { firstMs: 1, maxMs: 20 } } as const
/** One switch in so many cuts a path, be it the one that carries the session or not. */
const CUT_EVERY = 3
/** What tells an application that a session did not simply go on. */
const LOUD = ['reset', 'remoteReset', 'refused', 'closed', 'undeliverable', 'dispatchError']
/** What is queued, and what waits to be acked, of each way. */
const QUEUE_BYTES_MAX = 64 * 1024 * 1024
/** What the process may hold more when all has arrived than when nothing was sent: links that are over and queues that ran empty. */
const LEFT_BYTES_MAX = 16 * 1024 * 1024

const PAIRS: readonly (readonly [string, Policy, Policy])[] = [
  ['losslessClient() and losslessServer()', losslessClient(QUICK), losslessServer()],
  ['peer() and peer()', peer(QUICK), peer(QUICK)],
]

const test = orSkip(t, noUnixSockets)

for (const [name, ours, theirs] of PAIRS) {
  test(`SW-1: ${name}`, async (t) => {
    const local = [new Mortal(unix())]
    if (noSharedMemory === false) local.push(new Mortal(sharedMemory()))
    const transports = [tcp(), ...local.map(({ transport }) => transport)]
    const events: MessengerEvent[] = []
    const osd = new Messenger({ name: 'osd.0', transports, policies: { default: theirs } })
    const client = new Messenger({ name: 'client.1', transports, policies: { default: ours } })
    const directory = socketDirectory(t)
    const bound = await osd.bind('tcp://127.0.0.1:0')
    const socketsOf = local.map(({ transport: { scheme } }) => `${scheme}://${join(directory, `${scheme}.sock`)}`)
    const near = await Promise.all(socketsOf.map((place) => osd.bind(place)))
    const port = Number(bound.split(':').at(-1))
    const networks = [await startProxy(port), await startProxy(port)]
    t.teardown(async () => {
      await Promise.all([client.shutdown(), osd.shutdown()])
      await Promise.all(networks.map((network) => network.close()))
    })
    const ledgers = [new Ledger(), new Ledger()] as const
    let most = 0
    const sides = [osd, client] as const
    for (const [index, messenger] of sides.entries()) {
      messenger.events$.subscribe((event) => {
        if (LOUD.includes(event.type)) events.push(event)
      })
      messenger.use({ dispatch: (message) => ledgers[index]!.take(message) })
    }
    let switches = 0
    const paths = [...networks, ...local.map((one) => ({ cutAll: () => one.killAll() }))]
    const cuts = (): number =>
      networks.reduce((sum, network) => sum + network.cuts, 0) + local.reduce((sum, { kills }) => sum + kills, 0)
    const isEnough = (): boolean => switches >= SWITCHES_MIN && cuts() >= CUTS_MIN
    const sent = [0, 0]
    let sending = 2
    const send = async (connection: Connection, side: 0 | 1): Promise<void> => {
      const stream = new NumberedStream({ id: side, bytesMax: 200_000, lanes: true })
      for (; sent[side]! < MESSAGES || !isEnough(); sent[side]!++) {
        if (!connection.send(stream.next())) await connection.drained()
        if (sent[side]! % 64 === 0) await turn()
      }
      sending--
    }
    osd.use({
      onAccept: (connection) => {
        void send(connection, 1)
      },
    })
    const random = seededRandom(name)
    const places = [...networks.map((network) => `tcp://127.0.0.1:${network.port}`), ...near]
    const connection = client.connect(places[0]!, { name: 'osd.0' })
    await connection.opened()
    const before = heldBytes()
    const isOver = (): boolean => sending === 0 && ledgers.every(({ count }, side) => count === sent[side])
    void send(connection, 0)
    const more = async (count: number): Promise<void> => {
      const come = (): number => ledgers[0].count + ledgers[1].count
      const wanted = come() + count
      await until(`${count} more messages`, () => isOver() || come() >= wanted, PATIENCE_MS)
    }
    let failed = 0
    const startMs = performance.now()
    while (!isOver() && performance.now() - startMs < PATIENCE_MS) {
      await more(random.integer(1, 100))
      const target = random.pick(places)
      const wanted = connection.switchTo(target).then(
        () => switches++,
        () => failed++,
      )
      if (random.integer(1, CUT_EVERY) === 1) {
        await more(random.integer(0, 8))
        random.pick(paths).cutAll()
      }
      await wanted
      for (const { connections } of sides) {
        for (const one of connections) most = Math.max(most, one.dump().queuedBytes + one.dump().heldBytes)
      }
    }
    await until('all messages', isOver, PATIENCE_MS)
    const left = heldBytes() - before
    t.comment(
      `${sent.join(' and ')} messages, ${switches} switches, ${failed} failed, ${cuts()} links cut, ${most} bytes queued, ` +
        `${left} bytes more than before, ${Math.round((performance.now() - startMs) / 1000)} s`,
    )
    t.strictSame(
      ledgers.map(({ violations, count }) => ({ violations, count })),
      sent.map((count) => ({ violations: [], count })),
    )
    t.strictSame(
      events.map(({ type }) => type),
      [],
    )
    t.ok(most < QUEUE_BYTES_MAX)
    t.ok(left < LEFT_BYTES_MAX)
    t.match(connection.dump().counters, { sessions: 1 })
    t.equal(osd.connections.length, 1)
  })
}
