import t from 'tap'
import { formatAddress, parseAddress } from '../../../src/transports/address.ts'
import { tcp, type TcpOptions } from '../../../src/transports/tcp.ts'
import { Arena } from '../../../src/testing/conformance/transport-arena.ts'
import { missingSecondLoopback } from '../../support/hosts.ts'

t.test('options are checked at once', async (t) => {
  const bad: unknown[] = [
    { nodelay: true },
    { noDelay: 1 },
    { backlog: 0 },
    { highWaterBytes: 0.5 },
    { keepAliveMs: -1 },
    { busyPoll: 'adaptive' },
  ]
  for (const options of [...bad, { closeTimeoutMs: Infinity }, null]) {
    t.throws(() => tcp(options as TcpOptions), { code: 'INK_BAD_OPTION' }, JSON.stringify(options))
  }
})

t.test('parse gives the one address that both sides use', async (t) => {
  const cases: [text: string, canonical: string][] = [
    ['tcp://localhost:1', 'tcp://127.0.0.1:1'],
    ['tcp://LocalHost.:1', 'tcp://127.0.0.1:1'],
    ['tcp://OSD-1.Example.:1', 'tcp://osd-1.example:1'],
    ['tcp://[::ffff:127.0.0.1]:1', 'tcp://127.0.0.1:1'],
    ['tcp://[0:0::1]:1', 'tcp://[::1]:1'],
  ]
  for (const [text, canonical] of cases) t.equal(formatAddress(tcp().parse(parseAddress(text))), canonical)
})

t.test('parse refuses what is no TCP address', async (t) => {
  const addresses = [
    parseAddress('memory://name'),
    parseAddress('tcp://127.1:1'),
    parseAddress('tcp://300.1.1.1:1'),
    parseAddress('tcp://-osd:1'),
    parseAddress('tcp://a..b:1'),
    parseAddress(`tcp://${'a'.repeat(64)}:1`),
    parseAddress('tcp:///run/socket'),
    { scheme: 'tcp', host: '127.0.0.1', port: 65536 },
    { scheme: 'tcp', host: '127.0.0.1', port: 0.5 },
  ]
  for (const address of addresses) {
    t.throws(() => tcp().parse(address), { code: 'INK_BAD_ADDRESS' }, JSON.stringify(address))
  }
})

t.test('dialling needs a port, and an IP to dial from', async (t) => {
  t.throws(() => tcp().dial(parseAddress('tcp://127.0.0.1')), { code: 'INK_BAD_ADDRESS', message: /name the port/ })
  for (const from of ['osd', 'tcp://127.0.0.1', 7])
    t.throws(() => tcp({ from } as object), { code: 'INK_BAD_OPTION', message: /an IP address of this host/ })
})

t.test('dials from the address that it is told', { skip: missingSecondLoopback }, async (t) => {
  const arena = new Arena(tcp({ from: '127.0.0.2' }), () => 'tcp://127.0.0.1:0')
  const listener = await arena.listen()
  const dialled = arena.dial(listener.address)
  const accepted = await arena.accepted()
  await dialled.opened()
  t.match(accepted.link.remoteAddress, /^tcp:\/\/127\.0\.0\.2:\d+$/)
  t.equal(dialled.link.localAddress, accepted.link.remoteAddress)
  t.equal(dialled.link.remoteAddress, formatAddress(listener.address))
  t.equal(accepted.link.localAddress, formatAddress(listener.address))
  await arena.clear()
})

t.test('an address of another host cannot be dialled from', async (t) => {
  const arena = new Arena(tcp({ from: '192.0.2.1' }), () => 'tcp://127.0.0.1:0')
  const listener = await arena.listen()
  const dialled = arena.dial(listener.address)
  t.match(await dialled.closed, { end: 'failed', message: /EADDRNOTAVAIL/, cause: { code: 'EADDRNOTAVAIL' } })
  await arena.clear()
})
