import t from 'tap'
import { AddressResolver } from '../../../src/messenger/address-resolver.ts'
import { memory } from '../../../src/transports/memory.ts'
import { tcp } from '../../../src/transports/tcp.ts'
import { NOTATION } from '../../../src/ceph/msgr2/entity.ts'

const TRANSPORTS = new Map([tcp(), memory()].map((transport) => [transport.scheme, transport]))

t.test('two texts of one place become the same text', (t) => {
  const places = new AddressResolver(TRANSPORTS, undefined)
  t.equal(places.locate('tcp://127.0.0.1:6800').text, 'tcp://127.0.0.1:6800')
  t.equal(places.locate('tcp://[0:0::0:1]:6800').text, places.locate('tcp://[::1]:6800').text)
  t.equal(places.locate('memory://a').transport.scheme, 'memory')
  t.end()
})

t.test('what was located last is remembered, and nothing else', (t) => {
  const places = new AddressResolver(TRANSPORTS, undefined)
  t.throws(() => places.locate(undefined as never), { code: 'INK_BAD_ADDRESS' })
  const first = places.locate('tcp://127.0.0.1:6800')
  t.equal(places.locate('tcp://127.0.0.1:6800'), first)
  t.equal(places.locate('tcp://127.0.0.1:6801').text, 'tcp://127.0.0.1:6801')
  t.throws(() => places.locate('tcp://'), { code: 'INK_BAD_ADDRESS' })
  t.equal(places.locate('tcp://127.0.0.1:6800').text, first.text)
  t.end()
})

t.test("a protocol's own notation is kept as the text, and dialled where it leads", (t) => {
  const { text, address } = new AddressResolver(TRANSPORTS, NOTATION).locate('v2:127.0.0.1:3300/7')
  t.equal(text, 'v2:127.0.0.1:3300/7')
  t.match(address, { scheme: 'tcp', host: '127.0.0.1', port: 3300 })
  t.throws(() => new AddressResolver(TRANSPORTS, undefined).locate('v2:127.0.0.1:3300/7'), { code: 'INK_BAD_ADDRESS' })
  t.end()
})

t.test('an address that no transport serves is refused, with those that there are', (t) => {
  const places = new AddressResolver(TRANSPORTS, undefined)
  for (const attempt of [() => places.locate('quic://a:1'), () => places.dial('quic://a:1')]) {
    t.throws(attempt, {
      code: 'INK_BAD_ADDRESS',
      message: /no transport serves quic:\/\/ here; there is tcp:\/\/, memory:/,
    })
  }
  t.end()
})

t.test("what is no address is refused, with one of the protocol's own", (t) => {
  const places = new AddressResolver(TRANSPORTS, NOTATION)
  for (const wrong of ['127.0.0.1:3300', 'v1:127.0.0.1:6789/0', '']) {
    t.throws(() => places.locate(wrong), { code: 'INK_BAD_ADDRESS', message: /write it as 'v2:10\.0\.0\.1:3300\/0'/ })
  }
  t.throws(() => places.locate(3300 as unknown as string), { code: 'INK_BAD_ADDRESS' })
  t.equal(places.locate('tcp://127.0.0.1:3300').text, 'v2:127.0.0.1:3300/0', 'as the transport writes it')
  t.end()
})
