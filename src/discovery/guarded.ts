/** Calls user code of which nothing is expected: what it throws, or rejects with, is a warning, as nobody waits for it. */
import { wordsOf } from '../common/errors.ts'

export function guarded(what: string, run: () => unknown): void {
  const warn = (thrown: unknown): void => {
    process.emitWarning(`${what} of discovery failed: ${wordsOf(thrown)}`, 'InkwireWarning')
  }
  try {
    Promise.resolve(run()).catch(warn)
  } catch (thrown) {
    warn(thrown)
  }
}
