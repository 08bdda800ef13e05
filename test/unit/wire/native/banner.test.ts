/** The banner, and what other protocols are told. */
import t from 'tap'
import { bannerChecksums, encodeBanner, refuseBanner, refuseMagic } from '../../../../src/wire/native/banner.ts'
import { pair } from './pair.ts'

t.test('a banner comes back', (t) => {
  const banner = encodeBanner(3)
  t.equal(banner.length, 16)
  t.equal(refuseMagic(banner, 16), null)
  t.equal(refuseBanner(banner), null)
  t.equal(bannerChecksums(banner), 3)
  t.end()
})

t.test('a stranger is told apart and named at its first wrong byte', (t) => {
  const strangers: [first: string | Uint8Array, reason: RegExp][] = [
    ['GET / HTTP/1.1\r\n', /it looks like HTTP$/],
    ['HTTP/1.1 400 Bad Request', /it looks like HTTP$/],
    ['PRI * HTTP/2.0', /it looks like HTTP$/],
    [Uint8Array.of(0x16, 3, 1), /it looks like TLS: one of us has tls:\/\/, and the other tcp:\/\/$/],
    [Uint8Array.of(0x15, 3, 3, 0, 2, 2, 70), /it looks like TLS/],
    ['ceph v2\n', /it looks like Ceph's messenger/],
    ['SSH-2.0-x', /it looks like SSH$/],
    ['\n', /byte 0 is 0x0a$/],
    ['INKWELL\n', /byte 4 is 0x45$/],
    ['INKWIRE\r\n', /byte 7 is 0x0d$/],
    [Uint8Array.of(0x49, 0x16, 3), /byte 1 is 0x16$/],
  ]
  for (const [first, reason] of strangers) {
    const bytes = Buffer.from(first)
    for (const role of ['dialler', 'acceptor'] as const) {
      const { wire, sink } = pair()[role]
      wire.receive(bytes)
      t.match(sink.faulted, /^INK_INCOMPATIBLE: the peer does not speak Inkwire: /)
      t.match(sink.faulted, reason)
      t.strictSame(wire.takeHandshake(), [], 'nothing is said to a stranger')
      const dribbled = pair()[role]
      for (const byte of bytes) dribbled.wire.receive(Uint8Array.of(byte))
      t.equal(dribbled.sink.faulted, sink.faulted, 'whatever the split')
    }
  }
  t.end()
})

t.test('another version hears which one is spoken here', (t) => {
  const banner = encodeBanner(1)
  banner[8] = 2
  const { wire, sink } = pair().acceptor
  wire.receive(banner)
  t.equal(sink.faulted, 'INK_INCOMPATIBLE: the peer speaks version 2 of the protocol, this side version 1')
  t.strictSame(wire.takeHandshake(), [encodeBanner(1)])
  banner[8] = 0
  t.match(refuseBanner(banner), /speaks version 0 of the protocol/)
  t.end()
})

t.test('a newer peer may say more in the reserved bytes: they are not looked at', (t) => {
  const banner = encodeBanner(1)
  t.strictSame([...banner.subarray(12)], [0, 0, 0, 0], 'this version says nothing there')
  banner.fill(0xff, 12)
  t.equal(refuseBanner(banner), null)
  const { wire, sink } = pair().acceptor
  wire.receive(banner)
  t.equal(sink.faulted, undefined)
  t.end()
})
