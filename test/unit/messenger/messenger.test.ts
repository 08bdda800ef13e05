/** Addresses, names and policies of one messenger: which connection a call or an arriving link means. */
import t from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import { Messenger } from '../../../src/messenger/messenger.ts'
import { defineMessage } from '../../../src/messenger/typed-message.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import { parseAddress } from '../../../src/transports/address.ts'
import type { Transport } from '../../../src/transports/transport.ts'
import { Simulation } from '../../../src/testing/index.ts'
import { Lab } from './lab.ts'

t.test('bind() gives back the address, and several are told to peers', async (t) => {
  const lab = new Lab()
  const osd = lab.messenger('osd.0')
  t.strictSame(osd.addresses, [])
  t.equal(await osd.bind('memory://a'), 'memory://a')
  t.equal(await osd.bind('memory://b', { advertise: 'memory://elsewhere' }), 'memory://b')
  t.strictSame(osd.addresses, ['memory://a', 'memory://elsewhere'])
})

t.test('peers are told of an address that was bound after others had connected', async (t) => {
  const lab = new Lab()
  const osd = lab.messenger('osd.0')
  await osd.bind('memory://a')
  const early = lab.messenger('osd.1')
  const late = lab.messenger('osd.2')
  const first = early.connect('memory://a')
  lab.clock.run()
  await osd.bind('memory://b')
  const second = late.connect('memory://a')
  lab.clock.run()
  t.strictSame([first.state, second.state], ['open', 'open'])
  t.equal(early.connect('memory://b'), first, 'also those whose session was open')
  t.equal(late.connect('memory://b'), second)
})

t.test('bind() says why it cannot', async (t) => {
  const lab = new Lab()
  const osd = lab.messenger('osd.0')
  await osd.bind('memory://a')
  const wrong: [address: unknown, options: unknown, code: string][] = [
    ['nonsense', undefined, 'INK_BAD_ADDRESS'],
    [undefined, undefined, 'INK_BAD_ADDRESS'],
    ['quic://127.0.0.1:1', undefined, 'INK_BAD_ADDRESS'],
    ['memory://a', undefined, 'INK_ADDRESS_IN_USE'],
    ['memory://b', { advertise: 'nonsense' }, 'INK_BAD_ADDRESS'],
    ['memory://b', { advertize: 'memory://b' }, 'INK_BAD_OPTION'],
    ['memory://b', { signal: AbortSignal.abort() }, 'INK_ABORTED'],
  ]
  for (const [address, options, code] of wrong) {
    await t.rejects(osd.bind(address as string, options as object | undefined), { code }, String(address))
  }
  await osd.shutdown()
  await t.rejects(osd.bind('memory://c'), { code: 'INK_CLOSED' })
})

t.test('a messenger binds at most eight addresses, also at once', async (t) => {
  const lab = new Lab()
  const osd = lab.messenger('osd.0')
  const all = await Promise.allSettled(Array.from({ length: 9 }, (_, index) => osd.bind(`memory://a${index}`)))
  t.equal(all.filter(({ status }) => status === 'fulfilled').length, 8)
  t.equal(osd.addresses.length, 8)
  await t.rejects(osd.bind('memory://b'), { code: 'INK_BAD_OPTION', message: /at most 8/ })
})

t.test('an address that cannot be an entity address fails before anything listens', async (t) => {
  const lab = new Lab()
  // A long name has its digest there instead; a scheme has nothing that could stand for it.
  const scheme = 'x'.repeat(60)
  const osd = lab.messenger('osd.0', {
    transports: [lab.hub, { ...lab.hub, scheme, parse: (address) => address }],
  })
  const advertise = `${scheme}://a`
  await t.rejects(osd.bind('memory://a', { advertise }), { code: 'INK_BAD_ADDRESS', message: /too long/ })
  t.equal(await osd.bind('memory://a'), 'memory://a')
})

t.test('the same peer gives the same connection, however it is written', async (t) => {
  const lab = new Lab()
  const osd = lab.messenger('osd.0')
  const one = osd.connect('memory://osd.1', { type: 'osd' })
  t.equal(osd.connect('MEMORY://osd.1'), one)
  t.not(osd.connect('memory://osd.1', { anonymous: true }), one)
  t.equal(osd.connections.length, 2)
  one.markDown()
  t.not(osd.connect('memory://osd.1'), one, 'a closed one is not given again')
})

