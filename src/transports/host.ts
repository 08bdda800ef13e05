/**
 * Timers, turns and clocks of the process, as they are when this package is imported.
 *
 * Tests of applications replace them (fake timers): a messenger whose turns never end, or whose clock stands still, would
 * hang them. Whoever wants to rule a messenger's time gives it a runtime of its own.
 */
import { performance as timing } from 'node:perf_hooks'
import * as timers from 'node:timers'

export const setTimer = timers.setTimeout
export const clearTimer = timers.clearTimeout
export const nextTurn = timers.setImmediate
export const endOfTurn: (callback: () => void) => void = process.nextTick.bind(process)
export const monotonicMs: () => number = timing.now.bind(timing)
export const wallMs: () => number = Date.now.bind(Date)

/** What the process has used: processor time, and how often the processor was taken away from it. Null where nobody knows. */
export const usage = usageOf(process)

/** Some runtimes leave this out. */
function usageOf({
  resourceUsage,
}: Partial<Pick<NodeJS.Process, 'resourceUsage'>>): (() => { cpuMs: number; taken: number }) | null {
  if (resourceUsage === undefined) return null
  return () => {
    const { userCPUTime, systemCPUTime, involuntaryContextSwitches } = resourceUsage()
    return { cpuMs: (userCPUTime + systemCPUTime) / 1000, taken: involuntaryContextSwitches }
  }
}
