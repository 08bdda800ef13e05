/** What a caller sees of a connection: what may be sent, who waits, and who is told how it ended. */
import t from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { PeerOptions } from '../../../src/policies/peer.ts'
import { Lab, types } from './lab.ts'
import type { Subject } from './lab.ts'

/** osd.0 has a connection to osd.1, which listens unless told otherwise. */
async function setUp(options: PeerOptions = {}, listens = true) {
  const lab = new Lab()
  const server: Subject = lab.subject('osd.1')
  if (listens) await server.messenger.bind('memory://osd.1')
  const client = lab.subject('osd.0', { policies: { osd: peer(options) } })
  const connection: Connection = client.messenger.connect('memory://osd.1', { type: 'osd' })
  if (listens) await lab.clock.settle()
  return { lab, server, client, connection }
}

t.test('send() answers false above the high-water mark, and throws at the hard limit', async (t) => {
  const { lab, connection } = await setUp({ replay: { messages: 4 }, highWater: 0.5 }, false)
  t.strictSame(
    [1, 2, 3, 4].map((tid) => connection.send({ type: 1, tid })),
    [true, false, false, false],
  )
  t.throws(() => connection.send({ type: 1 }), { code: 'INK_QUEUE_FULL', message: /wait for drained\(\)/ })
  await t.rejects(connection.deliver({ type: 1 }), { code: 'INK_QUEUE_FULL' })
  await lab.clock.settle()
})

t.test('drained() waits for acks, at once when there is room', async (t) => {
  const { lab, connection } = await setUp({ replay: { messages: 4 }, highWater: 0.5 })
  await connection.drained()
  for (const tid of [1, 2, 3, 4]) connection.send({ type: 1, tid })
  let state = 'waiting'
  const drained = connection.drained().then(() => (state = 'drained'))
  const controller = new AbortController()
  const aborted = t.rejects(connection.drained({ signal: controller.signal }), { code: 'INK_ABORTED' })
  controller.abort()
  await aborted
  t.equal(state, 'waiting')
  await lab.clock.advance(100)
  await drained
})

t.test('drained() waits for half of the high-water mark, and a remote reset that hands back lets it go', async (t) => {
  for (const how of ['acks', 'reset', 'goodbye'] as const) {
    const { lab, server, client, connection } = await setUp({ replay: { messages: 8 }, highWater: 0.5 })
    const finish: (() => void)[] = []
    server.messenger.use({ dispatch: () => new Promise<void>((resolve) => finish.push(resolve)) })
    for (const tid of [1, 2, 3, 4]) connection.send({ type: 1, tid })
    let state = 'waiting'
    const drained = connection.drained().then(() => (state = 'drained'))
    await lab.clock.advance(100)
    if (how === 'acks') {
      finish.shift()?.()
      await lab.clock.advance(100)
      t.equal(state, 'waiting', 'below the high-water mark is not enough')
      finish.shift()?.()
    } else if (how === 'goodbye') {
      // No link follows, whose traffic would wake it anyway.
      server.messenger.connections[0]?.markDown()
    } else {
      const restarted = lab.subject('osd.1')
      await client.messenger.bind('memory://osd.0')
      restarted.messenger.connect('memory://osd.0')
    }
    await lab.clock.advance(1000)
    t.equal(state, 'drained', how)
    await drained
  }
})

t.test('what can never fit is refused at once', async (t) => {
  const { connection } = await setUp({ replay: { bytes: 100 } })
  t.throws(() => connection.send({ type: 1, data: 'x'.repeat(101) }), { code: 'INK_MESSAGE_TOO_LARGE' })
  t.throws(() => connection.send({ type: 70_000 }), { code: 'INK_BAD_ARGUMENT' })
})

