/** Who calls connect() gets the connection that it asked for: the same where all agree, and never somebody else's. */
import t from 'tap'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import { Lab } from './lab.ts'

const QUICK = { backoff: { firstMs: 10, maxMs: 100 } }

t.test('a later caller who wants somebody else in particular shares nothing with an earlier one', async (t) => {
  for (const [first, second] of [
    [{}, { name: 'osd.2' }],
    [{ type: 'osd' }, { name: 'osd.2' }],
    [{}, { type: 'mds' }],
    [{ name: 'osd.1' }, { name: 'osd.2' }],
  ]) {
    const lab = new Lab()
    const server = lab.subject('osd.1')
    await server.messenger.bind('memory://osd.1')
    const client = lab.subject('osd.9', { policies: { default: peer(QUICK) } })
    const [one, other] = [first, second].map((options) => client.messenger.connect('memory://osd.1', options))
    one?.send({ type: 1, tid: 1 })
    const lost = t.rejects(other?.deliver({ type: 1, tid: 2 }) ?? Promise.resolve(), { code: 'INK_WRONG_PEER' })
    await lab.clock.advance(5000)
    await lost
    t.strictSame([one?.state, other?.state], ['open', 'closed'])
    t.strictSame(server.got, [1], 'each got what was meant for it')
  }
})

t.test(
  'one who names whom an earlier caller reaches at the same time is told how to get that connection',
  async (t) => {
    for (const policy of [peer(QUICK), losslessClient(QUICK), lossy(QUICK)]) {
      const lab = new Lab()
      const server = lab.subject('osd.1', {
        policies: { default: policy.kind === 'losslessClient' ? losslessServer() : policy },
      })
      await server.messenger.bind('memory://osd.1')
      const client = lab.subject('osd.9', { policies: { default: policy } })
      const first = client.messenger.connect('memory://osd.1')
      const named = client.messenger.connect('memory://osd.1', { name: 'osd.1' })
      t.not(named, first, 'nobody knows yet who is there')
      first.send({ type: 1, tid: 1 })
      const lost = t.rejects(named.deliver({ type: 1, tid: 2 }), {
        code: 'INK_DUPLICATE_PEER',
        outcome: 'undelivered',
        message: /osd\.1 is connected already.*connect\(\) with the name osd\.1 gives that connection/,
      })
      await lab.clock.advance(5000)
      await lost
      t.strictSame([first.state, named.state], ['open', 'closed'])
      for (const options of [{ name: 'osd.1' }, { type: 'osd' }, {}])
        t.equal(client.messenger.connect('memory://osd.1', options), first, 'as the sentence says')
      first.send({ type: 1, tid: 3 })
      await lab.clock.advance(100)
      t.strictSame(server.got, [1, 3])
      t.equal(server.messenger.connections.length, 1)
    }
  },
)

t.test('a later caller with options of its own is told, and one without is content', async (t) => {
  const lab = new Lab()
  const client = lab.messenger('osd.9', { policies: { default: lossy(), osd: peer(QUICK) } })
  const first = client.connect('memory://osd.1', { type: 'osd', policy: peer({ window: { messages: 7 } }) })
  t.equal(client.connect('memory://osd.1', { type: 'osd' }), first)
  t.equal(client.connect('memory://osd.1', { type: 'osd', policy: peer({ window: { messages: 7 } }) }), first)
  for (const policy of [peer(), peer({ window: { messages: 8 } }), losslessClient()])
    t.throws(() => client.connect('memory://osd.1', { type: 'osd', policy }), { code: 'INK_BAD_OPTION' })
  for (const connection of client.connections) connection.markDown()
})

