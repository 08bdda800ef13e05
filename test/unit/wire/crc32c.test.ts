/** CRC-32C against its published check values and a bit-by-bit model. */
import t from 'tap'
import { crc32c } from '../../../src/wire/crc32c.ts'
import { pattern } from './native/pair.ts'

/** The definition: one bit at a time. */
function model(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return ~crc >>> 0
}

t.test('published check values hold', (t) => {
  t.equal(crc32c(new TextEncoder().encode('123456789')), 0xe3069283)
  // RFC 3720, appendix B.4.
  t.equal(crc32c(new Uint8Array(32)), 0x8a9136aa)
  t.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
  t.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e)
  t.equal(crc32c(new Uint8Array(0)), 0)
  t.end()
})

t.test('every length and offset agrees with the model', (t) => {
  const bytes = pattern(80)
  let wrong = 0
  for (let start = 0; start < 20; start++) {
    for (let end = start; end <= bytes.length; end++) {
      if (crc32c(bytes, start, end) !== model(bytes.subarray(start, end))) wrong++
    }
  }
  t.equal(wrong, 0)
  t.end()
})

t.test('a checksum goes on where it stopped', (t) => {
  const bytes = pattern(1000)
  const whole = crc32c(bytes)
  for (const cut of [0, 1, 15, 16, 17, 500, 999, 1000]) {
    t.equal(crc32c(bytes, cut, 1000, crc32c(bytes, 0, cut)), whole, `cut at ${cut}`)
  }
  t.end()
})

t.test('long inputs, which go through the kernel, agree with the model', (t) => {
  const bytes = pattern(140_000)
  for (const length of [1023, 1024, 1025, 1030, 2048, 4099, 65_535, 65_536, 65_537, 131_075]) {
    t.equal(crc32c(bytes, 3, 3 + length), model(bytes.subarray(3, 3 + length)), `${length} bytes`)
    t.equal(crc32c(bytes, 700, length, crc32c(bytes, 0, 700)), crc32c(bytes, 0, length), `${length} bytes in two`)
  }
  t.end()
})
