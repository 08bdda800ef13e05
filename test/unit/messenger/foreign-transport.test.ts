/** That a transport which is not ours may throw anywhere: a link is lost, with a reason, and nothing else. */
import t from 'tap'
import { guardTransport } from '../../../src/messenger/foreign-transport.ts'
import type { Link, LinkClosed, Transport } from '../../../src/transports/transport.ts'
import { FakeLink } from './fakes.ts'
import { Lab } from './lab.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'

const ADDRESS = { scheme: 'odd', host: 'there', port: 0 }

function oddTransport(change: Partial<Transport>): Transport {
  return {
    scheme: 'odd',
    parse: (address) => address,
    listen: () => Promise.reject(new Error('not here')),
    dial: () => new FakeLink(),
    ...change,
  }
}

function broken(what: string): never {
  throw new Error(`${what} is broken`)
}

class BrokenLink extends FakeLink {
  readonly #in: string

  constructor(method: string) {
    super()
    this.#in = method
  }

  override write(chunks: readonly Uint8Array[]): boolean {
    return this.#in === 'write' ? broken('write') : super.write(chunks)
  }
  override pause(): void {
    if (this.#in === 'pause') broken('pause')
  }
  override resume(): void {
    if (this.#in === 'resume') broken('resume')
  }
  override close(): void {
    if (this.#in === 'close') broken('close')
  }
  override reset(): void {
    super.reset()
    if (this.#in === 'reset') broken('reset')
  }
}

t.test('a link that throws has ended: reset, told once, later', (t) => {
  for (const method of ['write', 'pause', 'resume', 'close', 'reset'] as const) {
    const later: (() => void)[] = []
    const inner = new BrokenLink(method)
    const link = guardTransport(oddTransport({ dial: () => inner }), (run) => later.push(run)).dial(ADDRESS)
    const heard: LinkClosed[] = []
    let data = 0
    link.handlers = {
      opened: () => undefined,
      data: () => data++,
      writable: () => undefined,
      closed: (end) => void heard.push(end),
    }
    if (method === 'write') t.notOk(link.write([Uint8Array.of(1)]), 'it takes no more')
    else link[method]()
    t.strictSame(heard, [], `${method}: never inside the call`)
    t.ok(inner.calls.includes('reset'), `${method}: what it holds is let go`)
    for (const run of later) run()
    inner.handlers.data(Uint8Array.of(1))
    inner.ends('local')
    link.reset()
    t.equal(data, 0)
    t.match(heard, [{ end: 'reset', message: `the transport odd failed in ${method}(): ${method} is broken` }])
    t.equal(heard.length, 1)
  }
  t.end()
})

t.test('a dial or a listener that cannot be used says so', async (t) => {
  const guarded = (change: Partial<Transport>): Transport => guardTransport(oddTransport(change), (run) => run())
  t.throws(() => guarded({ dial: () => ({}) as Link }).dial(ADDRESS), /odd gave an object where a link with write\(\)/)
  t.throws(() => guarded({ dial: () => null as unknown as Link }).dial(ADDRESS), /gave null/)
  const listening = (change: Partial<Transport>): Promise<unknown> => guarded(change).listen(ADDRESS, () => undefined)
  const code = 'INK_BIND_FAILED'
  await t.rejects(listening({}), { code, message: /odd cannot listen: not here/ })
  await t.rejects(listening({ listen: () => broken('listen') }), { code, message: /listen is broken/ })
  await t.rejects(listening({ listen: () => Promise.resolve({} as never) }), { code, message: /a listener/ })
  const address = ADDRESS
  const listener = await guarded({
    listen: () => Promise.resolve({ address, close: () => broken('close') }),
  }).listen(ADDRESS, () => undefined)
  await t.rejects(listener.close(), /close is broken/, 'a promise also where the close throws at once')
})

t.test('a messenger goes on dialling with a transport that throws, and is shut down with it', async (t) => {
  const lab = new Lab()
  const osd = lab.subject('osd.0', { policies: { default: losslessServer() } })
  await osd.messenger.bind('memory://osd.0')
  let dials = 0
  const sometimes: Transport = {
    ...lab.hub,
    dial: (address) => {
      if (++dials === 1) broken('dial')
      if (dials === 2) return new BrokenLink('write')
      return lab.hub.dial(address)
    },
    listen: async (address, onLink, options) => {
      const listener = await lab.hub.listen(address, onLink, options)
      return { address: listener.address, close: () => broken('close') }
    },
  }
  const client = lab.subject('client.1', { policies: { default: losslessClient() }, transports: [sometimes] })
  await client.messenger.bind('memory://client.1')
  const connection = client.messenger.connect('memory://osd.0')
  const { state } = connection
  t.equal(state, 'backoff', 'the first dial threw')
  t.ok(connection.send({ type: 1, tid: 1 }))
  await lab.clock.advance(10_000)
  t.ok(dials >= 3)
  t.equal(connection.state, 'open')
  const reasons = client.events.flatMap((event) => (event.type === 'fault' ? [event.reason] : []))
  t.match(reasons.join(), /the transport memory failed in write\(\): write is broken/)
  connection.markDown()
  const over = Promise.all([client.messenger.shutdown(), osd.messenger.shutdown()])
  await lab.clock.advance(60_000)
  t.equal((await over).length, 2, 'also where a listener does not close')
})

t.test('what a link says of its peer is asked under the guard, and only true is a yes', (t) => {
  const withPeer = (get: () => Link['peer']): Link => Object.defineProperty(new FakeLink(), 'peer', { get })
  const peerOf = (get: () => Link['peer']): Link['peer'] =>
    guardTransport(oddTransport({ dial: () => withPeer(get) }), (run) => run()).dial(ADDRESS).peer
  t.equal(
    peerOf(() => broken('peer')),
    undefined,
  )
  t.equal(
    peerOf(() => undefined),
    undefined,
  )
  const answers: unknown[] = [true, false, 1, Promise.resolve(true)]
  const peer = peerOf(() => ({
    principal: 'somebody',
    binding: Uint8Array.of(7),
    speaksFor: () => (answers.length > 0 ? (answers.shift() as boolean) : broken('speaksFor')),
  }))
  t.match(peer, { principal: 'somebody', binding: Uint8Array.of(7) })
  t.strictSame(
    [1, 2, 3, 4, 5].map(() => peer?.speaksFor('osd.0')),
    [true, false, false, false, false],
  )
  t.end()
})
