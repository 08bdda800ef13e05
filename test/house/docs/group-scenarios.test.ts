/** docs/TESTING.md names, for each scenario that broke other group systems, tests that exist. */
import t from 'tap'
import { readText } from '../tidy/source.ts'
import { isThere, problemsOf, rowsOf } from './rows.ts'

/** As they were collected from others; those behind them are of our own. */
const SCENARIOS_OF_OTHERS = 29

t.test('every scenario has a test that is there', (t) => {
  const [, section = ''] = readText('docs/TESTING.md').split('## What broke other group systems')
  const rows = rowsOf(section.split('\n## ')[0] ?? '')
  t.ok(rows.length >= SCENARIOS_OF_OTHERS, `${rows.length} rows`)
  t.strictSame(
    rows.map(({ number }) => number),
    rows.map((_, index) => index + 1),
  )
  t.strictSame(
    rows.flatMap((row) => problemsOf(row, isThere)),
    [],
  )
  t.strictSame(
    rows.filter(({ here }) => !here.includes('.test.ts`')),
    [],
    'none is left to a sentence',
  )
  t.end()
})
