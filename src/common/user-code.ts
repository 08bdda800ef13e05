/**
 * User code that must answer at once, where nobody waits for a promise: rules, and whoever only looks on.
 *
 * Handlers have a guard of their own (messenger/attempt.ts). Here nothing is awaited and nothing reported, but a promise that
 * rejects is no reason for the process to end.
 */

/** What a rule says. Only `true` is a yes: what throws has refused, and so has what promises. */
export function decides(rule: () => unknown): boolean {
  try {
    const answer = rule()
    if (answer === true) return true
    unawaited(answer)
    return false
  } catch {
    return false
  }
}

/** What must be there when the call returns. Throws when it was promised instead. */
export function atOnce<T>(answer: T, what: string): T {
  if (typeof (answer as { then?: unknown } | null | undefined)?.then !== 'function') return answer
  unawaited(answer)
  throw new TypeError(`${what} must answer at once, not by a promise`)
}

/** Nobody waits for this answer, whatever it is. */
export function unawaited(answer: unknown): void {
  if (typeof answer === 'object' && answer !== null) Promise.resolve(answer).catch(nothing)
}

function nothing(): void {
  // It is nobody's.
}
