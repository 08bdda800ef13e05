import t from 'tap'
import { BoundAddresses } from '../../../src/messenger/bound-addresses.ts'
import { AddressResolver } from '../../../src/messenger/address-resolver.ts'
import { canonicalBytes } from '../../../src/transports/address.ts'
import { memory } from '../../../src/transports/memory.ts'
import type { Link, Listener, Transport } from '../../../src/transports/transport.ts'

const INSTANCE = 'a'.repeat(32)
const hub = memory()

function bound(transport: Transport = hub): {
  bound: BoundAddresses
  accepted: Link[]
  told: string[]
  changes: { count: number }
} {
  const changes = { count: 0 }
  const changed = (): void => {
    changes.count++
  }
  const accepted: Link[] = []
  const told: string[] = []
  const resolver = new AddressResolver(new Map([[transport.scheme, transport]]), undefined)
  const missed = (local: string, reason: string): void => void told.push(`${local} ${reason}`)
  const accept = (link: Link): void => void accepted.push(link)
  const from = { name: 'osd.0', instance: INSTANCE, resolver, notation: undefined }
  const made = new BoundAddresses({ ...from, accept, missed, changed })
  return { bound: made, accepted, told, changes }
}

t.test('the first address that peers are told is the entity address', async (t) => {
  const { bound: addresses } = bound()
  t.equal(addresses.entity, canonicalBytes({ scheme: 'none', host: '', port: 0 }, INSTANCE))
  t.equal(await addresses.bind('memory://first', { advertise: 'memory://told' }), 'memory://first')
  const first = canonicalBytes({ scheme: 'memory', host: 'told', port: 0 }, INSTANCE)
  t.equal(addresses.entity, first)
  await addresses.bind('memory://second', {})
  t.equal(addresses.entity, first)
  t.strictSame(addresses.advertised, ['memory://told', 'memory://second'])
  await addresses.close()
})

t.test('an address is its own as it was bound and as it is told, and no other', async (t) => {
  const { bound: addresses } = bound()
  await addresses.bind('memory://a', { advertise: 'memory://b' })
  t.ok(addresses.owns('memory://a'))
  t.ok(addresses.owns('memory://b'))
  t.notOk(addresses.owns('memory://c'))
  await addresses.close()
})

t.test('a link that could not be taken is told with the address where it arrived', async (t) => {
  const transport: Transport = {
    ...hub,
    listen(wanted, accept, options) {
      options?.onMissed?.('while it began')
      const listener = hub.listen(wanted, accept, options)
      void listener.then(() => process.nextTick(() => options?.onMissed?.('no descriptors')))
      return listener
    },
  }
  const { bound: addresses, told } = bound(transport)
  await addresses.bind('memory://scarce', {})
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(told, ['memory://scarce while it began', 'memory://scarce no descriptors'])
  await addresses.close()
})

t.test('links that arrive are handed on; after the end nothing listens', async (t) => {
  const link = {} as Link
  const eager: Transport = {
    ...hub,
    listen(wanted, accept, options) {
      accept(link)
      return hub.listen(wanted, accept, options)
    },
  }
  const { bound: addresses, accepted } = bound(eager)
  await addresses.bind('memory://here', {})
  t.equal(accepted[0], link)
  await addresses.close()
  await t.rejects(addresses.bind('memory://here', {}), { code: 'INK_CLOSED' })
  const { bound: next } = bound()
  t.equal(await next.bind('memory://here', {}), 'memory://here')
  await next.close()
})

t.test('a bind that is under way when all ends leaves nothing behind', async (t) => {
  let grant: (listener: Listener) => void = () => {}
  const slow = { ...hub, listen: () => new Promise<Listener>((resolve) => (grant = resolve)) }
  const { bound: addresses } = bound(slow)
  const binding = addresses.bind('memory://late', {})
  await addresses.close()
  let closed = 0
  const close = async (): Promise<void> => {
    closed++
  }
  grant({ address: { scheme: 'memory', host: 'late', port: 0 }, close })
  await t.rejects(binding, { code: 'INK_CLOSED', message: /osd\.0 is shut down/ })
  t.equal(closed, 1)
  t.strictSame(addresses.advertised, [])
})

