/** A peer of several addresses, on real sockets: some are dead, silent, or somebody else's, and names stand for many. */
import dns from 'node:dns'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { losslessClient, losslessServer, Messenger, tcp } from '../../src/index.ts'
import { heldPort } from '../support/held-port.ts'
import { missingSecondLoopback } from '../support/hosts.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until, within } from '../support/until.ts'

/** Longer than any test waits: whoever waits for a silent place as for the only one has failed. */
const PATIENT = { backoff: { firstMs: 1, maxMs: 1 }, connectTimeoutMs: 300_000 } as const

function messenger(t: Test, name: string, client = false): Messenger {
  const made = new Messenger({
    name,
    transports: [tcp()],
    policies: { default: client ? losslessClient(PATIENT) : losslessServer() },
  })
  made.use({ dispatch: () => undefined })
  t.teardown(() => made.shutdown())
  return made
}

/** A port where nobody listens, one that takes links and says nothing, and one where somebody else is. */
async function wrongPlaces(t: Test): Promise<Record<'dead' | 'silent' | 'stranger', string>> {
  const server = createServer((socket) => socket.on('error', () => undefined))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => void server.close())
  const { port } = server.address() as AddressInfo
  const stranger = await messenger(t, 'osd.9').bind('tcp://127.0.0.1:0')
  return { dead: `tcp://127.0.0.1:${await heldPort(t)}`, silent: `tcp://127.0.0.1:${port}`, stranger }
}

t.test('each place is tried at once, until one leads to the peer; nobody hears of the others', async (t) => {
  const places = await wrongPlaces(t)
  const osd = messenger(t, 'osd.0')
  const client = messenger(t, 'client.1', true)
  const here = await osd.bind('tcp://127.0.0.1:0')
  const connection = client.connect([places.dead, places.silent, places.stranger, here], { name: 'osd.0' })
  await within('the last of four places', connection.deliver({ type: 1 }))
  t.match(connection.path, { address: here })
  t.equal(client.connect(places.dead, { name: 'osd.0' }), connection, 'the same peer is the same connection')
  t.equal(client.connect([here]), connection)
})

t.test('a session comes back at another address of its peer, with all that was sent', async (t) => {
  const osd = messenger(t, 'osd.0')
  const client = messenger(t, 'client.1', true)
  const port = Number((await osd.bind('tcp://127.0.0.1:0')).split(':').at(-1))
  const networks = [await startProxy(port), await startProxy(port)] as const
  t.teardown(() => Promise.all(networks.map((network) => network.close())))
  const connection = client.connect(networks.map((network) => `tcp://127.0.0.1:${network.port}`))
  await connection.deliver({ type: 1 })
  networks[0].blackhole()
  const waiting = connection.deliver({ type: 2, data: 'on its way' })
  networks[0].refuse()
  networks[0].cutAll()
  await within('the message that was on its way', waiting)
  t.match(connection.path, { address: `tcp://127.0.0.1:${networks[1].port}` })
  t.match(connection.dump().counters, { sessions: 1, resumes: 1 })
})

t.test('refused everywhere, the caller is told once', async (t) => {
  const { dead, stranger } = await wrongPlaces(t)
  const client = messenger(t, 'client.1', true)
  const told: string[] = []
  client.use({ onRefused: (_connection, error) => void told.push(error.code) })
  const connection = client.connect([stranger, dead], { name: 'osd.0' })
  await until('a round, and another one', () => connection.dump().failures > 2)
  t.equal(told.filter((code) => code === 'INK_CONNECTION_REFUSED').length, 1)
  const other = client.connect([stranger], { name: 'osd.1' })
  await t.rejects(other.opened(), { code: 'INK_WRONG_PEER' }, 'where there is no other place, that is the end')
})

const skip = missingSecondLoopback
t.test('a host name stands for several addresses, and each of them is dialled', { skip }, async (t) => {
  const records = ['127.0.0.1', '127.0.0.2']
  const { lookup } = dns
  const answer = records.map((address) => ({ address, family: 4 }))
  t.intercept(dns, 'lookup', {
    value: ((host: string, options: object, done: (error: null, found: unknown) => void) => {
      if (host !== 'osd.example') lookup(host, options, done as never)
      else done(null, answer)
    }) as never,
  })
  t.intercept(dns.promises, 'lookup', { value: (() => Promise.resolve(answer)) as never })
  const client = messenger(t, 'client.1', true)
  const osd = messenger(t, 'osd.0')
  const port = Number((await osd.bind('tcp://127.0.0.2:0')).split(':').at(-1))
  await t.test('where the first one is dead, within one dial', async (t) => {
    const connection = client.connect(`tcp://osd.example:${port}`)
    await within('the second address', connection.deliver({ type: 1 }))
    t.equal(connection.dump().failures, 0)
    await connection.close()
  })
  await t.test('where somebody else is at the first one, by the next dials', async (t) => {
    await messenger(t, 'osd.9').bind(`tcp://127.0.0.1:${port}`)
    const connection = client.connect(`tcp://osd.example:${port}`, { name: 'osd.0' })
    await within('the second address', connection.deliver({ type: 1 }))
    t.match(connection.path, { address: `tcp://127.0.0.2:${port}` })
  })
})

t.test('what is no list of addresses is said at once', (t) => {
  const client = messenger(t, 'client.1', true)
  const many = Array.from({ length: 17 }, (_, index) => `tcp://127.0.0.1:${index + 1}`)
  for (const wrong of [[], many, ['tcp://127.0.0.1:1', 'nowhere'], [1], ['tcp://0.0.0.0:1']] as never[])
    t.throws(() => client.connect(wrong), { code: 'INK_BAD_ADDRESS' })
  t.equal(client.connections.length, 0)
  t.end()
})