t.test('whoever is asked for by name is the same peer at every address', async (t) => {
  for (const policy of [peer(QUICK), lossy(QUICK)]) {
    const lab = new Lab()
    const server = lab.subject('osd.1', { policies: { default: policy } })
    await server.messenger.bind('memory://a')
    await server.messenger.bind('memory://b')
    const client = lab.subject('osd.9', { policies: { default: policy } })
    const first = client.messenger.connect('memory://a', { name: 'osd.1' })
    t.equal(client.messenger.connect('memory://b', { name: 'osd.1' }), first, 'also before it has answered')
    await lab.clock.advance(100)
    t.equal(client.messenger.connect('memory://b', { name: 'osd.1' }), first)
    t.strictSame(server.told, ['onAccept osd.9'])
  }
})

t.test('a service that has moved is found where a caller says that it is now', async (t) => {
  const lab = new Lab()
  const before = lab.messenger('osd.1')
  await before.bind('memory://before')
  const client = lab.subject('osd.9', { policies: { default: peer(QUICK) } })
  const connection = client.messenger.connect('memory://before', { name: 'osd.1' })
  await lab.clock.advance(100)
  const after = lab.subject('osd.1')
  await after.messenger.bind('memory://after')
  t.equal(client.messenger.connect('memory://after', { name: 'osd.1' }), connection)
  t.equal(connection.state, 'open', 'it is left where it is while it has a link')
  const dial = lab.hub.dial.bind(lab.hub)
  lab.hub.dial = (address) => dial(address.host === 'before' ? { ...address, host: 'nobody' } : address)
  lab.cut()
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(1000)
  t.equal(connection.peer.instance, after.messenger.instance)
  connection.send({ type: 1, tid: 2 })
  await lab.clock.advance(1000)
  t.ok(after.got.includes(2))
})

t.test('a second address of the same lossy server ends itself, not the first connection', async (t) => {
  const lab = new Lab()
  const policies = { default: lossy(QUICK) }
  const server = lab.subject('osd.1', { policies })
  await server.messenger.bind('memory://a')
  await server.messenger.bind('memory://b')
  const client = lab.subject('client.1', { policies })
  const first = client.messenger.connect('memory://a')
  await lab.clock.advance(100)
  const second = client.messenger.connect('memory://b')
  await lab.clock.advance(1000)
  t.match(client.errors, [{ code: 'INK_DUPLICATE_PEER', message: /memory:\/\/a/ }])
  t.strictSame([first.state, second.state], ['open', 'closed'])
  t.strictSame(server.told, ['onAccept client.1'])
  const extra = client.messenger.connect('memory://b', { anonymous: true })
  await lab.clock.advance(1000)
  t.strictSame([first.state, extra.state], ['open', 'open'], 'one more on purpose is fine')
})

t.test('crossed lossy connects are two sessions, and each ends by itself', async (t) => {
  const lab = new Lab()
  const policies = { default: lossy(QUICK) }
  const [a, b] = [lab.subject('osd.1', { policies }), lab.subject('osd.2', { policies })]
  await a.messenger.bind('memory://a')
  await b.messenger.bind('memory://b')
  const there = a.messenger.connect('memory://b')
  const back = b.messenger.connect('memory://a')
  await lab.clock.advance(1000)
  t.strictSame([there.state, back.state], ['open', 'open'])
  t.strictSame([a.messenger.connections.length, b.messenger.connections.length], [2, 2])
  there.send({ type: 1, tid: 1 })
  back.send({ type: 1, tid: 2 })
  await lab.clock.advance(100)
  t.strictSame([a.got, b.got], [[2], [1]])
  there.markDown()
  await lab.clock.advance(100)
  t.strictSame([there.state, back.state], ['closed', 'open'])
  const again = a.messenger.connect('memory://b')
  await lab.clock.advance(100)
  t.strictSame([again.state, back.state], ['open', 'open'])
  t.equal([...a.told, ...b.told].filter((what) => what.startsWith('onReset')).length, 1, 'one end, told once')
})

