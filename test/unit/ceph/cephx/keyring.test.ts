/** Keyrings as Ceph writes them. */
import t from 'tap'
import { parseKey, parseKeyring } from '../../../../src/ceph/cephx/keyring.ts'
import { aes, aes256k, keyText } from '../../../support/ceph/keys.ts'
import { KEYS } from '../../../support/ceph/simulated-cluster.ts'

t.test('sections, keys, and what stands beside them', (t) => {
  const text = `# ours\n[mon.]\n\tkey = ${KEYS['mon.']!}\n\tcaps mon = "allow *"\n\n[client.admin]\r\n  key=${KEYS['client.admin']!}\n[osd.0]\n`
  const keys = parseKeyring(text, 'a test')
  t.strictSame([...keys.keys()], ['mon.', 'client.admin'])
  t.strictSame(keys.get('client.admin'), aes(2))
  t.throws(() => parseKeyring(`key = ${KEYS['mon.']!}`, 'a test'), { message: /a test holds no key/ })
  t.throws(() => parseKeyring('[a]\nkey = nonsense', 'a test'), { message: /line 2 of a test is no key of Ceph/ })
  t.end()
})

t.test('keys of several types stand beside each other; one of an unknown type harms only its name', (t) => {
  const unknown = keyText({ type: 9, secret: new Uint8Array(5) })
  const text = `[osd.0]\nkey = ${unknown}\n[client.a]\nkey = ${keyText(aes256k(1))}\n[client.b]\nkey = ${keyText(aes(2))}\n`
  const keys = parseKeyring(text, 'a test')
  t.strictSame([keys.get('client.a'), keys.get('client.b'), keys.get('osd.0')?.type], [aes256k(1), aes(2), 9])
  t.equal(keyText(aes256k(1)).length, 60)
  t.strictSame(parseKey(keyText(aes256k(7)), 'it'), aes256k(7))
  t.throws(() => parseKey(keyText(aes256k(7)).slice(0, 40), 'the key'), { message: /^the key is no key of Ceph/ })
  t.end()
})
