import { Server } from 'node:net'
import t, { type Test } from 'tap'
import { parseAddress } from '../../../src/transports/address.ts'
import { tcp } from '../../../src/transports/tcp.ts'
import type { Link } from '../../../src/transports/transport.ts'
import { Arena, bytesOf, End } from '../../../src/testing/conformance/transport-arena.ts'
import { heldPort } from '../../support/held-port.ts'
import { missingIPv6 } from '../../support/hosts.ts'

const arenaOf = (address: string): Arena => new Arena(tcp(), () => address)

/** Every server that listens from now on, also seen just before it does. */
function interceptListen(t: Test, see: (server: Server) => void): Server[] {
  const servers: Server[] = []
  const listen = Reflect.get(Server.prototype, 'listen') as (this: Server, ...args: unknown[]) => Server
  t.intercept(Server.prototype, 'listen', {
    value(this: Server, ...args: unknown[]) {
      servers.push(this)
      see(this)
      return Reflect.apply(listen, this, args)
    },
  })
  return servers
}

t.test('the host may not allow it', async (t) => {
  const foreign = arenaOf('tcp://192.0.2.1:0').listen()
  await t.rejects(foreign, { code: 'INK_BIND_FAILED', message: /192\.0\.2\.1/, cause: { code: 'EADDRNOTAVAIL' } })
})

t.test('aborting while it begins', async (t) => {
  const arena = arenaOf('tcp://127.0.0.1:0')
  const address = parseAddress(`tcp://127.0.0.1:${await heldPort(t)}`)
  const controller = new AbortController()
  const listening = tcp().listen(address, () => {}, { signal: controller.signal })
  controller.abort(new Error('changed my mind'))
  await t.rejects(listening, { code: 'INK_ABORTED', cause: { message: 'changed my mind' } })
  await arena.listen(address)
  await arena.clear()
})

t.test('a signal that fires later changes nothing', async (t) => {
  const controller = new AbortController()
  const { signal } = controller
  const arena = arenaOf('tcp://127.0.0.1:0')
  const links: End[] = []
  const onLink = (link: Link): number => links.push(new End(link))
  const listener = await tcp().listen(parseAddress('tcp://127.0.0.1:0'), onLink, { signal })
  controller.abort()
  const dialled = arena.dial(listener.address)
  await dialled.opened()
  dialled.link.close()
  await dialled.closed
  t.equal(links.length, 1)
  await listener.close()
})

t.test(
  'IPv4 reaches a listener on every interface, and has its IPv4 address there',
  { skip: missingIPv6 },
  async (t) => {
    const arena = arenaOf('tcp://[::]:0')
    const listener = await arena.listen()
    t.equal(listener.address.host, '::')
    arena.dial({ scheme: 'tcp', host: '127.0.0.1', port: listener.address.port })
    const accepted = await arena.accepted()
    t.match(accepted.link.remoteAddress, /^tcp:\/\/127\.0\.0\.1:\d+$/)
    t.match(accepted.link.localAddress, /^tcp:\/\/127\.0\.0\.1:\d+$/)
    await arena.clear()
  },
)

t.test('an error of accepting costs one connection, not the listener', async (t) => {
  const servers = interceptListen(t, () => {})
  const arena = arenaOf('tcp://127.0.0.1:0')
  const listener = await arena.listen()
  servers[0]!.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
  const dialled = arena.dial(listener.address)
  dialled.link.write([bytesOf('hello')])
  await (await arena.accepted()).received(5)
  await arena.clear()
})

t.test('a connection that fails while it is accepted makes no link', async (t) => {
  const servers = interceptListen(t, () => {})
  const arena = arenaOf('tcp://127.0.0.1:0')
  const listener = await arena.listen()
  const handle = Reflect.get(servers[0]!, '_handle') as { onconnection(status: number, handle?: object): void }
  handle.onconnection(-24)
  arena.dial(listener.address).link.write([bytesOf('hello')])
  await (await arena.accepted()).received(5)
  await arena.clear()
})

t.test('what could not be accepted is told, with why', async (t) => {
  const servers = interceptListen(t, () => {})
  const missed: string[] = []
  const listener = await tcp().listen(parseAddress('tcp://127.0.0.1:0'), () => {}, {
    onMissed: (reason) => missed.push(reason),
  })
  const handle = Reflect.get(servers[0]!, '_handle') as { onconnection(status: number, handle?: object): void }
  handle.onconnection(-24)
  t.match(missed, [/could not be accepted: accept EMFILE/])
  await listener.close()
})

t.test('on a runtime whose servers have no handles their sockets are taken', async (t) => {
  // Hidden from the one who looks first.
  interceptListen(t, (server) => {
    let handle: unknown = Reflect.get(server, '_handle')
    let looks = 0
    const get = (): unknown => (++looks === 1 ? null : handle)
    const set = (value: unknown): void => void (handle = value)
    server.prependOnceListener('listening', () => {
      handle = Reflect.get(server, '_handle')
      Object.defineProperty(server, '_handle', { configurable: true, get, set })
    })
  })
  const { dialled, accepted, listener } = await arenaOf('tcp://127.0.0.1:0').pair()
  dialled.link.write([bytesOf('hello')])
  await accepted.received(5)
  accepted.link.write([bytesOf('world')])
  await dialled.received(5)
  accepted.link.close()
  await Promise.all([dialled.closed, accepted.closed, listener.close()])
})

t.test('on a runtime whose handles cannot read into our memory its own sockets are taken', async (t) => {
  interceptListen(t, (server) => {
    server.prependOnceListener('listening', () => {
      type Take = (this: unknown, status: number, connection?: object) => void
      const listening = Reflect.get(server, '_handle') as { onconnection: Take }
      let take = listening.onconnection
      const get = (): Take => {
        const now = take
        return function (status, connection) {
          Object.defineProperty(connection, 'useUserBuffer', { value: undefined })
          now.call(this, status, connection)
        }
      }
      const set = (replaced: Take): void => void (take = replaced)
      Object.defineProperty(listening, 'onconnection', { get, set })
    })
  })
  const { dialled, accepted, listener } = await arenaOf('tcp://127.0.0.1:0').pair()
  dialled.link.write([bytesOf('hello')])
  await accepted.received(5)
  accepted.link.reset()
  await Promise.all([dialled.closed, accepted.closed, listener.close()])
})

t.test('a closed listener lets the process end once its links are over', async (t) => {
  const arena = arenaOf('tcp://127.0.0.1:0')
  const { dialled, accepted, listener } = await arena.pair()
  await listener.close()
  dialled.link.close()
  await Promise.all([dialled.closed, accepted.closed])
  const left = process.getActiveResourcesInfo().filter((resource) => /^TCP/.test(resource))
  t.same(left, [])
})
