/**
 * Waiting in scenario tests: for a condition or for a promise, always with a deadline that names what was waited for.
 *
 * A condition is looked at after every turn that brought I/O or a timer, a few hundred times a second: no test sleeps for
 * a fixed time, and none hangs until tap's own timeout. What is waited for comes in its own time: how long that may be is
 * for machines that do ten other things, and costs nothing where it comes soon.
 */
import { setTimeout as pause } from 'node:timers/promises'

const LOOK_AGAIN_MS = 2
/** The least that a test may give; test/house/tidy/patience.ts holds them to it. */
export const PATIENCE_MS = 60_000

/** Waits until the condition holds. */
export async function until(what: string, condition: () => boolean, withinMs = PATIENCE_MS): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await pause(LOOK_AGAIN_MS)
  }
}

/** The promise's value, or an error that says what did not come. */
export async function within<T>(what: string, promise: Promise<T>, withinMs = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${withinMs} ms: ${what}`)), withinMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What the promise rejects with; throws when it resolves. */
export async function rejection(what: string, promise: Promise<unknown>, withinMs?: number): Promise<unknown> {
  const outcome = await within(
    what,
    promise.then(
      () => ({ failed: false as const }),
      (reason: unknown) => ({ failed: true as const, reason }),
    ),
    withinMs,
  )
  if (!outcome.failed) throw new Error(`${what}: resolved, but should have been rejected`)
  return outcome.reason
}
