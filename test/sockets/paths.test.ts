/** Sessions that go from path to path on real sockets: TCP, Unix sockets, and places where somebody else listens. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { losslessClient, losslessServer, Messenger, tcp, unix } from '../../src/index.ts'
import type { MessengerEvent } from '../../src/index.ts'
import { socketDirectory } from '../support/socket-directory.ts'
import { until } from '../support/until.ts'
import { Ledger, NumberedStream } from '../support/numbered.ts'

const transports = [tcp(), unix()]

function pair(t: Test, more: { paths?: readonly string[] } = {}) {
  const events: MessengerEvent[] = []
  const osd = new Messenger({ name: 'osd.0', transports, policies: { default: losslessServer() } })
  const client = new Messenger({ name: 'client.1', transports, policies: { default: losslessClient() }, ...more })
  for (const messenger of [osd, client]) messenger.events$.subscribe((event) => events.push(event))
  const directory = socketDirectory(t)
  t.teardown(() => Promise.all([client.shutdown(), osd.shutdown()]))
  return { osd, client, events, socket: `unix://${join(directory, 'osd.sock')}` }
}

const NEWS = ['pathSwitched', 'connect', 'accept']
const others = (events: readonly MessengerEvent[]): string[] =>
  events.map(({ type }) => type).filter((type) => !NEWS.includes(type))

t.test(
  'numbered messages of all sizes go over TCP and a Unix socket in turn, and arrive once and in order',
  async (t) => {
    const { osd, client, events, socket } = pair(t)
    const ledger = new Ledger()
    osd.use({ dispatch: (message) => ledger.take(message) })
    const addresses = [await osd.bind('tcp://127.0.0.1:0'), await osd.bind(socket)]
    const connection = client.connect(addresses[0]!)
    await connection.opened()
    const stream = new NumberedStream({ id: 1, bytesMax: 60_000, lanes: true })
    let switches = 0
    for (let turn = 1; turn <= 20; turn++) {
      for (let count = 0; count < 100; count++) if (!connection.send(stream.next())) await connection.drained()
      const path = await connection.switchTo(addresses[turn % 2]!)
      t.equal(path.scheme, turn % 2 === 1 ? 'unix' : 'tcp')
      switches++
    }
    await connection.deliver(stream.next())
    t.strictSame([ledger.violations, ledger.count], [[], 2001])
    t.match(connection.dump().counters, { switches, replayedMessages: 0, duplicates: 0, faults: 0, sessions: 1 })
    t.strictSame(others(events), [])
  },
)

t.test('by itself a session goes to the best path of its peer', async (t) => {
  const { osd, client, events, socket } = pair(t, { paths: ['unix', 'tcp'] })
  osd.use({ dispatch: () => undefined })
  await osd.bind(socket)
  const connection = client.connect(await osd.bind('tcp://127.0.0.1:0'), { name: 'osd.0' })
  const schemes: string[] = []
  connection.path$.subscribe((path) => schemes.push(path?.scheme ?? 'none'))
  await until('the best path', () => connection.path?.scheme === 'unix')
  await connection.deliver({ type: 1, data: 'over the socket' })
  t.strictSame(schemes, ['none', 'tcp', 'unix'])
  const [first] = events.filter(({ type }) => type === 'pathSwitched')
  t.match(first, { why: 'better', path: { scheme: 'unix', dialled: true } })
})

t.test('an address that a peer has only now is a path as soon as the peer has answered on another link', async (t) => {
  const { osd, client, socket } = pair(t, { paths: ['unix', 'tcp'] })
  osd.use({ dispatch: () => undefined })
  const connection = client.connect(await osd.bind('tcp://127.0.0.1:0'), { name: 'osd.0' })
  await connection.deliver({ type: 1 })
  const other = await osd.bind('tcp://127.0.0.1:0')
  await osd.bind(socket)
  await connection.switchTo(other)
  await until('the best path', () => connection.path?.scheme === 'unix')
  await connection.deliver({ type: 1 })
  t.match(connection.dump().counters, { sessions: 1, resumes: 0 })
})

t.test('somebody else listens there: the session stays, and nothing is reset', async (t) => {
  const { osd, client, events } = pair(t)
  osd.use({ dispatch: () => undefined })
  const other = new Messenger({ name: 'osd.0', transports, policies: { default: losslessServer() } })
  const stranger = new Messenger({ name: 'osd.9', transports, policies: { default: losslessServer() } })
  t.teardown(() => Promise.all([other.shutdown(), stranger.shutdown()]))
  const connection = client.connect(await osd.bind('tcp://127.0.0.1:0'))
  await connection.opened()
  const before = connection.path?.address
  for (const messenger of [other, stranger]) {
    const address = await messenger.bind('tcp://127.0.0.1:0')
    await t.rejects(connection.switchTo(address), { code: 'INK_PATH_FAILED', message: /stays on tcp:/ })
    await connection.deliver({ type: 1 })
  }
  await t.rejects(connection.switchTo('tcp://127.0.0.1:1'), { code: 'INK_PATH_FAILED' }, 'nobody listens')
  t.equal(connection.path?.address, before)
  t.match(connection.dump(), { state: 'open', counters: { sessions: 1, resumes: 0, switches: 0 } })
  t.notOk(events.some(({ type }) => ['remoteReset', 'reset', 'fault', 'resume'].includes(type)))
  t.equal(other.connections.length, 0, 'nothing is begun there')
})

t.test("a caller's mistakes are told at once, and an abort leaves the session where it is", async (t) => {
  const { osd, client, socket } = pair(t)
  osd.use({ dispatch: () => undefined })
  const connection = client.connect(await osd.bind('tcp://127.0.0.1:0'))
  t.throws(() => connection.switchTo('sctp://127.0.0.1:1'), { code: 'INK_BAD_ADDRESS' })
  t.throws(() => client.loopback.switchTo(socket), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => new Messenger({ name: 'a.b', policies: { default: losslessClient() }, paths: [] }), {
    code: 'INK_BAD_OPTION',
  })
  await connection.opened()
  await t.rejects(connection.switchTo(socket, { signal: AbortSignal.abort() }), { code: 'INK_ABORTED' })
  const near = await osd.bind(socket)
  const both = await Promise.allSettled([connection.switchTo('tcp://127.0.0.1:1'), connection.switchTo(near)])
  t.match(both, [{ status: 'rejected', reason: { code: 'INK_PATH_FAILED' } }, { value: { scheme: 'unix' } }])
  t.equal((await connection.switchTo(near)).scheme, 'unix', 'it is there already')
  await connection.close()
  t.throws(() => connection.switchTo(near), { code: 'INK_CLOSED' })
  t.equal(connection.path, null)
})