t.test("a message above the peer's window is handed back when the window is known", async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1', { policies: { osd: peer({ window: { bytes: 10 } }) } })
  await server.messenger.bind('memory://osd.1')
  const client = lab.subject('osd.0')
  const connection = client.messenger.connect('memory://osd.1', { type: 'osd' })
  const lost = t.rejects(connection.deliver({ type: 1, data: 'x'.repeat(11) }), {
    ...{ code: 'INK_MESSAGE_TOO_LARGE', outcome: 'undelivered' },
  })
  const kept = connection.deliver({ type: 1, tid: 2, data: 'x'.repeat(10) })
  await lab.clock.advance(100)
  await lost
  await kept
  t.ok(types(client.events).includes('undeliverable'))
  t.throws(() => connection.send({ type: 1, data: 'x'.repeat(11) }), { code: 'INK_MESSAGE_TOO_LARGE' })
})

t.test('markDown() hands back, rejects who waits, and tells nobody what the caller knows', async (t) => {
  const { lab, server, client, connection } = await setUp({ replay: { messages: 2 } }, false)
  const delivered = t.rejects(connection.deliver({ type: 1, tid: 1 }), {
    ...{ code: 'INK_MARKED_DOWN', outcome: 'undelivered' },
  })
  connection.send({ type: 1, tid: 2 })
  const drained = t.rejects(connection.drained(), { code: 'INK_MARKED_DOWN' })
  t.match(connection.markDown(), { undelivered: [{ tid: 1 }, { tid: 2 }], unknown: [] })
  await Promise.all([delivered, drained])
  t.strictSame(connection.markDown(), { undelivered: [], unknown: [] })
  t.throws(() => connection.send({ type: 1 }), { code: 'INK_CLOSED', message: /connect\(\) gives a new one/ })
  await t.rejects(connection.drained(), { code: 'INK_CLOSED' })
  await connection.close()
  await lab.clock.advance(60_000)
  t.strictSame(client.told, [])
  t.strictSame(types(client.events), ['closed'])
  t.strictSame(server.told, [])
  t.strictSame(client.messenger.connections, [])
})

t.test('the peer of a marked down connection is told, once', async (t) => {
  const { lab, server, client, connection } = await setUp()
  connection.markDown()
  await lab.clock.settle()
  t.strictSame(server.told, ['onAccept osd.0', 'onReset osd.0'])
  t.strictSame(client.told, ['onConnect osd.1'])
})

t.test('close() drains first', async (t) => {
  const { lab, server, connection } = await setUp()
  for (const tid of [1, 2, 3]) connection.send({ type: 1, tid })
  const states: string[] = []
  connection.state$.subscribe((state) => states.push(state))
  const closed = connection.close()
  t.equal(connection.close(), closed, 'closing again waits for the same end')
  t.throws(() => connection.send({ type: 1 }), { code: 'INK_CLOSED', message: /is closing/ })
  await t.rejects(connection.drained(), { code: 'INK_CLOSED' })
  await lab.clock.advance(100)
  await closed
  t.strictSame(server.got, [1, 2, 3])
  t.strictSame(states, ['open', 'draining', 'closed'])
  await connection.close()
})

t.test('close() gives up at its deadline and hands back', async (t) => {
  const { lab, client, connection } = await setUp({}, false)
  connection.send({ type: 1, tid: 1 })
  await t.rejects(
    (async () => connection.close({ timeoutMs: -1 }))(),
    { code: 'INK_BAD_ARGUMENT' },
    'a wrong timeout closes nothing',
  )
  const closed = t.rejects(connection.close({ timeoutMs: 200 }), { code: 'INK_DRAIN_TIMEOUT' })
  await lab.clock.advance(200)
  await closed
  t.match(client.outcomes, [{ undelivered: [{ tid: 1 }], unknown: [] }])
})

t.test('close() is in vain when the link of a lossy session takes messages along', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1', { policies: { default: lossy() } })
  await server.messenger.bind('memory://osd.1')
  server.messenger.use({ dispatch: () => new Promise<void>(() => undefined) })
  const client = lab.subject('osd.0', { policies: { osd: lossy() } })
  const connection = client.messenger.connect('memory://osd.1', { type: 'osd' })
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(100)
  const closed = t.rejects(connection.close(), { code: 'INK_RESET' })
  lab.cut()
  await lab.clock.advance(100)
  await closed
  t.match(client.outcomes, [{ undelivered: [], unknown: [{ tid: 1 }] }])
})

