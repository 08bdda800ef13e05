/**
 * The guard of user code: handlers, notices, subscribers and plug-ins are called through here and nowhere else.
 *
 * Whatever they throw or reject with, whenever that is, ends in `failed`, once, as an Error that can be read: describing it
 * never throws. A promise is awaited by nobody but the guard, so that it is never unhandled.
 */
import { asError } from '../common/errors.ts'

/** Hears what user code threw or rejected with. Must not throw. */
export type Failed = (error: Error) => void

/** Calls user code of which nothing is expected. */
export function attempt(call: () => unknown, failed: Failed): void {
  try {
    const answer = call()
    if (isThenable(answer)) void whenSettled(answer, ignore, failed)
  } catch (thrown) {
    failed(asError(thrown))
  }
}

/**
 * Something to wait for, whatever library it came from. Reading a `then` can throw: asked inside the guard of the call that
 * gave the answer.
 */
export function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  if (answer === null || (typeof answer !== 'object' && typeof answer !== 'function')) return false
  return typeof (answer as Partial<PromiseLike<unknown>>).then === 'function'
}

/** Waits for an answer that came as a promise. The promise that is returned does not reject, unless `done` throws. */
export async function whenSettled<T>(
  answer: PromiseLike<unknown>,
  done: (answer: unknown) => T,
  failed: (error: Error) => T,
): Promise<T> {
  let settled: unknown
  try {
    settled = await answer
  } catch (thrown) {
    return failed(asError(thrown))
  }
  return done(settled)
}

function ignore(): void {
  // What a notice answers means nothing.
}
