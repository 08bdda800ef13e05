/** Where a peer may send us: only to itself, by default, and only so often. */
import t from 'tap'
import type { InkwireErrorCode } from '../../../src/index.ts'
import { AddressResolver } from '../../../src/messenger/address-resolver.ts'
import { Redials, redialRule } from '../../../src/messenger/redials.ts'
import type { Redial } from '../../../src/messenger/redials.ts'
import { memory } from '../../../src/transports/memory.ts'
import { tcp } from '../../../src/transports/tcp.ts'
import { unix } from '../../../src/transports/unix.ts'
import type { Link } from '../../../src/transports/transport.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeLink, PEER } from './fakes.ts'

/** A link of a network, from there. */
function linkFrom(remoteAddress: string): Link {
  const link = new FakeLink(remoteAddress)
  Object.assign(link, { capabilities: { ...link.capabilities, local: false } })
  return link
}

function redials(rule?: Redial, perSecondMax = 10) {
  const clock = new FakeClock()
  const transports = new Map([tcp(), memory(), unix()].map((transport) => [transport.scheme, transport]))
  const resolver = new AddressResolver(transports, undefined)
  return {
    clock,
    redials: new Redials(
      (text) => resolver.locate(text),
      redialRule(rule),
      { redialsPerSecondMax: perSecondMax },
      clock,
    ),
  }
}

const FROM = 'tcp://10.1.0.7:40112'
const told = (...addresses: string[]) => ({ ...PEER, addresses })

t.test('an address that a peer tells means something, or it is left out', (t) => {
  const cases: [told: string, meant: string[], from?: string][] = [
    ['tcp://10.1.0.7:6800', ['tcp://10.1.0.7:6800']],
    ['tcp://192.168.0.1:6800', ['tcp://192.168.0.1:6800']],
    ['tcp://[::0001]:6800', ['tcp://[::1]:6800']],
    ['tcp://0.0.0.0:6800', ['tcp://10.1.0.7:6800']],
    ['tcp://[::]:6800', ['tcp://10.1.0.7:6800']],
    ['tcp://[::]:6800', ['tcp://[fd00::7]:6800'], 'tcp://[fd00::7]:40112'],
    ['tcp://0.0.0.0:6800', [], ''],
    ['tcp://metadata.internal:80', []],
    ['tcp://10.1.0.7', ['tcp://10.1.0.7:0']],
    ['udp://10.1.0.7:6800', []],
    ['nonsense', []],
    ['memory://osd.1', ['memory://osd.1']],
  ]
  for (const [said, meant, from = FROM] of cases)
    t.strictSame(redials().redials.located(told(said), linkFrom(from)).addresses, meant, `${said} from ${from}`)
  t.end()
})

t.test('by default only the host is dialled that the link came from', (t) => {
  const { redials: own } = redials()
  const link = linkFrom(FROM)
  t.equal(own.targets(told('tcp://169.254.169.254:80', 'tcp://10.1.0.7:6801'), link)[0], 'tcp://10.1.0.7:6801')
  t.equal(own.targets(told('tcp://0.0.0.0:6802'), link)[0], 'tcp://10.1.0.7:6802')
  t.equal(
    own.targets(told('tcp://169.254.169.254:80', 'tcp://10.1.0.70:6800', 'tcp://evil.example:1'), link)[0],
    undefined,
  )
  t.equal(own.targets(told('memory://somebody'), link)[0], undefined, 'nor something else within this process')
  t.equal(own.targets(told('memory://osd.1'), new FakeLink())[0], 'memory://osd.1', 'to which links within it may lead')
  t.end()
})

t.test('another way to write an address of this host, or of an inner one, is not the host of the link', (t) => {
  const link = linkFrom(FROM)
  const strange = [
    ...['tcp://127.0.0.1:22', 'tcp://[::1]:22', 'tcp://[::ffff:127.0.0.1]:22', 'tcp://[::ffff:169.254.169.254]:22'],
    ...['tcp://2130706433:22', 'tcp://0x7f.1:22', 'tcp://127.1:22', 'tcp://localhost:22', 'tcp://[fe80::1%25eth0]:22'],
    ...['tcp://10.1.0.7.evil.example:22', 'tcp://10.1.0.7@127.0.0.1:22', 'tcp://10.1.0.7:22:80', 'tcp://10.1.0.07:22'],
  ]
  for (const one of strange) {
    t.equal(redials().redials.targets(told(one), link)[0], undefined, one)
    t.equal(redials(['10.0.0.0/8']).redials.targets(told(one), link)[0], undefined, `${one}, with a network of our own`)
  }
  t.end()
})

