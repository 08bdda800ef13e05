/** The proxy of the scenario tests does what its controls say. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { startProxy, type ProxyOptions, type TcpProxy } from './tcp-proxy.ts'

/** Somebody who dialled through the proxy, and who was dialled. */
interface Scene {
  readonly server: Server
  readonly proxy: TcpProxy
  readonly client: Socket
  readonly target: Socket
}

async function scene(t: Test, options?: ProxyOptions): Promise<Scene> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await startProxy((server.address() as AddressInfo).port, options)
  t.teardown(async () => {
    server.close()
    await proxy.close()
  })
  const [client, target] = await dialled(t, proxy, server)
  return { server, proxy, client, target }
}

/** Both ends of a new link through the proxy. */
async function dialled(t: Test, proxy: TcpProxy, server: Server): Promise<[client: Socket, target: Socket]> {
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  const [target] = (await once(server, 'connection')) as [Socket]
  for (const socket of [client, target]) {
    socket.on('error', () => {})
    t.teardown(() => void socket.destroy())
  }
  return [client, target]
}

/** Reads until so many bytes have come. */
function read(socket: Socket, bytes: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      const all = Buffer.concat(chunks)
      if (all.length < bytes) return
      socket.off('data', onData)
      resolve(all)
    }
    socket.on('data', onData)
  })
}

/** Reads until nothing more can come: libuv tells a reset behind unread data as 'end'. */
function over(socket: Socket): Promise<void> {
  socket.resume()
  return new Promise((resolve) => socket.once('end', resolve).once('close', () => resolve()))
}

t.test('forwards bytes and half-closes, both ways', async (t) => {
  const { proxy, client, target } = await scene(t)
  const big = Buffer.alloc(5_000_000, 'x')
  client.end(big)
  const ended = once(target, 'end')
  t.ok((await read(target, big.length)).equals(big))
  await ended
  const closed = Promise.all([once(client, 'close'), once(target, 'close')])
  target.end('answer')
  t.equal(String(await read(client, 6)), 'answer')
  await closed
  t.equal(proxy.accepted, 1)
  t.equal(proxy.cuts, 0)
})

t.test('cutAll resets both sides, and counts', async (t) => {
  const { proxy, client, target } = await scene(t)
  const errors = Promise.all([once(client, 'error'), once(target, 'error')])
  t.equal(proxy.links, 1)
  t.equal(proxy.cutAll(), 1)
  t.match(await errors, [[{ code: 'ECONNRESET' }], [{ code: 'ECONNRESET' }]])
  t.equal(proxy.links, 0)
  t.equal(proxy.cuts, 1)
})

t.test('cutAfter lets exactly so many bytes pass', async (t) => {
  const { proxy, client, target } = await scene(t)
  let seen = ''
  target.on('data', (chunk) => (seen += chunk.toString()))
  proxy.cutAfter(5)
  client.write('0123456789')
  await over(target)
  t.equal(seen, '01234')
  t.equal(proxy.cuts, 1)
})

t.test('cutEvery cuts again and again by what has passed, until it is stopped', async (t) => {
  const { proxy, server, client, target } = await scene(t)
  const stop = proxy.cutEvery(10, 7)
  client.write('at most fifteen bytes pass')
  await Promise.all([over(client), over(target)])
  t.equal(proxy.cuts, 1)
  const [second] = await dialled(t, proxy, server)
  second.write('and no more on the next link')
  await over(second)
  t.equal(proxy.cuts, 2)
  stop()
  const [third, last] = await dialled(t, proxy, server)
  third.write('this one comes whole')
  t.equal(String(await read(last, 20)), 'this one comes whole')
  t.equal(proxy.cuts, 2)
})

t.test('a black hole holds bytes, FINs and RSTs back, and heals in order', async (t) => {
  const { proxy, client, target } = await scene(t)
  proxy.blackhole()
  client.end('held')
  let came = false
  target.on('readable', () => (came = true))
  // A second proxy link through the same event loop shows that bytes would have come by now.
  const other = await scene(t)
  other.client.write('x')
  await read(other.target, 1)
  t.notOk(came)
  target.removeAllListeners('readable')
  const ended = once(target, 'end')
  proxy.heal()
  t.equal(String(await read(target, 4)), 'held')
  await ended
})

t.test('a black hole may have a direction', async (t) => {
  const { client, target } = await scene(t, { blackhole: 'toTarget' })
  client.write('lost')
  target.write('found')
  t.equal(String(await read(client, 5)), 'found')
  t.equal(target.bytesRead, 0)
})

t.test('dribble passes one byte at a time', async (t) => {
  const { proxy, client, target } = await scene(t, { dribble: true })
  client.write('abcdefgh')
  t.equal(String(await read(target, 8)), 'abcdefgh')
  proxy.dribble(false)
  client.write('rest')
  t.equal(String(await read(target, 4)), 'rest')
})

t.test('delay keeps bytes back for a time', async (t) => {
  const { client, target } = await scene(t, { delayMs: 30 })
  const start = performance.now()
  client.end('later')
  t.equal(String(await read(target, 5)), 'later')
  t.ok(performance.now() - start >= 29)
})

t.test('refuse and accept', async (t) => {
  const { proxy, client, target } = await scene(t)
  proxy.refuse()
  const refused = connect(proxy.port, '127.0.0.1')
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNREFUSED')
  client.write('still here')
  t.equal(String(await read(target, 10)), 'still here')
  await proxy.accept()
  const accepted = connect(proxy.port, '127.0.0.1')
  await once(accepted, 'connect')
  accepted.destroy()
})

t.test('a link that is cut while the proxy sends a FIN is gone all the same', async (t) => {
  const { proxy, client } = await scene(t, { delayMs: 20 })
  client.end()
  await once(client, 'finish')
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
  const start = performance.now()
  proxy.blackhole('toTarget')
  while (performance.now() < start + 40) await new Promise(setImmediate)
  // Passes the FIN on at once.
  proxy.heal()
  await proxy.close()
  t.equal(proxy.links, 0)
})