t.test('anonymous connections of the two ends have nothing to do with each other', async (t) => {
  const lab = new Lab()
  const policies = { default: peer(QUICK) }
  const [a, b] = [lab.subject('osd.1', { policies }), lab.subject('osd.2', { policies })]
  await a.messenger.bind('memory://a')
  await b.messenger.bind('memory://b')
  const there = a.messenger.connect('memory://b', { anonymous: true })
  const back = b.messenger.connect('memory://a', { anonymous: true })
  await lab.clock.advance(1000)
  t.strictSame([there.state, back.state], ['open', 'open'])
  t.strictSame([a.messenger.connections.length, b.messenger.connections.length], [2, 2])
  const accepted = b.messenger.connections.find((one) => one !== back)
  lab.cut()
  accepted?.send({ type: 1, tid: 1 })
  there.send({ type: 1, tid: 2 })
  back.send({ type: 1, tid: 3 })
  await lab.clock.advance(1000)
  t.strictSame([a.got.sort(), b.got.sort()], [[1, 3], [2]])
  t.strictSame([a.messenger.connections.length, b.messenger.connections.length], [2, 2], 'whoever dials again')
  t.notOk(
    [...a.told, ...b.told].some((what) => what.includes('Reset')),
    'and none is lost',
  )
})

t.test(
  'an anonymous connection whose dialler has restarted ends, and is not taken for one of the new process',
  async (t) => {
    const lab = new Lab()
    const policies = { default: peer(QUICK) }
    const before = lab.subject('osd.1', { policies })
    await before.messenger.bind('memory://a')
    const server = lab.subject('osd.2', { policies })
    await server.messenger.bind('memory://b')
    before.messenger.connect('memory://b', { anonymous: true })
    await lab.clock.advance(100)
    const [accepted] = server.messenger.connections
    const dial = lab.hub.dial.bind(lab.hub)
    lab.hub.dial = (address) => dial(address.host === 'a' ? { ...address, host: 'after' } : address)
    const after = lab.subject('osd.1', { policies })
    await after.messenger.bind('memory://after')
    const own = after.messenger.connect('memory://nobody', { anonymous: true })
    lab.cut()
    accepted?.send({ type: 1, tid: 1 })
    await lab.clock.advance(1000)
    t.equal(accepted?.state, 'closed')
    t.match(server.outcomes, [{ undelivered: [], unknown: [{ tid: 1 }] }], 'what it had to say comes back')
    t.equal(own.peer.name, null, 'nobody came to it')
    t.strictSame(after.got, [])
  },
)

t.test('close() with a signal that has fired ends the connection at once', async (t) => {
  const lab = new Lab()
  const connection = lab.messenger('osd.0').connect('memory://nobody')
  const lost = t.rejects(connection.deliver({ type: 1 }), { code: 'INK_ABORTED', outcome: 'undelivered' })
  await t.rejects(connection.close({ signal: AbortSignal.abort() }), { code: 'INK_ABORTED' })
  await lost
  t.equal(connection.state, 'closed')
})

t.test('the earliest deadline of several close() counts, for all of them', async (t) => {
  const lab = new Lab()
  const connection = lab.messenger('osd.0').connect('memory://nobody')
  connection.send({ type: 1 })
  const all = [{}, { timeoutMs: 10_000 }, { timeoutMs: 30 }, { timeoutMs: 20_000 }].map((options) =>
    t.rejects(connection.close(options), { code: 'INK_DRAIN_TIMEOUT' }),
  )
  await lab.clock.advance(29)
  t.not(connection.state, 'closed')
  await lab.clock.advance(2)
  await Promise.all(all)
  t.equal(connection.state, 'closed')
})

t.test('a close that waits for one message ends when that is taken back', async (t) => {
  const lab = new Lab()
  const connection = lab.messenger('osd.0').connect('memory://nobody')
  const controller = new AbortController()
  const given = t.rejects(connection.deliver({ type: 1 }, { signal: controller.signal }), {
    code: 'INK_ABORTED',
    outcome: 'undelivered',
  })
  const closed = connection.close({ timeoutMs: 10_000 })
  await lab.clock.settle()
  t.not(connection.state, 'closed')
  controller.abort()
  await Promise.all([given, closed])
  t.equal(connection.state, 'closed', 'before any time has passed')
})
