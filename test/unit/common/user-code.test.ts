/** User code that must answer at once: a promise is no answer, and one that rejects ends no process. */
import t from 'tap'
import { InkwireError } from '../../../src/common/errors.ts'
import { atOnce, decides, unawaited } from '../../../src/common/user-code.ts'

/** Whatever rejects here and is nobody's fails the whole file. */
const rejected = (): Promise<never> => Promise.reject(new Error('too late'))
const odd = {
  get then(): never {
    throw new Error('then throws')
  },
}

t.test('only true is a yes', async (t) => {
  t.ok(decides(() => true))
  const nos = [false, 1, 'yes', {}, null, undefined, Promise.resolve(true), odd]
  for (const no of nos) t.notOk(decides(() => no))
  t.notOk(decides(rejected))
  t.notOk(
    decides(() => {
      throw new Error('a rule that throws')
    }),
  )
  await new Promise(setImmediate)
})

t.test('what is promised is not there at once', async (t) => {
  t.equal(atOnce(5, 'decode()'), 5)
  t.equal(atOnce(null, 'decode()'), null)
  t.strictSame(atOnce({ then: 'a field of a body' }, 'decode()'), { then: 'a field of a body' })
  t.throws(() => atOnce(rejected(), 'decode()'), { message: 'decode() must answer at once, not by a promise' })
  await new Promise(setImmediate)
})

t.test('an answer that nobody waits for may be anything', async (t) => {
  for (const answer of [undefined, null, 5, {}, odd, rejected()]) unawaited(answer)
  await new Promise(setImmediate)
  t.pass('and no rejection is left')
})

t.test('whose error it is can be asked of anything', (t) => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  t.notOk((proxy as unknown) instanceof InkwireError)
  t.end()
})