t.test('networks are allowed besides, to the bit', (t) => {
  const { redials: wide } = redials(['192.168.4.0/22', 'fd00::/8', '203.0.113.9'])
  const cases: [address: string, allowed: boolean][] = [
    ['tcp://192.168.4.1:1', true],
    ['tcp://192.168.7.255:1', true],
    ['tcp://192.168.8.0:1', false],
    ['tcp://192.168.3.255:1', false],
    ['tcp://[fdff::1]:1', true],
    ['tcp://[fe00::1]:1', false],
    ['tcp://203.0.113.9:1', true],
    ['tcp://203.0.113.8:1', false],
    ['tcp://10.1.0.7:1', true],
  ]
  for (const [address, allowed] of cases)
    t.equal(wide.targets(told(address), linkFrom(FROM))[0], allowed ? address : undefined, address)
  const { redials: all } = redials(['0.0.0.0/0'])
  t.equal(all.targets(told('tcp://8.8.8.8:53'), linkFrom(FROM))[0], 'tcp://8.8.8.8:53')
  t.equal(all.targets(told('tcp://[::1]:53'), linkFrom(FROM))[0], undefined, 'the other family is another network')
  t.end()
})

t.test('sockets are of this host, where their peer is, and a function decides about them as about all else', (t) => {
  const here = linkFrom('tcp://127.0.0.1:40112')
  const sockets = ['unix:///run/osd.sock', 'unix://@osd']
  t.strictSame(redials().redials.targets(told(...sockets, 'memory://osd'), here), sockets)
  t.strictSame(redials().redials.targets(told(...sockets), linkFrom(FROM)), [], 'of another host they are nothing')
  const seen: unknown[] = []
  const { redials: asked } = redials(({ host, port }) => {
    seen.push([host, port])
    return host.startsWith('/run/')
  })
  t.strictSame(asked.targets(told(...sockets), here), ['unix:///run/osd.sock'])
  t.strictSame(seen, [
    ['/run/osd.sock', 0],
    ['@osd', 0],
  ])
  t.end()
})

t.test('a function decides alone, is told who says so, and refuses by throwing', (t) => {
  const seen: unknown[] = []
  const { redials: asked } = redials((target) => {
    seen.push(target)
    return target.port === 6801
  })
  t.equal(asked.targets(told('tcp://10.1.0.7:6800', 'tcp://10.2.0.1:6801'), linkFrom(FROM))[0], 'tcp://10.2.0.1:6801')
  const from = '10.1.0.7'
  t.strictSame(seen, [
    { address: 'tcp://10.1.0.7:6800', host: '10.1.0.7', port: 6800, name: 'osd.1', from },
    { address: 'tcp://10.2.0.1:6801', host: '10.2.0.1', port: 6801, name: 'osd.1', from },
  ])
  const { redials: broken } = redials(() => {
    throw new Error('no')
  })
  t.equal(broken.targets(told('tcp://10.1.0.7:6800'), linkFrom(FROM))[0], undefined)
  t.end()
})

t.test('what is no rule is refused at once, by what was given', (t) => {
  const code: InkwireErrorCode = 'INK_BAD_OPTION'
  for (const wrong of ['10.0.0.0/8', ['10.0.0.0/33'], ['fd00::/129'], ['host.example'], ['10.0.0.0/'], [7], 7, {}])
    t.throws(() => redialRule(wrong as never), { code, message: /redial must be networks/ }, JSON.stringify(wrong))
  t.end()
})

t.test('dials to where peers say are so many in a second, and no more', (t) => {
  const { clock, redials: counted } = redials(undefined, 10)
  const dials = (): number =>
    Array.from({ length: 50 }, (_, name) => counted.take(`osd.${name}`)).filter(Boolean).length
  t.equal(dials(), 10)
  clock.pass(500)
  t.equal(dials(), 5)
  clock.pass(60_000)
  t.equal(dials(), 10, 'what was not used is not saved')
  t.end()
})

t.test('one name has a quarter of them, so that it keeps nobody else from being found again', (t) => {
  const { clock, redials: counted } = redials(undefined, 10)
  const dials = (name: string): number => Array.from({ length: 50 }, () => counted.take(name)).filter(Boolean).length
  t.strictSame([dials('osd.1'), dials('osd.1'), dials('osd.2')], [3, 0, 3])
  clock.pass(1000)
  t.equal(dials('osd.1'), 3)
  t.end()
})

t.test('a rule that promises, throws or rejects has refused, and ends no process', async (t) => {
  const link = linkFrom(FROM)
  const rules = [
    () => Promise.resolve(true),
    () => Promise.reject(new Error('asked somebody')),
    () => {
      throw new Error('does not know')
    },
  ] as unknown as Redial[]
  for (const rule of rules) t.strictSame(redials(rule).redials.targets(told('tcp://10.1.0.7:6800'), link), [])
  await new Promise(setImmediate)
})
