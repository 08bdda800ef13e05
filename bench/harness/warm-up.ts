/**
 * Runs a workload until it gets no faster: what is measured then is the program, not its compilation.
 *
 * A process that has just begun runs its functions unoptimised, and optimises them on threads that take the two cores from
 * the very programs that are measured. On a machine with two cores round trips need two to four seconds to come to their
 * rate; after half a second they are at a fifth to a half of it, and the more code a library has, the longer it takes.
 */
import type { Measured } from './run.ts'

const SERIES_SECONDS = 0.5
const SERIES_MAX = 12
/** So many series in a row that are no faster than the best one before them. */
const STEADY_SERIES = 2
/** Less than this is noise. */
const FASTER = 1.05

/** `rate`: the name of what rises until the program is warm. `seconds`: of one series; more where few things happen in a second. */
export async function warmUp(
  series: (seconds: number) => Promise<Measured>,
  rate: string,
  seconds = SERIES_SECONDS,
): Promise<void> {
  let best = 0
  let steady = 0
  for (let count = 0; count < SERIES_MAX && steady < STEADY_SERIES; count++) {
    const { [rate]: found = 0 } = await series(seconds)
    steady = found > best * FASTER ? 0 : steady + 1
    best = Math.max(best, found)
  }
}
