/** What only TLS links have: certificates that are believed or not, tickets, and bytes that only both ends know. */
import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { Arena, bytesOf, End } from '../../../src/testing/conformance/transport-arena.ts'
import { parseAddress } from '../../../src/transports/address.ts'
import { SocketLink } from '../../../src/transports/socket-link.ts'
import {
  makeCredentials,
  tlsSettings,
  type TlsCertificates,
  type TlsOptions,
} from '../../../src/transports/tls-options.ts'
import { decodeRefusal, encodeRefusal } from '../../../src/transports/tls-refusal.ts'
import { tlsDial, tlsKind } from '../../../src/transports/tls-socket.ts'
import { TlsTickets } from '../../../src/transports/tls-tickets.ts'
import { tls, type TlsTransport } from '../../../src/transports/tls.ts'
import type { Listener } from '../../../src/transports/transport.ts'
import { Authority, type Certificate, type CertificateWish } from '../../support/certificates.ts'
import { until } from '../../support/until.ts'

const DAY_MS = 86_400_000
const authority = new Authority()
const stranger = new Authority('somebody else')
const osd = shown({ name: 'osd.0' })
const client = shown({ name: 'client.a' })

function shown(wish: CertificateWish, by = authority): TlsCertificates {
  const { cert, key } = by.issue(wish)
  return { cert, key, ca: authority.cert }
}

interface Server {
  readonly transport: TlsTransport
  readonly listener: Listener
  readonly ends: End[]
  /** What did not become a link, and why. */
  readonly missed: string[]
}

async function serve(t: Test, options: TlsOptions): Promise<Server> {
  const transport = tls(options)
  const [ends, missed]: [End[], string[]] = [[], []]
  const listener = await transport.listen(parseAddress('tls://127.0.0.1:0'), (link) => ends.push(new End(link)), {
    onMissed: (reason) => missed.push(reason),
  })
  t.teardown(async () => {
    for (const { link } of ends) link.reset()
    await Promise.all(ends.map(({ closed }) => closed))
    await listener.close()
  })
  return { transport, listener, ends, missed }
}

function dial(t: Test, { listener }: Pick<Server, 'listener'>, options: TlsOptions): End {
  const end = new End(tls(options).dial(listener.address))
  t.teardown(async () => {
    end.link.reset()
    await end.closed
  })
  return end
}

t.test('options are checked at once, and keys are not repeated', async (t) => {
  const bad: unknown[] = [
    undefined,
    {},
    { ...osd, key: undefined },
    { ...osd, ca: [] },
    { ...osd, crl: 7 },
    { ...osd, speaksFor: 'osd.0' },
    { ...osd, handshakesMax: 0 },
    { ...osd, rejectUnauthorized: false },
    { ...osd, key: 'secret' },
    { ...osd, key: client.key },
  ]
  for (const options of bad)
    t.throws(() => tls(options as TlsOptions), { code: 'INK_BAD_OPTION', message: /^((?!secret|PRIVATE).)*$/s })
  t.throws(() => tls(osd).reload({ ...osd, from: '127.0.0.1' } as TlsCertificates), { code: 'INK_BAD_OPTION' })
  t.throws(() => tls(osd).parse(parseAddress('tcp://127.0.0.1:1')), { code: 'INK_BAD_ADDRESS' })
  t.throws(() => tls(osd).dial(parseAddress('tls://127.0.0.1')), { code: 'INK_BAD_ADDRESS', message: /name the port/ })
})

t.test('both ends know who the other is, and share bytes that no other connection has', async (t) => {
  const server = await serve(t, osd)
  const bindings: string[] = []
  for (let round = 0; round < 2; round++) {
    const end = dial(t, server, client)
    await end.opened()
    await until('it is accepted', () => server.ends.length > round)
    const [mine, theirs] = [end.link.peer!, server.ends[round]!.link.peer!]
    t.strictSame([mine.principal, theirs.principal], ['CN=osd.0', 'CN=client.a'])
    t.strictSame([mine.speaksFor('osd.0'), mine.speaksFor('osd.1')], [true, false])
    t.strictSame([theirs.speaksFor('client.a'), theirs.speaksFor('client.b')], [true, false])
    t.strictSame(mine.binding, theirs.binding)
    bindings.push(Buffer.from(mine.binding).toString('hex'))
  }
  t.equal(new Set(bindings).size, 2)
  t.match(bindings[0], /^[0-9a-f]{64}$/)
})

