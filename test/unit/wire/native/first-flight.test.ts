/** Who a peer says to be, read from its first bytes: however they are split, and whatever else they are. */
import t from 'tap'
import { concat } from '../../../../src/common/bytes.ts'
import { encodeBanner } from '../../../../src/wire/native/banner.ts'
import { controlFrame, encodeHello } from '../../../../src/wire/native/control-frames.ts'
import { FirstFlight, FLIGHT_BYTES_MAX } from '../../../../src/wire/native/first-flight.ts'
import { CHECKSUM, COMMON_HEADER_BYTES, TAG } from '../../../../src/wire/native/format.ts'

const BANNER = encodeBanner(1 << CHECKSUM.CRC32C)
const HELLO = helloOf('osd.3')
const REST = Uint8Array.of(2, 0, 0, 0, 9, 9)

function helloOf(name: string): Uint8Array {
  const identity = { name, instance: '00'.repeat(16), addresses: ['tcp://10.0.0.1:6800'] }
  return controlFrame(TAG.HELLO, encodeHello({ version: 1, identity, frameBytesMax: 4096, features: [] }))
}

t.test('a name is known with the last byte of HELLO, and not before; what follows is not looked at', (t) => {
  const bytes = concat([BANNER, HELLO, REST])
  t.strictSame(new FirstFlight().receive(bytes), { is: 'named', name: 'osd.3' })
  const flight = new FirstFlight()
  const last = BANNER.length + HELLO.length - 1
  for (let at = 0; at < last; at++) t.equal(flight.receive(bytes.subarray(at, at + 1)).is, 'open', `byte ${at}`)
  t.strictSame(flight.receive(bytes.subarray(last, last + 1)), { is: 'named', name: 'osd.3' })
  t.strictSame(flight.receive(helloOf('osd.4')), { is: 'named', name: 'osd.3' }, 'once')
  t.end()
})

t.test('bytes that say no name are known for that as soon as can be', (t) => {
  const other = BANNER.slice()
  other[8] = 9
  const altered = HELLO.slice()
  altered[COMMON_HEADER_BYTES + 3]! ^= 1
  const large = HELLO.slice()
  new DataView(large.buffer).setUint32(4, FLIGHT_BYTES_MAX, true)
  const whole: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['HTTP', [new TextEncoder().encode('G')]],
    ['another version', [other]],
    ['another frame first', [BANNER, controlFrame(TAG.OPEN, new Uint8Array(4))]],
    ['a frame that there is not', [BANNER, new Uint8Array(COMMON_HEADER_BYTES).fill(200)]],
    ['a wrong checksum', [BANNER, altered]],
    ['a HELLO that is too large', [BANNER, large.subarray(0, COMMON_HEADER_BYTES)]],
    ['a name that is none', [BANNER, helloOf('nobody')]],
    ['no payload', [BANNER, controlFrame(TAG.HELLO, new Uint8Array())]],
  ]
  for (const [what, parts] of whole) {
    const flight = new FirstFlight()
    t.strictSame(flight.receive(concat(parts)), { is: 'nobody' }, what)
    t.strictSame(flight.receive(concat([BANNER, HELLO])), { is: 'nobody' }, `${what}, and for good`)
  }
  t.end()
})