t.test('connect() says what is wrong before it dials', async (t) => {
  const lab = new Lab()
  const osd = lab.messenger('osd.0', {
    policies: { osd: peer(), client: losslessServer() },
    limits: { connectionsMax: 1 },
  })
  const wrong: [address: unknown, options: unknown, code: string, message: RegExp][] = [
    ['nonsense', { type: 'osd' }, 'INK_BAD_ADDRESS', /nonsense/],
    ['quic://127.0.0.1:1', { type: 'osd' }, 'INK_BAD_ADDRESS', /no transport serves quic:\/\/ here; there is memory:/],
    ['memory://x', { type: 'mds' }, 'INK_UNKNOWN_POLICY', /mds/],
    ['memory://x', undefined, 'INK_UNKNOWN_POLICY', /default/],
    ['memory://x', { type: 'client' }, 'INK_BAD_OPTION', /never dials/],
    ['memory://x', { type: 'osd', name: 'mds.1' }, 'INK_BAD_OPTION', /mds\.1 is not of type osd/],
    ['memory://x', { typo: 'osd' }, 'INK_BAD_OPTION', /did you mean "type"/],
  ]
  for (const [address, options, code, message] of wrong) {
    t.throws(() => osd.connect(address as string, options as object), { code, message }, String(message))
  }
  t.equal(lab.links.length, 0)
  osd.connect('memory://x', { type: 'osd' })
  t.throws(() => osd.connect('memory://x', { policy: lossy() }), { code: 'INK_BAD_OPTION', message: /anonymous: true/ })
  t.throws(() => osd.connect('memory://y', { type: 'osd' }), { code: 'INK_REFUSED', message: /connectionsMax/ })
  const client = new Messenger({ name: 'client.a', policies: { default: lossy() } })
  t.throws(() => client.connect('tcp://127.0.0.1:0'), { code: 'INK_BAD_ADDRESS', message: /port 0 is only for bind/ })
  await osd.shutdown()
  t.throws(() => osd.connect('memory://x', { type: 'osd' }), { code: 'INK_CLOSED', message: /shut down/ })
})

t.test("a messenger's own address is the loopback", async (t) => {
  const lab = new Lab()
  const osd = lab.messenger('osd.0')
  const address = await osd.bind('memory://a', { advertise: 'memory://b' })
  t.equal(osd.connect(address), osd.loopback)
  t.equal(osd.connect('memory://b'), osd.loopback)
  t.equal(osd.connect(['memory://elsewhere', address]), osd.loopback, 'wherever it is among others')
  t.strictSame(osd.connections, [])
})

t.test('dialling oneself under another name is found out', async (t) => {
  const lab = new Lab()
  const { hub } = lab
  const alias: Transport = {
    ...{ scheme: 'alias', parse: (address) => address, listen: () => Promise.reject(new Error('never')) },
    dial: (address) => hub.dial({ ...address, scheme: 'memory' }),
  }
  const osd = lab.subject('osd.0', { transports: [hub, alias] })
  await osd.messenger.bind('memory://a')
  const connection = osd.messenger.connect('alias://a')
  await lab.clock.advance(1000)
  t.match(osd.errors, [{ code: 'INK_SELF_CONNECT', message: /loopback/ }])
  t.equal(connection.state, 'closed')
})

t.test('a link to a full or closing messenger is refused for now, one without a policy for good', async (t) => {
  const lab = new Lab()
  const full = lab.subject('osd.1', { policies: { osd: peer() }, limits: { connectionsMax: 1 } })
  await full.messenger.bind('memory://osd.1')
  const [a, b, c] = [lab.subject('osd.2'), lab.subject('osd.3'), lab.subject('mds.0')]
  a.messenger.connect('memory://osd.1')
  await lab.clock.settle()
  const second = b.messenger.connect('memory://osd.1')
  c.messenger.connect('memory://osd.1')
  await lab.clock.settle()
  t.equal(second.state, 'backoff')
  t.match(b.errors, [])
  t.match(c.errors, [{ code: 'INK_POLICY_MISMATCH', message: /no policy for peers of type "mds"/ }])
  t.match(
    full.events.filter((event) => event.type === 'linkRefused'),
    [{ reason: /osd\.3: too many connections/ }, { reason: /mds\.0: no policy/ }],
  )
})