t.test('an address that could not be bound takes none of the eight places', async (t) => {
  const { bound: addresses } = bound()
  const { bound: other } = bound()
  await other.bind('memory://taken', {})
  for (let turn = 0; turn < 9; turn++)
    await t.rejects(addresses.bind('memory://taken', {}), { code: 'INK_ADDRESS_IN_USE' })
  for (let turn = 0; turn < 9; turn++)
    await t.rejects(addresses.bind('memory://x', { signal: AbortSignal.abort() }), { code: 'INK_ABORTED' })
  for (const name of 'abcdefgh') await addresses.bind(`memory://${name}`, {})
  await t.rejects(addresses.bind('memory://ninth', {}), { code: 'INK_BAD_OPTION', message: /at most 8/ })
  await Promise.all([addresses.close(), other.close()])
})

t.test('what peers would refuse is refused here, before anything listens', async (t) => {
  const { bound: addresses } = bound()
  const code = 'INK_BAD_ADDRESS'
  for (const wrong of ['memory:///run/\u00fc', 'memory:///a b', `memory:///${'x'.repeat(250)}`])
    await t.rejects(addresses.bind(wrong, {}), { code, message: /printable|long|host|memory/ }, wrong)
  t.strictSame(addresses.told, [])
})

t.test('a wildcard is told, and is no address that anybody could dial', async (t) => {
  const any: Transport = {
    ...hub,
    scheme: 'tcp',
    parse: (address) => address,
    listen: (address) => Promise.resolve({ address: { ...address, port: 7 }, close: () => Promise.resolve() }),
  }
  const { bound: addresses } = bound(any)
  await addresses.bind('tcp://0.0.0.0:0', {})
  await addresses.bind('tcp://127.0.0.1:0', {})
  t.strictSame(addresses.told, ['tcp://0.0.0.0:7', 'tcp://127.0.0.1:7'])
  t.strictSame(addresses.advertised, ['tcp://127.0.0.1:7'])
})

t.test('what is bound no more is told no more, and breaks ties all the same', async (t) => {
  const { bound: addresses, changes } = bound()
  for (const name of 'abcdefgh') await addresses.bind(`memory://${name}`, {})
  const { entity } = addresses
  await addresses.unbind('memory://a')
  t.equal(changes.count, 9)
  t.strictSame([addresses.told.length, addresses.told[0], addresses.owns('memory://a')], [7, 'memory://b', false])
  t.equal(addresses.entity, entity)
  await t.rejects(addresses.unbind('memory://a'), {
    code: 'INK_BAD_ARGUMENT',
    message: /memory:\/\/a is not bound here; bound is memory:\/\/b, /,
  })
  await t.rejects(addresses.unbind('nonsense'), { code: 'INK_BAD_ADDRESS' })
  await addresses.bind('memory://a', {})
  t.equal(addresses.told.at(-1), 'memory://a', 'its place is free')
  await addresses.close()
})

t.test('of an address that is bound already peers are told another name, and nothing listens anew', async (t) => {
  const { bound: addresses, changes } = bound()
  await addresses.bind('memory://a', { advertise: 'memory://then' })
  t.equal(await addresses.bind('memory://a', { advertise: 'memory://now' }), 'memory://a')
  t.strictSame([addresses.told, addresses.advertised, changes.count], [['memory://now'], ['memory://now'], 2])
  t.strictSame([addresses.owns('memory://now'), addresses.owns('memory://then')], [true, false])
  await t.rejects(addresses.bind('memory://a', {}), { code: 'INK_ADDRESS_IN_USE' }, 'without a name it is a mistake')
  await addresses.unbind('memory://a')
  await t.rejects(addresses.unbind('memory://a'), { message: /bound is nothing/ })
  await addresses.close()
})
