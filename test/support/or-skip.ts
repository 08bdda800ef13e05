/** Tests that need what is not on every machine: where it is missing, the file says so in one line and tries nothing. */
import type { Test } from 'tap'

/** `t.test`, or nothing at all when `missing` says why. */
export function orSkip(t: Test, missing: string | false): Test['test'] {
  if (missing === false) return t.test.bind(t)
  t.plan(0, missing)
  return (() => Promise.resolve(null)) as unknown as Test['test']
}