t.test('a late copy of an offer is refused, also where its peer is dialled by now', async (t) => {
  const lab = new Lab()
  const written: Uint8Array[] = []
  const overheard: Transport = {
    ...lab.hub,
    dial: (address) => {
      const link = lab.hub.dial(address)
      const write = link.write.bind(link)
      link.write = (chunks) => {
        written.push(...chunks.map((chunk) => chunk.slice()))
        return write(chunks)
      }
      return link
    },
  }
  const gone = lab.messenger('osd.0', { transports: [overheard] })
  const { messenger, events } = lab.subject('osd.1')
  await gone.bind('memory://osd.0')
  await messenger.bind('memory://osd.1')
  gone.connect('memory://osd.1')
  const offer = [...written]
  await lab.clock.advance(100)
  const stopped = gone.shutdown()
  await lab.clock.advance(100)
  await stopped
  const connection = messenger.connect('memory://osd.0')
  await lab.clock.advance(10)
  t.equal(connection.state, 'backoff')

  const copy = lab.hub.dial(parseAddress('memory://osd.1'))
  copy.handlers = {
    opened: () => void copy.write(offer),
    data: () => {},
    writable: () => {},
    closed: () => {},
  }
  await lab.clock.advance(1)
  t.match(events.at(-1), { type: 'linkRefused', reason: /osd.0: a late copy/ })
  t.equal(connection.state, 'backoff', 'nothing was promised')
})

t.test('policies that do not fit end the one connection that there is, and both ends are told once', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1', { policies: { default: losslessServer() } })
  await server.messenger.bind('memory://osd.1')
  const client = lab.subject('client.a', { policies: { default: lossy() } })
  const connection = client.messenger.connect('memory://osd.1')
  await lab.clock.advance(60_000)
  t.match(client.errors, [{ code: 'INK_POLICY_MISMATCH', message: /lossy/ }])
  t.equal(connection.state, 'closed')
  t.equal(lab.links.length, 1, 'it is not tried again')
  t.strictSame(server.messenger.connections, [])
  t.match(server.events, [{ type: 'linkRefused', reason: /client\.a: .*lossy/, count: 1 }])
  t.strictSame(server.told, [], 'nobody there had asked for one')
})

t.test('typed handlers and dispatchers are removed by what registered them', async (t) => {
  const codec = {
    encode: (text: string) => Buffer.from(text),
    decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
  }
  const Ping = defineMessage({ type: 9, name: 'Ping', codec })
  const lab = new Lab()
  const osd = lab.subject('osd.0')
  const got: string[] = []
  const off = osd.messenger.on(Ping, (body) => got.push(body))
  const remove = osd.messenger.use({ dispatch: (message) => void got.push(`type ${message.type}`) })
  osd.messenger.loopback.send(Ping('a'))
  await lab.clock.settle()
  off()
  osd.messenger.loopback.send(Ping('b'))
  await lab.clock.settle()
  remove()
  osd.messenger.loopback.send(Ping('c'))
  await lab.clock.settle()
  t.strictSame(got, ['a', 'type 9'])
})

t.test('shutdown() drains, refuses newcomers, completes the streams, and may be called again', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1')
  await server.messenger.bind('memory://osd.1')
  const client = lab.subject('osd.0')
  const connection = client.messenger.connect('memory://osd.1')
  for (const tid of [1, 2, 3]) connection.send({ type: 1, tid })
  const ended: string[] = []
  client.messenger.events$.subscribe({ complete: () => ended.push('events$') })
  client.messenger.messages$.subscribe({ complete: () => ended.push('messages$') })
  const stopped = client.messenger.shutdown()
  t.equal(client.messenger.shutdown(), stopped)
  await lab.clock.advance(1000)
  await stopped
  await client.messenger[Symbol.asyncDispose]()
  t.strictSame(server.got, [1, 2, 3])
  t.strictSame(ended.sort(), ['events$', 'messages$'])
  t.equal(connection.state, 'closed')
  const down = server.messenger.shutdown()
  await lab.clock.advance(20_000)
  await down
  await lab.messenger('osd.5').bind('memory://osd.1')
})

t.test('whoever comes while a messenger ends is refused for now, and who was there is served to the end', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1')
  let finish = (): void => undefined
  server.messenger.use({ dispatch: () => new Promise<void>((resolve) => (finish = resolve)) })
  await server.messenger.bind('memory://osd.1')
  const [early, late] = [lab.subject('osd.0'), lab.subject('osd.2')]
  const delivered = early.messenger.connect('memory://osd.1').deliver({ type: 1 })
  await lab.clock.settle()
  const stopped = server.messenger.shutdown()
  const newcomer = late.messenger.connect('memory://osd.1')
  await lab.clock.settle()
  t.equal(newcomer.state, 'backoff')
  t.strictSame(late.errors, [])
  t.match(
    server.events.filter(({ type }) => type === 'linkRefused'),
    [{ reason: /osd\.2: the messenger is shutting down/ }],
  )
  finish()
  await lab.clock.advance(1000)
  await Promise.all([delivered, stopped])
})

