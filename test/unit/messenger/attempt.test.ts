/** That nothing that user code throws, rejects with or answers gets past its guard. */
import t from 'tap'
import { attempt, isThenable, whenSettled } from '../../../src/messenger/attempt.ts'
import { hostileValues } from '../../support/hostile-values.ts'

function raise(value: unknown): never {
  throw value
}

t.test('whatever is thrown or rejected with is told once, as an error that can be read', async (t) => {
  for (const [what, value] of hostileValues()) {
    const told: Error[] = []
    const note = (error: Error): void => void told.push(error)
    attempt(() => raise(value), note)
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- on purpose
    attempt(() => Promise.reject(value), note)
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(told.length, 2, what)
    for (const error of told) t.type(`${error.name} ${error.message} ${error.stack}`, 'string', what)
  }
})

t.test('an answer that cannot be looked at is a failure of whoever gave it', async (t) => {
  for (const [what, value] of hostileValues()) {
    const told: Error[] = []
    attempt(
      () => value,
      (error) => told.push(error),
    )
    await new Promise((resolve) => setImmediate(resolve))
    t.ok(told.length <= 1, what)
  }
})

t.test('thenables of any kind are awaited; what only looks like one is not', async (t) => {
  const told: string[] = []
  const note = (error: Error): void => void told.push(error.message)
  const rejects = (_resolve: unknown, reject: (reason: Error) => void): void => reject(new Error('a thenable'))
  attempt(() => ({ then: rejects }), note)
  attempt(() => Object.assign(() => undefined, { then: rejects }), note)
  attempt(() => ({ then: () => raise(new Error('then throws')) }), note)
  const overridden = Object.assign(Promise.reject(new Error('the promise itself')), { then: () => undefined })
  attempt(() => overridden, note)
  attempt(() => ({ then: 5 }), note)
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(told.sort(), ['a thenable', 'a thenable', 'the promise itself', 'then throws'])
  t.strictSame(
    [isThenable(null), isThenable(undefined), isThenable('then'), isThenable({}), isThenable({ then: 1 })],
    [false, false, false, false, false],
  )
})

t.test('whenSettled() gives what was made of the answer, or of the failure', async (t) => {
  const failed = (error: Error): string => error.message
  t.equal(await whenSettled(Promise.resolve(2), (answer) => `got ${String(answer)}`, failed), 'got 2')
  t.equal(await whenSettled(Promise.reject(new Error('no')), () => 'done', failed), 'no')
})