t.test('a name is the common name or a DNS name, or what the rule says', async (t) => {
  const names = shown({ name: 'host-7', also: ['osd.3', 'osd.4', 'spiffe://cluster/osd.5'] })
  const odd = shown({ name: 'host-7', also: ['osd.9", DNS:osd.8'] })
  const plain = await serve(t, osd)
  const end = dial(t, plain, names)
  await end.opened()
  await until('it is accepted', () => plain.ends.length === 1)
  const believed = ['host-7', 'osd.3', 'osd.4', 'osd.5', 'osd.33', 'HOST-7'].filter((name) =>
    plain.ends[0]!.link.peer!.speaksFor(name),
  )
  t.strictSame(believed, ['host-7', 'osd.3', 'osd.4'])
  dial(t, plain, odd)
  await until('it is accepted', () => plain.ends.length === 2)
  t.notOk(plain.ends[1]!.link.peer!.speaksFor('osd.8'))

  const ruled = await serve(t, {
    ...osd,
    speaksFor: (name, { subjectAltName }) => {
      if (name === 'osd.6') throw new Error('no')
      if (name === 'osd.7') return Promise.resolve(true) as unknown as boolean
      return subjectAltName?.includes(`URI:spiffe://cluster/${name}`) === true
    },
  })
  dial(t, ruled, names)
  await until('it is accepted', () => ruled.ends.length === 1)
  const yes = ['osd.3', 'osd.5', 'osd.6', 'osd.7'].filter((name) => ruled.ends[0]!.link.peer!.speaksFor(name))
  t.strictSame(yes, ['osd.5'])
})

t.test('a certificate that is not accepted is refused with the same reason at both ends', async (t) => {
  const [expired, early] = [
    { fromMs: -2 * DAY_MS, untilMs: -DAY_MS },
    { fromMs: DAY_MS, untilMs: 2 * DAY_MS },
  ]
  const revoked = authority.issue({ name: 'client.a' })
  const cases: [what: string, options: TlsOptions, reason: RegExp, server?: TlsOptions][] = [
    ['expired', shown({ name: 'client.a', ...expired }), /CN=client\.a is not accepted: it has expired/],
    ['not yet valid', shown({ name: 'client.a', ...early }), /not valid yet, or a clock is wrong/],
    ['of another authority', shown({ name: 'client.a' }, stranger), /its authority is not in ca/],
    [
      'revoked',
      { ...revoked, ca: authority.cert, serial: undefined } as TlsOptions,
      /it was revoked/,
      { ...osd, crl: authority.revoke(revoked) },
    ],
  ]
  for (const [what, options, reason, server = osd] of cases) {
    await t.test(what, async (t) => {
      const { cert, key, ca } = options
      const served = await serve(t, server)
      const end = dial(t, served, { cert, key, ca })
      end.link.write([bytesOf('my name is client.a')])
      const closed = await end.closed
      t.match(closed, { end: 'distrusted', message: reason })
      t.match(closed.message, /^The other end does not believe this one: /)
      await until('the server says so', () => served.missed.length > 0)
      t.match(served.missed[0], reason)
      t.equal(served.ends.length, 0, 'nothing of it became a link')
      t.equal(end.count, 0)
    })
  }
})

t.test('a server that is not believed is sent nothing', async (t) => {
  for (const [name, certificates, reason] of [
    ['expired', shown({ name: 'osd.0', untilMs: -1 }), /it has expired/],
    ['of another authority', shown({ name: 'osd.0' }, stranger), /its authority is not in ca/],
  ] as const) {
    await t.test(name, async (t) => {
      const { cert, key } = certificates as unknown as Certificate
      let received = 0
      const server = createTlsServer({ cert, key, minVersion: 'TLSv1.3' }, (socket) => {
        socket.on('error', () => {})
        socket.on('data', (chunk: Buffer) => (received += chunk.length))
      })
      server.on('tlsClientError', () => {})
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = { scheme: 'tls', host: '127.0.0.1', port: (server.address() as AddressInfo).port }
      const end = new End(tls(client).dial(address))
      end.link.write([bytesOf('my secret')])
      t.match(await end.closed, { end: 'distrusted', message: reason })
      t.strictSame(end.events, ['closed'])
      server.close()
      await once(server, 'close')
      t.equal(received, 0)
    })
  }
})

