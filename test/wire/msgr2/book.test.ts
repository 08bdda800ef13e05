/** What the links of a messenger remember together: attempts in the order in which they were heard of, and limits. */
import t from 'tap'
import { Book } from '../../../src/wire/msgr2/book.ts'

t.test('an attempt was heard of before or after a moment', (t) => {
  const book = new Book()
  const before = book.moment
  book.hear('a', 5n)
  const between = book.moment
  book.hear('b', 2n)
  t.strictSame([book.heardSince(before, 'a'), book.heardSince(before, 'b')], [5n, 2n])
  t.strictSame([book.heardSince(between, 'a'), book.heardSince(between, 'b')], [null, 2n])
  book.hear('a', 3n)
  t.equal(book.heardSince(between, 'a'), 3n, 'the last one counts, whatever its number')
  t.equal(book.heardSince(book.moment, 'a'), null)
  t.equal(book.heardSince(before, 'c'), null)
  t.end()
})

t.test('the attempts of 16384 instances are remembered, the newest longest', (t) => {
  const book = new Book()
  for (let count = 0; count < 16385; count++) book.hear(`${count}`, 1n)
  t.strictSame([book.heardSince(0, '0'), book.heardSince(0, '1'), book.heardSince(0, '16384')], [null, 1n, 1n])
  t.end()
})

t.test('numbers of attempts rise, above whatever was seen', (t) => {
  const book = new Book()
  t.strictSame([book.nextGlobalSeq(), book.nextGlobalSeq(10n), book.nextGlobalSeq(3n)], [1n, 11n, 12n])
  t.end()
})
