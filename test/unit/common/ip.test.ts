import { isIP } from 'node:net'
import t from 'tap'
import { canonicalIp, formatIp, ipBytes, ipFamily, parseIp } from '../../../src/common/ip.ts'

t.test('every spelling of an address has one canonical text', async (t) => {
  const spellings: [text: string, canonical: string][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0::1', '::1'],
    ['2001:DB8::000A', '2001:db8::a'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['1:0:3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['fe80::0001%eth0', 'fe80::1%eth0'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['::192.0.2.1', '::c000:201'],
  ]
  for (const [text, canonical] of spellings) t.equal(canonicalIp(text), canonical, text)
})

t.test('the platform agrees on the canonical text of IPv6', async (t) => {
  for (let round = 0; round < 500; round++) {
    const groups = Array.from({ length: 8 }, (_, index) => ((round * 2_654_435_761) >> index) & 1)
    const text = groups.map((bit, index) => (bit === 0 ? '0' : (0xabc0 + index).toString(16))).join(':')
    t.equal(`[${canonicalIp(text)}]`, new URL(`http://[${text}]`).hostname)
  }
})

t.test('bytes and families', async (t) => {
  t.same(ipBytes('1.2.3.4'), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4])
  t.same(ipBytes('::ffff:1.2.3.4'), ipBytes('1.2.3.4'))
  t.same(ipBytes('2001:db8::1'), [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  t.same(ipBytes('fe80::1%eth0'), ipBytes('fe80::1'))
  t.equal(ipFamily('1.2.3.4'), 4)
  t.equal(ipFamily('::ffff:1.2.3.4'), 4)
  t.equal(ipFamily('::1'), 6)
  t.equal(ipFamily('osd-1'), 0)
  t.equal(ipFamily('1.2.3'), 0)
})

t.test('the platform agrees on what a literal is', async (t) => {
  const texts = [
    '',
    '.',
    ':',
    '::',
    ':::',
    '1',
    '1.2.3',
    '1.2.3.4',
    '1.2.3.4.',
    '.1.2.3.4',
    '1.2.3.4.5',
    '01.2.3.4',
    '0.0.0.0',
  ]
  texts.push(
    '256.1.1.1',
    '1.2.3.1000',
    ' 1.2.3.4',
    '1.2.3.4%eth0',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
  )
  texts.push(
    '1::8::',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1::3:4:5:6:7:8:9',
    '::g',
    '::12345',
    '::1%',
    '::1%eth0',
    '::%a%b',
  )
  texts.push(
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3.4',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::01.2.3.4',
    'osd-1',
  )
  for (const text of texts) {
    t.equal(ipFamily(text) !== 0, isIP(text) !== 0, JSON.stringify(text))
    t.equal(parseIp(text) !== null, isIP(text) !== 0 && !text.includes('%'), JSON.stringify(text))
  }
})

t.test('bytes and text, there and back', async (t) => {
  for (const text of ['1.2.3.4', '::', '::1', '2001:db8::a', '::ffff:c000:201', '1:0:3:4:5:6:7:8']) {
    t.equal(formatIp(parseIp(text) ?? new Uint8Array(4)), text)
  }
  t.strictSame(ipBytes('osd-1'), [])
  t.equal(canonicalIp('osd-1'), 'osd-1')
})
