/** Addresses of Ceph: as text, as bytes, and in the order by which races are decided. */
import t from 'tap'
import {
  formatVector,
  parseEntity,
  parseVector,
  raceKey,
  readVector,
  sameEntity,
  writeVector,
} from '../../../../src/ceph/msgr2/address.ts'
import { Reader, Writer } from '../../../../src/ceph/msgr2/codec.ts'
import { NOTATION } from '../../../../src/ceph/msgr2/entity.ts'

t.test('text and bytes say the same', (t) => {
  for (const text of [
    'v2:10.0.0.1:3300/0',
    '[v2:10.0.0.1:3300/7,v1:10.0.0.1:6789/7]',
    'v2:[fe80::1:0:2]:6800/4294967295',
    'any:0.0.0.0:0/9',
  ]) {
    const addresses = parseVector(text)!
    t.equal(formatVector(addresses), text)
    const writer = new Writer()
    writeVector(writer, addresses)
    t.strictSame(readVector(new Reader(writer.done())), addresses)
  }
  const known = '0101011c00000002000000d2040000100000000200' + '1a907f0000010000000000000000'
  const writer = new Writer()
  writeVector(writer, parseVector('v2:127.0.0.1:6800/1234')!)
  t.equal(Buffer.from(writer.done()).toString('hex'), `0201000000${known}`)
  t.end()
})

t.test('what is no address is none', (t) => {
  for (const text of [
    '',
    'tcp://h:1',
    'v2:300.0.0.1:1/0',
    'v2:1.2.3.4:70000/0',
    'v2:1.2.3.4:1/4294967296',
    'v2:[::1::2]:1/0',
    'v3:1.2.3.4:1/0',
  ])
    t.equal(parseEntity(text), null, text)
  t.end()
})

t.test('bytes that are no address are malformed', (t) => {
  /** Marker, versions, length, then type, nonce, the length of the socket address, and what follows. */
  const bytes = (type: number, elen: number, ...rest: number[]) => {
    const body = new Writer().u32(type).u32(1).u32(elen).raw(Uint8Array.from(rest)).done()
    return new Reader(new Writer().u8(1).u8(1).u8(1).blob(body).done())
  }
  t.match(readVector(bytes(2, 2, 2, 0)), [{ type: 'v2', family: 2 }])
  t.match(readVector(bytes(2, 0)), [{ type: 'v2', family: 0 }])
  t.throws(() => readVector(bytes(4, 0)), { message: /unknown type/ })
  t.throws(() => readVector(bytes(2, 1, 2, 0)), { message: /an address of 1 bytes/ })
  t.throws(() => readVector(bytes(2, 129, ...new Array<number>(129).fill(0))), { message: /an address of 129 bytes/ })
  t.throws(() => readVector(bytes(2, 8, 2, 0)), { message: /too early/ })
  t.throws(() => readVector(new Reader(Uint8Array.of(3))), { message: /begin with marker 3/ })
  t.end()
})

t.test('an address from before Ceph 12 is one of v1: the family and the port as the network writes them', (t) => {
  const storage = new Uint8Array(128)
  storage.set([0, 2, 0x1a, 0x85, 10, 0, 0, 9])
  const bytes = new Writer().raw(new Uint8Array(4)).u32(7).raw(storage).done()
  t.equal(formatVector(readVector(new Reader(bytes))), 'v1:10.0.0.9:6789/7')
  storage.fill(0)
  const none = new Writer().raw(new Uint8Array(4)).u32(0).raw(storage).done()
  t.match(readVector(new Reader(none)), [{ type: 'none', family: 0 }])
  t.end()
})

t.test('two addresses are the same in type, nonce, port and IP', (t) => {
  const one = parseEntity('v2:10.0.0.1:6800/7')!
  t.ok(sameEntity(one, parseEntity('v2:10.0.0.1:6800/7')!))
  for (const other of [
    'v1:10.0.0.1:6800/7',
    'v2:10.0.0.1:6800/8',
    'v2:10.0.0.1:6801/7',
    'v2:10.0.0.2:6800/7',
    'v2:[::a00:1]:6800/7',
  ])
    t.notOk(sameEntity(one, parseEntity(other)!), other)
  t.end()
})

t.test('one peer has one name, however it is written', (t) => {
  const one = { text: 'v2:127.0.0.1:3300/0', dial: 'tcp://127.0.0.1:3300' }
  for (const text of [
    'v2:127.0.0.1:3300',
    'v2:127.0.0.1:3300/0',
    '[v1:127.0.0.1:6789/0,v2:127.0.0.1:3300/0]',
    'tcp://127.0.0.1:3300',
  ])
    t.strictSame(NOTATION.parse(text), one)
  t.equal(NOTATION.parse('memory://x'), null)
  t.equal(NOTATION.format('tcp://127.0.0.1:6800', '000004d2'.padEnd(32, '0'), 'osd.1'), 'v2:127.0.0.1:6800/1234')
  t.equal(NOTATION.format('tcp://127.0.0.1:6800', 'f'.repeat(32), 'mon.a'), 'v2:127.0.0.1:6800/0')
  t.end()
})

t.test('a race compares as Ceph does: the nonce first, its low byte first, then the port', (t) => {
  const key = (text: string) => raceKey(parseVector(text)!)
  t.ok(key('v2:9.9.9.9:9999/256') < key('v2:1.1.1.1:1/1'))
  t.ok(key('v2:9.9.9.9:6800/5') < key('v2:1.1.1.1:6801/5'))
  t.ok(key('v2:1.1.1.1:6800/5') < key('v2:1.1.1.2:6800/5'))
  t.end()
})
