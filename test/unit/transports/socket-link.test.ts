/** What only a link over a socket can meet: peers that are no links, sockets without a handle, the kernel's errors. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { linkEndOf } from '../../../src/transports/socket-errors.ts'
import type { SocketKind } from '../../../src/transports/socket-kind.ts'
import { SocketLink } from '../../../src/transports/socket-link.ts'
import { tcpDial, tcpKind, type TcpSettings } from '../../../src/transports/tcp-socket.ts'
import { Poller } from '../../../src/transports/poller.ts'
import { tcp } from '../../../src/transports/tcp.ts'
import { Arena, bytesOf, End, pattern } from '../../../src/testing/conformance/transport-arena.ts'

const settings: TcpSettings = {
  noDelay: true,
  keepAliveMs: 0,
  backlog: 10,
  highWaterBytes: 65_536,
  closeTimeoutMs: 5000,
  poller: null,
}

/** A link, and at its other end a raw socket that does what the test says. */
async function link(
  t: Test,
  overrides?: Partial<TcpSettings>,
  kind: Partial<SocketKind> = {},
): Promise<{ end: End; peer: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepting = once(server, 'connection')
  const route = { host: '127.0.0.1', port: portOf(server) }
  const itsKind = { ...tcpKind(settings), ...kind }
  const end = new End(new SocketLink({ ...settings, ...overrides }, itsKind, tcpDial(route)))
  const [peer] = (await accepting) as [Socket]
  peer.on('error', () => {})
  await end.opened()
  t.teardown(async () => {
    end.link.reset()
    peer.destroy()
    server.close()
    await end.closed
  })
  return { end, peer }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

t.test('a kind of socket may ask for room once the kernel has taken a write in part, and once only', async (t) => {
  let asked = 0
  const { end, peer } = await link(t, {}, { widen: () => asked++ })
  peer.pause()
  end.link.write([bytesOf('small')])
  t.equal(asked, 0, 'this one went as a whole')
  const more = pattern(0, 16 * 1024 * 1024)
  end.link.write([more])
  end.link.write([more])
  t.equal(asked, 1)
})

t.test('the poller of the thread hears of what a link reads, and of nothing once it ends', async (t) => {
  let asked = 0
  const poller = new Poller({
    monotonicMs: () => ++asked * 1000,
    nextTurn: () => {},
    usage: () => ({ cpuMs: 0, taken: 0 }),
  })
  const { end, peer } = await link(t, { poller })
  peer.write('one')
  await end.received(3)
  t.equal(asked, 1)
  end.link.close()
  peer.end('two')
  await end.closed
  t.equal(asked, 1)
})

t.test(
  'bytes are read to where their owner wants them, as much as fits, and elsewhere when it wants nothing',
  async (t) => {
    const { end, peer } = await link(t)
    const room = new Uint8Array(2)
    const wishes: (Uint8Array | null)[] = [room, null]
    const placed: boolean[] = []
    end.link.handlers.room = () => wishes.shift() ?? null
    end.onData = (chunk) => placed.push(chunk.buffer === room.buffer)
    peer.write('1')
    await end.received(1)
    peer.write('2345')
    await end.received(5)
    t.equal(end.text, '12345')
    t.strictSame(placed, [false, true, false])
    t.equal(Buffer.from(room).toString(), '23')
  },
)

t.test('what is buffered still reaches a peer that has said FIN and reads on', async (t) => {
  const { end, peer } = await link(t)
  peer.pause()
  const sent = end.fill()
  peer.end('bye')
  await end.received(3)
  t.equal(end.text, 'bye')
  let received = 0
  peer.on('data', (chunk) => (received += chunk.length))
  peer.resume()
  t.match(await end.closed, { end: 'remote' })
  if (!peer.readableEnded) await once(peer, 'end')
  t.equal(received, sent)
})

t.test('chunks arrive in order whether they are joined or gathered', async (t) => {
  const { end, peer } = await link(t)
  const parts: Buffer[] = []
  peer.on('data', (chunk: Buffer) => parts.push(chunk))
  const flights = [4095, 4096, 4097].map((bytes) => {
    const whole = pattern(0, bytes, bytes)
    return [whole.subarray(0, 7), new Uint8Array(0), whole.subarray(7, 4000), whole.subarray(4000)]
  })
  for (const flight of flights) end.link.write(flight)
  end.link.close()
  if (!peer.readableEnded) await once(peer, 'end')
  t.ok(Buffer.concat(parts).equals(Buffer.concat(flights.flat())))
  peer.end()
})

t.test('after the FIN of the peer nothing more can be written', async (t) => {
  const { end, peer } = await link(t)
  peer.end()
  await end.closed
  t.equal(end.link.write([bytesOf('late')]), false)
  t.same(end.events, ['opened', 'closed'])
})

t.test('close does not wait for ever for a peer that never closes', async (t) => {
  const { end, peer } = await link(t, { closeTimeoutMs: 20 })
  end.link.write([bytesOf('last words')])
  // Before the time runs: the reset that ends it takes back what was not read.
  t.equal(String((await once(peer, 'data')).at(0)), 'last words')
  end.link.close()
  t.match(await end.closed, { end: 'local' })
  peer.write('anybody there?')
  t.match(await once(peer, 'error'), [{ code: /^(EPIPE|ECONNRESET)$/ }])
})

t.test('a peer that said FIN and takes nothing is given up', async (t) => {
  const { end, peer } = await link(t, { closeTimeoutMs: 20 })
  peer.pause()
  end.fill()
  peer.end()
  t.match(await end.closed, { end: 'remote' })
  t.equal(end.link.bufferedBytes, 0)
})

t.test('a reset is a reset, also behind unread data', async (t) => {
  const plain = await link(t)
  plain.peer.resetAndDestroy()
  t.match(await plain.end.closed, { end: 'reset', cause: { code: 'ECONNRESET' } })
  const behind = await link(t)
  behind.end.link.pause()
  behind.peer.write('unread', () => behind.peer.resetAndDestroy())
  await once(behind.peer, 'close')
  behind.end.link.resume()
  t.match(await behind.end.closed, { end: 'reset' })
  t.equal(behind.end.text, 'unread')
})

t.test('reset at any moment of close ends the link', async (t) => {
  const microtask = () => new Promise<void>((resolve) => queueMicrotask(resolve))
  const tick = () => new Promise<void>((resolve) => process.nextTick(resolve))
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  for (const wait of [microtask, tick, turn]) {
    for (const bytes of [0, 1, 10_000_000]) {
      const { end } = await link(t)
      if (bytes > 0) end.link.write([pattern(0, bytes)])
      end.link.close()
      await wait()
      end.link.reset()
      t.match(await end.closed, { end: 'local' })
    }
  }
})

t.test('an accepted socket without a handle falls back to data events', async (t) => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepting = once(server, 'connection')
  const peer = connect(portOf(server), '127.0.0.1')
  const [accepted] = (await accepting) as [Socket]
  const handle: unknown = Reflect.get(accepted, '_handle')
  // Hidden while the link looks at it, as on a runtime that has none.
  Object.assign(accepted, { _handle: null })
  const link = new SocketLink(settings, tcpKind(settings), { accepted })
  Object.assign(accepted, { _handle: handle })
  link.pause()
  link.resume()
  const end = new End(link)
  peer.write('hello')
  await end.received(5)
  t.equal(end.text, 'hello')
  end.link.write([bytesOf('world')])
  t.equal(String((await once(peer, 'data')).at(0)), 'world')
  peer.end()
  t.match(await end.closed, { end: 'remote' })
  server.close()
})

