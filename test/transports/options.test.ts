import t from 'tap'
import { boolean, checkOptions, wholeNumber } from '../../src/transports/options.ts'

t.test('options are an object of known names', async (t) => {
  checkOptions('x()', undefined, [])
  checkOptions('x()', { a: 1 }, ['a', 'b'])
  for (const options of [null, 1, 'a']) {
    t.throws(() => checkOptions('x()', options, ['a']), { code: 'INK_BAD_OPTION', message: /are an object/ })
  }
  t.throws(() => checkOptions('x()', { c: 1 }, ['a', 'b']), { message: "x() has no option 'c'; it has a, b." })
})

t.test('numbers and booleans', async (t) => {
  t.equal(wholeNumber('n', undefined, 5, 1, 9), 5)
  t.equal(wholeNumber('n', 9, 5, 1, 9), 9)
  for (const bad of [0, 10, 1.5, NaN, Infinity, '5', null]) {
    t.throws(() => wholeNumber('n', bad, 5, 1, 9), { code: 'INK_BAD_OPTION', message: /from 1 to 9, such as 5/ })
  }
  t.equal(boolean('b', undefined, true), true)
  t.equal(boolean('b', false, true), false)
  t.throws(() => boolean('b', 1, true), { code: 'INK_BAD_OPTION', message: 'b is true or false.' })
})