t.test('other addresses of a peer that are told later are used as those that were told at once', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1')
  await server.messenger.bind('memory://a')
  await server.messenger.bind('memory://b')
  const client = lab.messenger('osd.0')
  const connection = client.connect('memory://a')
  await lab.clock.settle()
  t.equal(lab.links.length, 1)
  t.equal(client.connect('memory://a', { paths: ['memory://b'] }), connection)
  await lab.clock.settle()
  t.equal(lab.links.length, 2, 'one is kept ready')
})

t.test('shutdown() does not wait for ever, neither for a peer nor for a handler of its own', async (t) => {
  const lab = new Lab()
  const osd = lab.subject('osd.0', { limits: { drainTimeoutMs: 300 } })
  osd.messenger.use({ dispatch: () => new Promise<void>(() => undefined) })
  osd.messenger.connect('memory://nobody').send({ type: 1 })
  osd.messenger.loopback.send({ type: 1 })
  await lab.clock.settle()
  const stopped = osd.messenger.shutdown()
  await lab.clock.advance(300)
  await stopped
  t.equal(osd.outcomes.length, 2)
  t.match(osd.outcomes, [{ unknown: [{ type: 1 }] }, { undelivered: [{ type: 1 }] }], 'all is handed back')
})

t.test('events$ survives a careless observer', async (t) => {
  const lab = new Lab()
  const server = lab.messenger('osd.1')
  await server.bind('memory://osd.1')
  const client = lab.messenger('osd.0')
  const seen: string[] = []
  client.events$.subscribe((event) => seen.push(event.type))
  let accepted: Connection | undefined
  server.use({
    onAccept: (connection) => {
      accepted = connection
      throw new Error('careless')
    },
  })
  const connection = client.connect('memory://osd.1')
  const warnings: string[] = []
  const warn = t.capture(process, 'emitWarning', (warning: string | Error) => warnings.push(String(warning)))
  await lab.clock.advance(100)
  warn.restore()
  t.match(warnings, [/osd\.1: a dispatcher failed: Error: careless/])
  t.strictSame([connection.state, accepted?.state], ['open', 'open'])
  t.strictSame(seen, ['connect'])
})

t.test('a client may be lossless while others of its type are not', async (t) => {
  const lab = new Lab()
  const server = lab.subject('mds.0', { policies: { client: losslessServer() } })
  await server.messenger.bind('memory://mds.0')
  const client = lab.subject('client.a', { policies: { default: lossy() } })
  const connection = client.messenger.connect('memory://mds.0', { policy: losslessClient() })
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(100)
  t.equal(connection.policy.kind, 'losslessClient')
  t.strictSame(server.got, [1])
})

t.test('a peer without a link comes back while the other one shuts down, and nothing is lost', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const sim = new Simulation({ seed })
    const server = sim.messenger('osd.0', { policies: { default: losslessServer() } })
    const client = sim.messenger('client.0', { policies: { default: losslessClient() } })
    const atServer: number[] = []
    const atClient: number[] = []
    const lost: string[] = []
    server.use({ dispatch: ({ tid }) => void atServer.push(tid) })
    // The server's goodbye may be faster than the last message to it, which then comes back.
    client.use({
      dispatch: ({ tid }) => void atClient.push(tid),
      onRemoteReset: (_, { unknown }) => void atServer.push(...unknown.map(({ tid }) => tid)),
    })
    for (const one of [server, client]) {
      one.use({ onReset: (_, { undelivered, unknown }) => void lost.push(`${undelivered.length} ${unknown.length}`) })
    }
    await sim.run(async () => {
      const connection = client.connect(await server.bind('sim://osd.0:1'))
      await connection.deliver({ type: 1, tid: 1 })
      const [accepted] = server.connections
      sim.network.cut()
      connection.send({ type: 1, tid: 2 })
      accepted?.send({ type: 1, tid: 3 })
      await server.shutdown()
      await client.shutdown()
    })
    t.strictSame({ atServer, atClient, lost }, { atServer: [1, 2], atClient: [3], lost: [] }, `seed ${seed}`)
    t.ok(sim.clock.nowMs() < 1000, 'it did not wait for the drain timeout')
  }
})

