/** Numbers as bytes. */
import t from 'tap'
import * as bytes from '../../../../src/wire/native/bytes.ts'

t.test('numbers come back from any offset, low byte first', (t) => {
  const room = new Uint8Array(24)
  bytes.writeUint16(room, 1, 0xfedc)
  t.equal(bytes.readUint16(room, 1), 0xfedc)
  t.equal(room[1], 0xdc)
  for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
    bytes.writeUint32(room, 3, value)
    t.equal(bytes.readUint32(room, 3), value)
  }
  for (const value of [0, 2 ** 31, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER]) {
    bytes.writeUint64(room, 5, value)
    t.equal(bytes.readUint64(room, 5), value)
  }
  t.end()
})

t.test('stamps compare as bytes', (t) => {
  const stamps: [number, number][] = [
    [0, 0],
    [0, 65535],
    [255, 1],
    [256, 0],
    [2 ** 32 - 1, 9],
    [2 ** 32, 0],
    [1_700_000_000_123, 65535],
    [2 ** 48 - 1, 65535],
  ]
  let last = Buffer.alloc(0)
  for (const [ms, counter] of stamps) {
    const room = new Uint8Array(11)
    bytes.writeStamp(room, 3, ms, counter)
    t.equal(bytes.readStampMs(room, 3), ms)
    t.equal(bytes.readStampCounter(room, 3), counter)
    const now = Buffer.from(room.subarray(3))
    t.ok(Buffer.compare(now, last) > 0)
    last = now
  }
  t.end()
})
