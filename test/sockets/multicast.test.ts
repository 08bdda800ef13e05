/** UDP multicast on the loopback interface: two processes' worth of messengers find each other, whatever else is said there. */
import { createSocket } from 'node:dgram'
import { promisify } from 'node:util'
import t from 'tap'
import { discovery, multicast, type PeerRecord } from '../../src/discovery/index.ts'
import { Messenger, peer } from '../../src/index.ts'
import { until } from '../support/until.ts'

const GROUP = '239.255.73.78'
const LOOPBACK = '127.0.0.1'

/** So often it is said before nobody is expected to hear it. */
const TRIES = 500

/** A port on which what is said to all comes back; else why this host has no multicast on its loopback interface. */
async function freePort(): Promise<{ readonly port: number } | { readonly reason: string }> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(0, resolve)
    })
    socket.addMembership(GROUP, LOOPBACK)
    socket.setMulticastInterface(LOOPBACK)
    const { port } = socket.address()
    let heard = 0
    socket.on('message', () => heard++)
    for (let count = 0; count < TRIES && heard === 0; count++) {
      await promisify<string, number, string>(socket.send.bind(socket))('are you there?', port, GROUP)
      await new Promise(setImmediate)
    }
    return heard > 0 ? { port } : { reason: 'nothing comes back' }
  } catch (thrown) {
    return { reason: String(thrown) }
  } finally {
    socket.close()
  }
}

const place = await freePort()
const skip = 'reason' in place ? `no multicast on the loopback interface: ${place.reason}` : false
const port = 'port' in place ? place.port : 0

t.test('two find each other by multicast, junk is nothing, and who is silent is gone', { skip }, async (t) => {
  const settings = { group: GROUP, port, interface: LOOPBACK, ttlMs: 600 }
  const start = (name: string): Messenger =>
    new Messenger({
      name,
      policies: { default: peer() },
      discovery: discovery({ lookups: [multicast(settings)] }),
    })
  const [one, other] = [start('osd.0'), start('osd.1')]
  await one.bind('tcp://127.0.0.1:0')
  await other.bind('tcp://127.0.0.1:0')
  const connection = await one.connect({ name: 'osd.1' })
  await connection.opened()
  t.equal(connection.peer.instance, other.instance)

  const watcher = new Messenger({ name: 'client.1', policies: { default: peer() } })
  const told: string[] = []
  const found = discovery(watcher, { lookups: [multicast(settings)] })
  const tell = (what: string) => (record: PeerRecord) => void told.push(`${what} ${record.name}`)
  found.watch({ type: 'osd' }, { found: tell('found'), lost: tell('lost') })
  const stranger = createSocket('udp4')
  stranger.bind(0, LOOPBACK, () => stranger.setMulticastInterface(LOOPBACK))
  await new Promise((resolve) => stranger.once('listening', resolve))
  const forged = JSON.stringify({ name: 'osd.9', addresses: 'nowhere' })
  for (const junk of ['', 'x', 'inkwire discovery 1\n', 'inkwire discovery 1\n{', `inkwire discovery 1\n${forged}`])
    stranger.send(junk, port, GROUP)
  stranger.send(Buffer.concat([Buffer.from('inkwire discovery 1\n'), Buffer.alloc(20_000, 0x20)]), port, GROUP)
  await until('both are found', () => told.length === 2)
  await other.close()
  await until('one is silent, and lost', () => told.includes('lost osd.1'))
  t.strictSame(told.slice(0, 2).sort(), ['found osd.0', 'found osd.1'])
  stranger.close()
  await Promise.all([one.close(), watcher.close()])
})

t.test('wrong use is told at once', (t) => {
  t.throws(() => multicast({ group: '10.0.0.1' }), { code: 'INK_BAD_OPTION' })
  t.throws(() => multicast({ interface: 'eth0' }), { code: 'INK_BAD_OPTION' })
  t.throws(() => multicast({ port: 0 }), { code: 'INK_BAD_OPTION' })
  t.end()
})