t.test('one name cannot take all places', async (t) => {
  const lab = new Lab()
  const limits = { connectionsMax: 16, connectionsPerNameMax: 4 }
  const server = lab.subject('osd.0', { limits, policies: { default: losslessServer() } })
  await server.messenger.bind('memory://osd.0')
  const greedy = lab.subject('client.1', { policies: { default: losslessClient() } })
  const connections = Array.from({ length: 9 }, () => greedy.messenger.connect('memory://osd.0', { anonymous: true }))
  await lab.clock.settle()
  t.equal(server.messenger.connections.length, 4)
  t.match(connections.at(-1)?.dump().lastFault, /client\.1 has 4 connections here, the limit/)
  const innocent = lab.subject('client.2', { policies: { default: losslessClient() } })
  innocent.messenger.connect('memory://osd.0').send({ type: 1, tid: 7 })
  await lab.clock.settle()
  t.strictSame(server.got, [7], 'others are not touched by that')
})

t.test('a session that carried nothing ends soon when its peer is gone; one that did is kept', async (t) => {
  const lab = new Lab()
  const limits = { tentativeMs: 500 }
  const server = lab.subject('osd.0', { limits, policies: { default: losslessServer({ standbyMs: 60_000 }) } })
  await server.messenger.bind('memory://osd.0')
  const quiet = { backoff: { firstMs: 100_000, maxMs: 100_000, jitter: 0 } }
  for (const name of ['client.1', 'client.2']) {
    const client = lab.subject(name, { policies: { default: losslessClient(quiet) } })
    const connection = client.messenger.connect('memory://osd.0')
    if (name === 'client.2') connection.send({ type: 1, tid: 1 })
  }
  await lab.clock.settle()
  t.equal(server.messenger.connections.length, 2)
  lab.cut()
  await lab.clock.advance(1000)
  t.strictSame(
    server.messenger.connections.map(({ peer }) => peer.name),
    ['client.2'],
  )
})

t.test(
  'many connections of one name hold no more than its budget; others are served, and nothing is lost',
  async (t) => {
    const lab = new Lab()
    const budget = 64 * 1024
    const server = lab.messenger('osd.0', {
      limits: { heldBytesPerNameMax: budget },
      policies: { default: losslessServer() },
    })
    await server.bind('memory://osd.0')
    const held: (() => void)[] = []
    let served = 0
    server.use({
      dispatch: (_message, { peer: { name } }) => {
        served++
        return name === 'client.2' ? undefined : new Promise<void>((resolve) => held.push(resolve))
      },
    })
    const greedy = lab.subject('client.1', { policies: { default: losslessClient() } })
    const connections = Array.from({ length: 8 }, () => greedy.messenger.connect('memory://osd.0', { anonymous: true }))
    await lab.clock.settle()
    for (let round = 0; round < 20; round++) {
      for (const connection of connections) connection.send({ type: 1, data: new Uint8Array(1024) })
      await lab.clock.settle()
    }
    const cost = (): number =>
      server.dump().connections.reduce((sum, dump) => sum + dump.heldBytes + 256 * dump.heldMessages, 0)
    t.ok(
      cost() >= budget && cost() < budget + 8 * 1300,
      `${cost()} of ${budget}: the budget, and what each had under way`,
    )
    const innocent = lab.subject('client.2', { policies: { default: losslessClient() } })
    await Promise.all([
      innocent.messenger.connect('memory://osd.0').deliver({ type: 1, data: new Uint8Array(1024) }),
      lab.clock.advance(100),
    ])
    while (held.length > 0) {
      for (const finish of held.splice(0)) finish()
      await lab.clock.advance(20)
    }
    t.equal(served, 161)
    t.equal(cost(), 0)
  },
)

t.test('a handler that waits for an ack of a peer whose link is not read is not stuck for ever', async (t) => {
  const lab = new Lab()
  const policy = { keepalive: { intervalMs: 1000, timeoutMs: 3000 } } as const
  const limits = { heldBytesPerNameMax: 64 * 1024 }
  const server = lab.subject('osd.0', { limits, policies: { default: losslessServer(policy) } })
  await server.messenger.bind('memory://osd.0')
  let answered = 0
  server.messenger.use({
    dispatch: async (_message, from) => {
      await from.deliver({ type: 2 })
      answered++
    },
  })
  const client = lab.subject('client.1', { policies: { default: losslessClient({ keepalive: false }) } })
  const connection = client.messenger.connect('memory://osd.0')
  await lab.clock.settle()
  for (let count = 0; count < 200; count++) connection.send({ type: 1, data: new Uint8Array(1024) })
  await lab.clock.advance(20_000)
  t.equal(answered, 200)
})
