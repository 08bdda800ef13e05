/** Keyrings as Ceph writes them. */
import t from 'tap'
import { parseKeyring, readKey, secretOf, writeKey } from '../../../src/auth/cephx/keyring.ts'
import { Reader, Writer } from '../../../src/wire/msgr2/codec.ts'
import { KEYS } from './simulated-cluster.ts'

t.test('sections, keys, and what stands beside them', (t) => {
  const text = `# ours\n[mon.]\n\tkey = ${KEYS['mon.']!}\n\tcaps mon = "allow *"\n\n[client.admin]\r\n  key=${KEYS['client.admin']!}\n[osd.0]\n`
  const keys = parseKeyring(text, 'a test')
  t.strictSame([...keys.keys()], ['mon.', 'client.admin'])
  t.strictSame(keys.get('client.admin'), new Uint8Array(16).fill(2))
  t.throws(() => parseKeyring(`key = ${KEYS['mon.']!}`, 'a test'), { message: /a test holds no key/ })
  t.throws(() => parseKeyring('[a]\nkey = nonsense', 'a test'), { message: /line 2 of a test is no key of Ceph/ })
  t.end()
})

t.test('a key is a type, a time and a secret of 16 bytes', (t) => {
  const writer = new Writer()
  writeKey(writer, new Uint8Array(16).fill(9))
  t.strictSame(readKey(new Reader(writer.done())), new Uint8Array(16).fill(9))
  t.strictSame(secretOf(Buffer.from(writer.done()).toString('base64'), 'it'), new Uint8Array(16).fill(9))
  t.throws(() => readKey(new Reader(new Writer().u16(2).u64(0n).u16(16).raw(new Uint8Array(16)).done())), {
    message: /type|id that is none/,
  })
  t.throws(() => readKey(new Reader(new Writer().u16(1).u64(0n).u16(8).raw(new Uint8Array(8)).done())), {
    message: /type|id that is none/,
  })
  t.end()
})
