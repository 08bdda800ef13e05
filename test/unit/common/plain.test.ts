/** What others say, fit for a terminal and a log. */
import t from 'tap'
import { plain } from '../../../src/common/plain.ts'

t.test('nothing is left that a terminal obeys, or that turns, hides or breaks the line', (t) => {
  const strange = ['\u001b[2J', '\r\n', '\u0000', '\u202e', '\u2066', '\u200b', '\ufeff', '\u2028', '\u2029', '\u00ad']
  for (const one of strange) t.match(plain(`a${one}b`, 100), /^a [[2J]*b$|^a b$/)
  t.equal(plain('nächste Straße, 中文, 🙂', 100), 'nächste Straße, 中文, 🙂')
  t.end()
})

t.test('it is cut short, and not in the middle of a character', (t) => {
  t.equal(plain('abc', 2), 'ab')
  t.equal(plain('a🙂', 2), 'a ')
  t.end()
})
