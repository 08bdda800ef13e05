/** What the links of a messenger count together. */
import t from 'tap'
import { Registry } from '../../../../src/ceph/msgr2/registry.ts'

t.test('numbers of attempts rise, above whatever was seen', (t) => {
  const registry = new Registry()
  t.strictSame([registry.nextGlobalSeq(), registry.nextGlobalSeq(10n), registry.nextGlobalSeq(3n)], [1n, 11n, 12n])
  t.end()
})
