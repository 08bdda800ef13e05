/** What the links of a messenger count together. */
import t from 'tap'
import { Book } from '../../../../src/ceph/msgr2/book.ts'

t.test('numbers of attempts rise, above whatever was seen', (t) => {
  const book = new Book()
  t.strictSame([book.nextGlobalSeq(), book.nextGlobalSeq(10n), book.nextGlobalSeq(3n)], [1n, 11n, 12n])
  t.end()
})
