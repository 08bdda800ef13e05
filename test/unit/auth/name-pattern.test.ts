/** Patterns over entity names. */
import t from 'tap'
import { isName, isNamePattern, patternsFor } from '../../../src/auth/name-pattern.ts'

t.test('names, types and everybody are patterns', (t) => {
  for (const text of ['osd.3', 'client.admin', 'client.?', 'osd.*', '*', 'mds.a.b']) t.ok(isNamePattern(text), text)
  for (const text of ['', 'osd', 'osd*', 'osd.', '.3', 'osd.3*', '*.3', 'OSD.3', 'osd.3\n', 'osd.a b', 3, null]) {
    t.notOk(isNamePattern(text), String(text))
  }
  t.ok(isName('osd.3'))
  for (const text of ['*', 'osd.*', 'osd']) t.notOk(isName(text), text)
  t.end()
})

t.test('the most exact pattern comes first', (t) => {
  t.strictSame(patternsFor('osd.3'), ['osd.3', 'osd.*', '*'])
  t.strictSame(patternsFor('mds.a.b'), ['mds.a.b', 'mds.*', '*'])
  t.end()
})