t.test('links of one thread receive through one buffer', async (t) => {
  const arena = new Arena(tcp(), () => 'tcp://127.0.0.1:0')
  const buffers = new Set<ArrayBufferLike>()
  for (let count = 0; count < 3; count++) {
    const { dialled, accepted } = await arena.pair()
    for (const end of [dialled, accepted]) end.onData = (chunk) => buffers.add(chunk.buffer)
    dialled.link.write([bytesOf('there')])
    accepted.link.write([bytesOf('back')])
    await Promise.all([accepted.received(5), dialled.received(4)])
  }
  t.equal(buffers.size, 1)
  await arena.clear()
})

t.test('a name is resolved by the dial', async (t) => {
  const arena = new Arena(tcp(), () => 'tcp://127.0.0.1:0')
  const listener = await arena.listen()
  const route = { host: 'localhost', port: listener.address.port, family: 4 as const }
  const end = new End(new SocketLink(settings, tcpKind(settings), tcpDial(route)))
  await end.opened()
  t.equal(end.link.remoteAddress, `tcp://127.0.0.1:${listener.address.port}`)
  end.link.reset()
  await end.closed
  await arena.clear()
})

t.test('what the errors of sockets mean', async (t) => {
  const error = (code: string) => Object.assign(new Error(`connect ${code}`), { code })
  for (const [code, dialling, open] of [
    ['ECONNREFUSED', 'refused', 'refused'],
    ['EHOSTUNREACH', 'unreachable', 'reset'],
    ['ENETUNREACH', 'unreachable', 'reset'],
    ['ETIMEDOUT', 'unreachable', 'reset'],
    ['ENOTFOUND', 'unreachable', 'reset'],
    ['EAI_AGAIN', 'unreachable', 'reset'],
    ['ECONNRESET', 'reset', 'reset'],
    ['EPIPE', 'reset', 'reset'],
    ['EMFILE', 'failed', 'failed'],
  ] as const) {
    t.equal(linkEndOf(error(code), false).end, dialling, code)
    t.equal(linkEndOf(error(code), true).end, open, code)
    t.match(linkEndOf(error(code), true).message, code)
  }
  t.match(linkEndOf(Object.assign(new Error(''), { code: 'ECONNREFUSED' }), false).message, /ECONNREFUSED/)
  t.equal(linkEndOf('odd', false).end, 'failed')
})
