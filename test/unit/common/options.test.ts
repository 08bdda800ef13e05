/** The checks at the edge: what is refused, and how helpfully. */
import t from 'tap'
import { booleanOption, choiceOption, describe, describeType, fraction, nearest } from '../../../src/common/options.ts'
import { numberOption, optionObject, whole, wholeOrInfinity } from '../../../src/common/options.ts'

t.test('optionObject() takes known names only', (t) => {
  t.strictSame(optionObject('f()', undefined, ['a']), {})
  t.strictSame(optionObject('f()', { a: 1 }, ['a']), { a: 1 })
  t.throws(() => optionObject('f()', { b: 1 }, ['alpha', 'beta']), {
    message: 'f() has no option "b"; there are: alpha, beta',
  })
  t.throws(() => optionObject('f()', { b: 1 }, []), { message: /it takes none/ })
  for (const wrong of [null, [], 'text', 1, () => 1, new Uint8Array(1)]) {
    t.throws(() => optionObject('f()', wrong, ['a']), { code: 'INK_BAD_OPTION' })
  }
  t.end()
})

t.test('numberOption() holds its range', (t) => {
  t.equal(numberOption('n', undefined, whole(1, 9), 3), 3)
  t.equal(numberOption('n', 9, whole(1, 9), 3), 9)
  t.equal(numberOption('n', 0.5, fraction(0, 1), 1), 0.5)
  t.equal(numberOption('n', Infinity, wholeOrInfinity(1, 9), 3), Infinity)
  for (const wrong of [0, 10, 1.5, NaN, Infinity, -Infinity, '5', 5n, null, {}, [5]]) {
    t.throws(() => numberOption('n', wrong, whole(1, 9), 3), { code: 'INK_BAD_OPTION', message: /from 1 to 9, got / })
  }
  t.throws(() => numberOption('n', -Infinity, wholeOrInfinity(1, 9), 3), { message: /or Infinity, got -Infinity/ })
  t.end()
})

t.test('booleanOption() takes no other truth', (t) => {
  t.equal(booleanOption('b', undefined, true), true)
  t.equal(booleanOption('b', false, true), false)
  for (const wrong of [null, 0, 'true', {}]) {
    t.throws(() => booleanOption('b', wrong, true), { code: 'INK_BAD_OPTION', message: /true or false, got / })
  }
  t.end()
})

t.test('choiceOption() names the choices, and the nearest', (t) => {
  t.equal(choiceOption('c', undefined, ['on', 'off'], 'off'), 'off')
  t.equal(choiceOption('c', 'on', ['on', 'off'], 'off'), 'on')
  t.throws(() => choiceOption('c', 'proccessed', ['processed', 'received'], 'received'), {
    message: /'processed' or 'received', got "proccessed"; did you mean "processed"/,
  })
  t.throws(() => choiceOption('c', 1, ['on', 'off'], 'off'), { code: 'INK_BAD_OPTION' })
  t.end()
})

t.test('nearest() finds typos and nothing else', (t) => {
  const names = ['throttle', 'keepalive', 'standbyMs', 'jitter']
  t.equal(nearest('keepAlive', names), 'keepalive')
  t.equal(nearest('throtle', names), 'throttle')
  t.equal(nearest('standby', names), 'standbyMs')
  t.equal(nearest('zzzzzz', names), undefined)
  t.equal(nearest('x', ['ab']), undefined, 'a word with nothing in common is not near')
  t.equal(nearest('x'.repeat(1e6), names), undefined, 'a name of any length costs little')
  t.end()
})

t.test('values are described in a few words', (t) => {
  t.equal(describe('a'), '"a"')
  t.equal(describe(true), 'true')
  t.equal(describe(5n), '5n')
  t.equal(describe(null), 'null')
  t.ok(describe('x'.repeat(1000)).length < 70)
  t.equal(describeType([]), 'an array')
  t.equal(describeType({}), 'an object')
  t.equal(describeType('secret'), 'a string')
  t.equal(describeType(undefined), 'undefined')
  t.end()
})
