/** The assertion of the tests here: a step refuses, with AuthRefused and nothing else. */
import type { Test } from 'tap'
import { AuthRefused } from '../../../src/wire/auth-method.ts'

export function refused(t: Test, step: () => unknown, reason: RegExp | string = /./): void {
  let thrown: unknown = 'nothing was thrown'
  try {
    step()
  } catch (error) {
    thrown = error
  }
  t.ok(thrown instanceof AuthRefused, `refuses: ${String(reason)}`)
  t.match(thrown, { message: reason })
}
