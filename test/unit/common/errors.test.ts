/** The one error class, and the page about it. */
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { asError, ERROR_CODES, InkwireError, invariant, unreachable, wordsOf } from '../../../src/common/errors.ts'
import { hostileValues } from '../../support/hostile-values.ts'

t.test('it carries a code, a sentence and a cause', (t) => {
  const cause = new Error('below')
  const error = new InkwireError('INK_RESET', 'what to do', { cause })
  t.match(error, { name: 'InkwireError', code: 'INK_RESET', message: 'what to do', cause })
  t.ok(error instanceof Error)
  t.match(error.stack, /InkwireError|what to do/)
  t.end()
})

t.test('instanceof knows it by its brand, across installations', (t) => {
  const foreign = Object.defineProperty(new Error('other copy'), Symbol.for('inkwire.error'), { value: true })
  t.ok(foreign instanceof InkwireError)
  for (const value of [new Error('plain'), null, undefined, 'INK_RESET', { code: 'INK_RESET' }]) {
    t.notOk((value as unknown) instanceof InkwireError)
  }
  t.end()
})

t.test('invariant() and unreachable() say that it is a bug here', (t) => {
  t.doesNotThrow(() => invariant(true, 'fine'))
  t.throws(() => invariant(false, 'the ring is broken'), {
    code: 'INK_INTERNAL',
    message: /^the ring is broken; .*bug/,
  })
  t.throws(() => unreachable('x' as never), { code: 'INK_INTERNAL', message: /"x"/ })
  t.end()
})

t.test('asError() keeps errors and wraps the rest', (t) => {
  const error = new TypeError('kept')
  t.equal(asError(error), error)
  t.match(asError('text'), { message: 'text' })
  t.match(asError(undefined), { message: 'undefined' })
  const foreign: unknown = runInNewContext("new RangeError('of another realm')")
  t.equal(asError(foreign), foreign, 'also one of another realm')
  t.equal(wordsOf(foreign), 'RangeError: of another realm')
  t.equal(wordsOf(new Error('plain')), 'plain')
  t.end()
})

t.test('asError() survives whatever can be thrown', (t) => {
  for (const [what, value] of hostileValues()) {
    const error = asError(value)
    t.type(`${error.name} ${error.message} ${error.stack}`, 'string', what)
    t.type(wordsOf(value), 'string', what)
  }
  t.end()
})

t.test('docs/ERRORS.md has every code once, with whose fault it is and what to do', (t) => {
  const page = readFileSync(new URL('../../../docs/ERRORS.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(INK_\w+)` *\| (.+?) *\| (.+?) *\|$/gm)]
  t.strictSame(
    rows.map(([, code]) => code),
    Object.keys(ERROR_CODES),
    'in the order of src/common/errors.ts',
  )
  for (const [, code, meaning, advice] of rows) {
    t.equal(meaning, ERROR_CODES[code as keyof typeof ERROR_CODES], `${code}: the meaning is the code's own`)
    t.ok((advice ?? '').length > 10, `${code}: what to do`)
  }
  t.end()
})
