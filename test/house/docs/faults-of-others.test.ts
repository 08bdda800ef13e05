/** docs/FAULTS-OF-OTHERS.md names tests that exist: each fault has one, or a sentence why there is nothing to test. */
import t from 'tap'
import { readText } from '../tidy/source.ts'
import { isThere, problemsOf, rowsOf } from './rows.ts'

const FAULTS = 22

t.test('every test that the page names is there, and every fault has one or a reason', (t) => {
  const rows = rowsOf(readText('docs/FAULTS-OF-OTHERS.md'))
  t.strictSame(
    rows.map(({ number }) => number),
    Array.from({ length: FAULTS }, (_, index) => index + 1),
  )
  t.strictSame(
    rows.flatMap((row) => problemsOf(row, isThere)),
    [],
  )
  t.end()
})

t.test('a test that is gone, and a row that says nothing, are found', (t) => {
  const [row] = rowsOf('| 7 | x | `test/a.test.ts` "is there"; `test/b.test.ts` "is not" |')
  t.strictSame(row === undefined ? [] : problemsOf(row, (path) => path.includes('/a.')), [
    '7: `test/b.test.ts` "is not"',
  ])
  t.strictSame(problemsOf({ number: 8, here: '' }, isThere), ['8: neither a test nor a reason'])
  t.strictSame(problemsOf({ number: 9, here: 'Nothing is mapped: there is no such transport.' }, isThere), [])
  t.end()
})