t.test('close() that is aborted closes at once and hands back', async (t) => {
  for (const when of ['before', 'meanwhile']) {
    const { client, connection } = await setUp({}, false)
    connection.send({ type: 1, tid: 1 })
    const controller = new AbortController()
    if (when === 'before') controller.abort()
    const closed = t.rejects(connection.close({ signal: controller.signal }), { code: 'INK_ABORTED' })
    controller.abort()
    await closed
    t.equal(connection.state, 'closed')
    t.match(client.outcomes, [{ undelivered: [{ tid: 1 }] }])
  }
})

t.test('messages$ is hot, and complete at the end, also for who comes late', async (t) => {
  const { lab, server } = await setUp()
  const [accepted] = server.messenger.connections
  const seen: string[] = []
  accepted?.messages$.subscribe({ next: (message) => seen.push(`${message.tid}`), complete: () => seen.push('|') })
  accepted?.markDown()
  accepted?.messages$.subscribe({ complete: () => seen.push('late |') })
  await lab.clock.settle()
  t.strictSame(seen, ['|', 'late |'])
})

t.test('a connection knows its peer once it has spoken', async (t) => {
  const { connection } = await setUp({}, false)
  t.match(connection.peer, { type: 'osd', name: null, address: 'memory://osd.1', instance: null })
  const { connection: open, server } = await setUp()
  t.match(open.peer, { type: 'osd', name: 'osd.1', instance: server.messenger.instance })
})

t.test('a loop of attempts with a deadline each delivers once, and what it gave up holds no place', async (t) => {
  const { lab, client, connection } = await setUp({}, false)
  for (let attempt = 1; attempt <= 13; attempt++) {
    const controller = new AbortController()
    const tried = connection.deliver({ type: 1, tid: attempt, data: 'append' }, { signal: controller.signal })
    await lab.clock.advance(50)
    controller.abort(new Error('too late'))
    const error = { code: 'INK_ABORTED', name: 'AbortError', outcome: 'undelivered', cause: { message: 'too late' } }
    await t.rejects(tried, { ...error, message: /will not get it \(the connection: backoff, last fault: / })
  }
  t.match(connection.dump(), { queuedMessages: 0, queuedBytes: 0, counters: { withdrawnMessages: 13 } })
  const server = lab.subject('osd.1')
  await server.messenger.bind('memory://osd.1')
  const last = connection.deliver({ type: 1, tid: 14 })
  await lab.clock.advance(60_000)
  await last
  t.strictSame(server.got, [14])
  t.strictSame(client.outcomes, [])
})

t.test('what is on a link cannot be taken back: it is in doubt, and arrives', async (t) => {
  const { lab, server, connection } = await setUp()
  const controller = new AbortController()
  const tried = connection.deliver({ type: 1, tid: 1 }, { signal: controller.signal })
  lab.clock.endTurn()
  controller.abort()
  await t.rejects(tried, { code: 'INK_ABORTED', outcome: 'unknown', message: /may have handled it, or may yet/ })
  await lab.clock.settle()
  t.strictSame(server.got, [1])
})

t.test('taking back makes room: drained() resolves, and a close is done', async (t) => {
  const { lab, connection } = await setUp({ replay: { messages: 4 }, highWater: 0.5 }, false)
  const controller = new AbortController()
  const { signal } = controller
  const tried = [1, 2, 3].map((tid) =>
    t.rejects(connection.deliver({ type: 1, tid }, { signal }), { code: 'INK_ABORTED' }),
  )
  const drained = connection.drained()
  await lab.clock.settle()
  controller.abort()
  await drained
  await Promise.all(tried)
  const other = new AbortController()
  const last = t.rejects(connection.deliver({ type: 1 }, { signal: other.signal }), {
    code: 'INK_ABORTED',
    outcome: 'undelivered',
  })
  const closed = connection.close()
  await lab.clock.settle()
  t.not(connection.state, 'closed')
  other.abort()
  await closed
  await last
  t.equal(lab.clock.timers, 0)
})
