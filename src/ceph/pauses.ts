/** Pauses before something is tried again: they grow, they differ between clients, and they end early with what they are for. */
import { onAbort } from '../common/abort.ts'
import type { Clock, Random } from '../index.ts'

const PAUSE_FIRST_MS = 50
const PAUSE_MAX_MS = 2000
const DOUBLINGS_MAX = 10

/** How long to wait after `setbacks` tries in a row that came to nothing. Clients that lost the same peer come back one by one. */
export function pauseMs(setbacks: number, random: Random): number {
  const most = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** Math.min(setbacks, DOUBLINGS_MAX))
  return most * (1 - random.next() / 2)
}

/** Resolves when the time is over, or as soon as the signal fires. Never rejects. */
export function rest(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clock.clearTimer(timer)
      release()
      resolve()
    }
    const timer = clock.setTimer(done, delayMs)
    const release = onAbort(signal, done)
  })
}