t.test('who shows no certificate, or has only TLS before 1.3, is told so', async (t) => {
  const server = await serve(t, osd)
  const { port } = server.listener.address
  const heard = (socket: TLSSocket): Promise<string> =>
    new Promise((resolve) => {
      let text = ''
      socket.on('data', (chunk: Buffer) => (text += String(chunk)))
      socket.on('error', (error: Error & { code?: string }) => resolve(error.code ?? ''))
      socket.on('close', () => resolve(text))
    })
  const nameless = connectTls({
    port,
    host: '127.0.0.1',
    ca: authority.cert,
    checkServerIdentity: () => undefined,
  })
  t.match(await heard(nameless), /INKWIRE-TLS-REFUSED it shows no certificate\n/)
  const old = connectTls({ port, host: '127.0.0.1', maxVersion: 'TLSv1.2', rejectUnauthorized: false })
  t.match(await heard(old), /PROTOCOL_VERSION/)
  await until('both are told of', () => server.missed.length === 2)
  t.match(server.missed[0], /^127\.0\.0\.1 \d+: The other end is not believed: it shows no certificate/)
  t.match(server.missed[1], /share no version of TLS: this needs 1\.3/)
})

t.test('plain TCP at a TLS port, and TLS at a port of plain TCP', async (t) => {
  const server = await serve(t, osd)
  const plain = connect(server.listener.address.port, '127.0.0.1')
  plain.on('error', () => {})
  plain.write('INKWIRE\n\0\0\0\0\0\0\0\0')
  await until('it is told of', () => server.missed.length === 1)
  t.match(server.missed[0], /does not speak TLS: one end has tls:\/\//)
  plain.destroy()

  const talker = createServer((socket) => socket.on('error', () => {}).end('INKWIRE\n\0\0\0\0\0\0\0\0'))
  talker.listen(0, '127.0.0.1')
  await once(talker, 'listening')
  const end = new End(
    tls(client).dial({ scheme: 'tls', host: '127.0.0.1', port: (talker.address() as AddressInfo).port }),
  )
  t.match(await end.closed, { end: 'failed', message: /does not speak TLS: one end has tls:\/\// })
  talker.close()
})

t.test('a dial goes on with the session of the last one, once, and not past a reload', async (t) => {
  const server = await serve(t, osd)
  const settings = tlsSettings(client)
  const tickets = new TlsTickets()
  const { context } = makeCredentials('test', client)
  const { host, port } = server.listener.address
  const resumed = async (): Promise<boolean> => {
    const sockets: Socket[] = []
    const { make, connect } = tlsDial({ host, port }, context, tickets)
    const watched = {
      make: (options: Parameters<typeof make>[0]) => {
        const socket = make(options)
        sockets.push(socket)
        return socket
      },
      connect,
    }
    const end = new End(new SocketLink(settings, tlsKind(settings), watched))
    const count = server.ends.length
    await end.opened()
    await until('it is accepted', () => server.ends.length > count)
    const peer = server.ends.at(-1)!
    t.equal(peer.link.peer!.principal, 'CN=client.a')
    t.equal(end.link.peer!.principal, 'CN=osd.0')
    t.strictSame(end.link.peer!.binding, peer.link.peer!.binding)
    // The tickets come behind the handshake.
    peer.link.write([bytesOf('x')])
    await end.received(1)
    const isResumed = sockets[0] instanceof TLSSocket && sockets[0].isSessionReused()
    end.link.close()
    await Promise.all([end.closed, peer.closed])
    return isResumed
  }
  t.strictSame([await resumed(), await resumed(), await resumed()], [false, true, true])
  // Newer servers give another ticket with each resumed session.
  await resumed()
  server.transport.reload(osd)
  t.strictSame([await resumed(), await resumed()], [false, true])
  tickets.clear()
  t.equal(await resumed(), false)
})

t.test('certificates are replaced while links go on', async (t) => {
  const server = await serve(t, osd)
  const old = dial(t, server, client)
  await old.opened()
  await until('it is accepted', () => server.ends.length === 1)
  const sending = old.send(1, 4_000_000)
  const next = new Authority('the next one')
  const renewed = (name: string): TlsCertificates => ({ ...next.issue({ name }), ca: next.cert })
  const { cert, key, ca } = renewed('osd.0')
  server.transport.reload({ cert, key, ca })
  t.throws(() => server.transport.reload({ cert, key: client.key, ca }), { code: 'INK_BAD_OPTION' })
  const fresh = ((one) => dial(t, server, { cert: one.cert, key: one.key, ca: one.ca }))(renewed('client.a'))
  await fresh.opened()
  t.equal(fresh.link.peer!.principal, 'CN=osd.0')
  t.match(await dial(t, server, client).closed, { end: 'distrusted', message: /not accepted/ })
  await sending
  await server.ends[0]!.received(4_000_000)
  t.equal(server.ends[0]!.digest, createHash('sha256').update(patternOf(4_000_000)).digest('hex'))

  const again = tls(client)
  again.reload(((one) => ({ cert: one.cert, key: one.key, ca: one.ca }))(renewed('client.b')))
  const end = new End(again.dial(server.listener.address))
  await end.opened()
  end.link.close()
  await end.closed
})

function patternOf(bytes: number): Uint8Array {
  const all = new Uint8Array(bytes)
  for (let index = 0; index < bytes; index++) all[index] = (index + 17) % 251
  return all
}

t.test('who connects and says nothing makes room for who comes later', async (t) => {
  const server = await serve(t, { ...osd, handshakesMax: 3 })
  const { port } = server.listener.address
  const silent: Socket[] = []
  for (let index = 0; index < 5; index++) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    silent.push(socket)
    await once(socket, 'connect')
  }
  await until('the oldest are gone', () => silent.slice(0, 2).every((socket) => socket.closed || socket.readableEnded))
  const end = dial(t, server, client)
  await end.opened()
  await until('it is accepted', () => server.ends.length === 1)
  await server.listener.close()
  for (const socket of silent) if (!socket.closed) await once(socket, 'close')
  server.ends[0]!.link.write([bytesOf('still here')])
  await end.received(10)
  t.match(server.missed[0], /./)
})

t.test('who does not finish its handshake in time is given up', async (t) => {
  const server = await serve(t, { ...osd, handshakeTimeoutMs: 30 })
  const socket = connect(server.listener.address.port, '127.0.0.1').on('error', () => {})
  socket.resume()
  await once(socket, 'close')
  t.match(server.missed, [/did not finish the TLS handshake in time/])
})

t.test('a refusal is one printable line, and nothing else is taken for one', async (t) => {
  t.equal(decodeRefusal(encodeRefusal('it has expired')), 'it has expired')
  t.equal(decodeRefusal(encodeRefusal('a\nb\x1b[31m')), 'a?b?[31m')
  t.equal(decodeRefusal(encodeRefusal('x'.repeat(1000)))!.length, 200)
  for (const text of ['', 'INKWIRE\n', 'INKWIRE-TLS-REFUSE', 'hello']) t.equal(decodeRefusal(bytesOf(text)), null)
})

t.test('tickets are kept for the places that were dialled last', async (t) => {
  const tickets = new TlsTickets()
  const certificate = new X509Certificate(authority.cert)
  for (let index = 0; index < 1100; index++)
    tickets.keep(`host ${index}`, { session: Buffer.from([index & 255]), certificate })
  t.equal(tickets.take('host 75'), undefined)
  t.strictSame(tickets.take('host 76')?.session, Buffer.from([76]))
  t.equal(tickets.take('host 76'), undefined, 'once')
})

t.test('an Arena of it leaves nothing behind', async () => {
  const arena = new Arena(tls(osd), () => 'tls://127.0.0.1:0')
  await arena.pair()
  await arena.clear()
})
