/** Asking again and again: what all lookups that poll have in common. A round that fails is told, and tried again. */
import { asError } from '../common/errors.ts'
import type { LookupRun, LookupWorld } from './lookup.ts'

/** One round after the other, `everyMs` apart; `last` is run at the end. Only one round runs at a time. */
export function polling(
  world: LookupWorld,
  everyMs: number,
  round: (signal: AbortSignal) => Promise<void>,
  last: () => Promise<void> = () => Promise.resolve(),
): LookupRun {
  const abort = new AbortController()
  const { signal } = abort
  let cancel = (): void => undefined
  let running: Promise<void> = Promise.resolve()
  let stopped: Promise<void> | null = null
  const go = async (): Promise<void> => {
    try {
      await round(signal)
    } catch (thrown) {
      if (!signal.aborted) world.failed(asError(thrown))
    }
    if (!signal.aborted) cancel = world.timer(begin, everyMs)
  }
  const begin = (): void => {
    running = go()
  }
  const stop = async (): Promise<void> => {
    cancel()
    abort.abort()
    await running
    await last().catch((thrown: unknown) => {
      world.failed(asError(thrown))
    })
  }
  cancel = world.timer(begin, 0)
  return {
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}
