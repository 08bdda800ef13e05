/** docs/ATTACKS.md names tests and tricks that exist, and leaves no trick out. */
import t from 'tap'
import { HOSTILE_TRICKS } from '../../../src/testing/index.ts'
import { readText } from '../tidy/source.ts'
import { isThere, problemsOf, rowsOf } from './rows.ts'

const rows = rowsOf(readText('docs/ATTACKS.md'))

/** Tricks stand in brackets behind the test that plays them. */
function tricksOf(here: string): string[] {
  const lists = [...here.matchAll(/\((`\w+`(?:, `\w+`)*)\)/g)]
  return lists.flatMap(([, list = '']) => list.split(', ').map((one) => one.slice(1, -1)))
}

t.test('every attack has a test that is there', (t) => {
  t.strictSame(
    rows.map(({ number }) => number),
    rows.map((_, index) => index + 1),
  )
  t.ok(rows.length > 30)
  t.strictSame(
    rows.flatMap((row) => problemsOf(row, isThere)),
    [],
  )
  t.end()
})

t.test('every trick is an attack of this page, and every one named here is a trick', (t) => {
  const named = new Set(rows.flatMap(({ here }) => tricksOf(here)))
  const all = Object.keys(HOSTILE_TRICKS)
  t.strictSame(
    all.filter((trick) => !named.has(trick)),
    [],
  )
  t.strictSame(
    [...named].filter((trick) => !all.includes(trick)),
    [],
  )
  t.end()
})
