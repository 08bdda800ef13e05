/** Messengers over TLS: a name is what the certificate says, proofs belong to their connection, and who is refused waits. */
import { once } from 'node:events'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { sharedSecret } from '../../../src/auth/shared-secret.ts'
import type { MessengerEvent } from '../../../src/messenger/events.ts'
import type { MessengerOptions } from '../../../src/messenger/options.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { Messenger } from '../../../src/transactions/messenger.ts'
import { tcp } from '../../../src/transports/tcp.ts'
import { tls } from '../../../src/transports/tls.ts'
import type { TlsCertificates } from '../../../src/transports/tls-options.ts'
import { Authority, type Certificate } from '../../support/certificates.ts'
import { Ledger, NumberedStream, pump } from '../../support/numbered.ts'
import { startProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'

const authority = new Authority()

function certificates({ cert, key }: Certificate): TlsCertificates {
  return { cert, key, ca: authority.cert }
}

function shown(name: string): TlsCertificates {
  return certificates(authority.issue({ name }))
}

/** A messenger with all of its events. */
function messenger(
  t: Test,
  options: Omit<MessengerOptions, 'policies'>,
): { self: Messenger; events: MessengerEvent[] } {
  const policy = options.name.startsWith('osd') ? losslessServer() : losslessClient({ backoff: { firstMs: 20 } })
  const self = new Messenger({ ...options, policies: { default: policy }, limits: { drainTimeoutMs: 1 } })
  const events: MessengerEvent[] = []
  self.events$.subscribe((event) => events.push(event))
  t.teardown(() => self.close())
  return { self, events }
}

const reasons = (events: readonly MessengerEvent[], type: 'linkRefused' | 'refused'): string[] =>
  events.flatMap((event) => {
    if (event.type !== type) return []
    return [
      event.type === 'refused' ? `${event.error.code}: ${event.error.message}` : (event as { reason: string }).reason,
    ]
  })

t.test('two that show their names have a session, with and without a secret besides', async (t) => {
  for (const auth of [undefined, sharedSecret({ secret: 'correct horse battery staple' })]) {
    const osd = messenger(t, { name: 'osd.0', transports: [tls(shown('osd.0'))], auth })
    const client = messenger(t, { name: 'client.a', transports: [tls(shown('client.a'))], auth })
    const address = await osd.self.bind('tls://127.0.0.1:0')
    const connection = client.self.connect(address, { name: 'osd.0' })
    const echoed = new Promise<string>((resolve) => {
      osd.self.messages$.subscribe(({ data }) => resolve(String(Buffer.from(data))))
    })
    await connection.deliver({ type: 1, data: Buffer.from('hello') })
    t.equal(await echoed, 'hello')
    await connection.close()
  }
})

t.test('a certificate of another name is refused, and both ends are told why', async (t) => {
  const osd = messenger(t, { name: 'osd.0', transports: [tls(shown('osd.0'))] })
  const address = await osd.self.bind('tls://127.0.0.1:0')
  const impostor = messenger(t, { name: 'client.a', transports: [tls(shown('client.b'))] })
  impostor.self.connect(address)
  const why = /the transport proved that it is CN=client\.b, which is not one for client\.a/
  await until(
    'both know',
    () => reasons(impostor.events, 'refused').length > 0 && reasons(osd.events, 'linkRefused').length > 0,
  )
  t.match(reasons(osd.events, 'linkRefused')[0], why)
  t.match(reasons(impostor.events, 'refused')[0], /^INK_AUTH_REFUSED: .*CN=client\.b, which is not one for client\.a/)

  const falseOsd = messenger(t, { name: 'osd.7', transports: [tls(shown('osd.0'))] })
  const there = await falseOsd.self.bind('tls://127.0.0.1:0')
  const client = messenger(t, { name: 'client.a', transports: [tls(shown('client.a'))] })
  client.self.connect(there)
  await until(
    'both know',
    () => reasons(client.events, 'refused').length > 0 && reasons(falseOsd.events, 'linkRefused').length > 0,
  )
  for (const reason of [reasons(client.events, 'refused')[0], reasons(falseOsd.events, 'linkRefused')[0]])
    t.match(reason, /CN=osd\.0, which is not one for osd\.7/)
})

const revoked = authority.issue({ name: 'client.a' })
const BAD: readonly (readonly [string, Certificate, RegExp])[] = [
  ['has expired', authority.issue({ name: 'client.a', untilMs: -1 }), /it has expired/],
  [
    'is of tomorrow',
    authority.issue({ name: 'client.a', fromMs: 3_600_000 }),
    /it is not valid yet, or a clock is wrong/,
  ],
  ['was revoked', revoked, /it was revoked/],
  ['is of another authority', new Authority('another').issue({ name: 'client.a' }), /its authority is not in ca/],
]

for (const [what, certificate, why] of BAD) {
  t.test(`whose certificate ${what} waits longer each time, and its application is told once`, async (t) => {
    const crl = authority.revoke(revoked)
    const osd = messenger(t, { name: 'osd.0', transports: [tls({ ...shown('osd.0'), crl })] })
    const address = await osd.self.bind('tls://127.0.0.1:0')
    const client = messenger(t, { name: 'client.a', transports: [tls(certificates(certificate))] })
    const connection = client.self.connect(address)
    connection.send({ type: 1, data: Buffer.from('queued') })
    await until('it was refused four times', () => reasons(osd.events, 'linkRefused').length >= 4)
    t.ok(client.self.dump().connections[0]!.failures >= 3, 'each counts as a failure, which is what the wait grows by')
    const told = reasons(client.events, 'refused')
    t.equal(told.length, 1)
    t.match(told[0], /^INK_AUTH_REFUSED: .*CN=client\.a is not accepted: .*dialling goes on/)
    for (const reason of [told[0], reasons(osd.events, 'linkRefused')[0]]) t.match(reason, why)
  })
}

t.test(
  'a certificate is revoked and another one issued under traffic: nobody hears of it but who has to',
  async (t) => {
    const serving = tls(shown('osd.0'))
    const old = authority.issue({ name: 'client.a' })
    const dialling = tls(certificates(old))
    const osd = messenger(t, { name: 'osd.0', transports: [serving] })
    const client = messenger(t, { name: 'client.a', transports: [dialling] })
    const ledger = new Ledger()
    osd.self.use({ dispatch: (message) => ledger.take(message) })
    const proxy = await startProxy(Number((await osd.self.bind('tls://127.0.0.1:0')).split(':').at(-1)))
    t.teardown(() => proxy.close())
    const connection = client.self.connect(`tls://127.0.0.1:${proxy.port}`, { name: 'osd.0' })
    const stream = new NumberedStream({ id: 1, bytesMax: 50_000 })
    const send = (): Promise<void> => pump(connection, stream, 100)
    await connection.opened()
    const first = send()
    serving.reload({ ...shown('osd.0'), crl: authority.revoke(old) })
    await first
    await connection.deliver(stream.next())
    t.equal(ledger.count, 101, 'the session is not asked anew')

    proxy.cutAll()
    const second = send()
    await until('it is not let in again', () => reasons(client.events, 'refused').length > 0)
    t.match(reasons(client.events, 'refused'), [/it was revoked/], 'not by a ticket of before either')
    await until('nor after that', () => reasons(osd.events, 'linkRefused').length >= 3)
    t.equal(reasons(client.events, 'refused').length, 1)
    dialling.reload(shown('client.a'))
    await second
    await connection.deliver(stream.next())
    t.strictSame([ledger.count, ledger.violations], [202, []])
    t.match(connection.dump().counters, { sessions: 1, resumes: 1 })
    t.notOk([...client.events, ...osd.events].some(({ type }) => ['reset', 'remoteReset'].includes(type)))
  },
)

t.test('a proof of the secret is good for the connection that it was made on, and for no other', async (t) => {
  const auth = sharedSecret({ secret: 'correct horse battery staple' })
  const osd = messenger(t, { name: 'osd.0', transports: [tls({ ...shown('osd.0'), speaksFor: () => true })], auth })
  await osd.self.bind('tls://127.0.0.1:0')
  const { port } = new URL(osd.self.addresses[0]!.replace('tls:', 'http:'))
  // It has a certificate that both ends believe, and passes on all that they say.
  const between = shown('osd.0')
  const pem = { cert: String(between.cert), key: String(between.key), ca: authority.cert }
  const proxy = createTlsServer({ ...pem, requestCert: true }, (near) => {
    const far = connectTls({ ...pem, host: '127.0.0.1', port: Number(port), checkServerIdentity: () => undefined })
    near.on('error', () => far.destroy()).pipe(far)
    far.on('error', () => near.destroy()).pipe(near)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => proxy.close())
  const client = messenger(t, { name: 'client.a', transports: [tls(shown('client.a'))], auth })
  client.self.connect(`tls://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
  await until('it is refused', () => reasons(client.events, 'refused').length > 0)
  t.match(reasons(client.events, 'refused')[0], /INK_AUTH_REFUSED: .*did not prove/)
  t.equal(osd.self.connections.length, 0)
})

t.test('one end with TLS and the other without say so', async (t) => {
  const secure = messenger(t, { name: 'osd.0', transports: [tls(shown('osd.0'))] })
  const plain = messenger(t, { name: 'osd.1', transports: [tcp()] })
  const port = (address: string): string => address.split(':').at(-1)!
  const [atTls, atTcp] = [
    port(await secure.self.bind('tls://127.0.0.1:0')),
    port(await plain.self.bind('tcp://127.0.0.1:0')),
  ]
  const client = messenger(t, { name: 'client.a', transports: [tcp(), tls(shown('client.a'))] })
  client.self.connect(`tcp://127.0.0.1:${atTls}`)
  client.self.connect(`tls://127.0.0.1:${atTcp}`)
  await until('both servers know', () =>
    [secure, plain].every(({ events }) => reasons(events, 'linkRefused').length > 0),
  )
  t.match(reasons(secure.events, 'linkRefused')[0], /does not speak TLS: one end has tls:\/\//)
  t.match(reasons(plain.events, 'linkRefused')[0], /it looks like TLS: one of us has tls:\/\//)
  const faults = (): string[] => client.events.flatMap((event) => (event.type === 'fault' ? [event.reason] : []))
  await until('and the client', () => new Set(faults()).size >= 2)
  t.ok(
    faults().some((reason) => /it looks like TLS: one of us has tls:\/\//.test(reason)),
    faults().join('\n'),
  )
  t.ok(faults().some((reason) => /TLS/.test(reason) && !/looks like/.test(reason)))
})
