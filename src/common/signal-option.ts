/** The signal that a caller gives with what it waits for: checked at once, so that a wrong one is not found when it is needed. */
import { InkwireError } from './errors.ts'
import { describe, onlyKnown } from './options.ts'

const ONLY_SIGNAL = ['signal'] as const

/** The signal among a caller's options. Throws `INK_BAD_ARGUMENT`, so that a wrong one is found before it is needed. */
export function signalOf(
  what: string,
  options: { readonly signal?: unknown } | undefined,
  known: readonly string[] = ONLY_SIGNAL,
): AbortSignal | undefined {
  if (options === undefined) return undefined
  // The signal itself in the place of the options would be waited for without it.
  if (typeof options !== 'object' || (options as unknown) === null || 'aborted' in options)
    throw noSignal(what, options)
  onlyKnown(what, options, known)
  const { signal } = options
  if (signal === undefined) return undefined
  const { aborted, addEventListener, removeEventListener } = (signal ?? {}) as Partial<AbortSignal>
  const listens = typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  if (typeof aborted === 'boolean' && listens) return signal as AbortSignal
  throw noSignal(what, signal)
}

function noSignal(what: string, given: unknown): InkwireError {
  const text = `${what} takes { signal: AbortSignal }, as AbortController and AbortSignal.timeout() make; the signal is`
  return new InkwireError('INK_BAD_ARGUMENT', `${text} ${describe(given)}`)
}
