/**
 * Makes a failing plan smaller: takes faults and operations away, and keeps what still breaks the same law.
 *
 * Halves first, then quarters, down to single entries. Limit: so many runs; what is smallest by then is returned.
 */
import type { SwarmPlan } from './plan.ts'
import { simulate } from './simulate.ts'
import type { SimulationReport } from './report.ts'

/** The smallest plan found that fails as `run` did. */
export async function shrink(run: SimulationReport, runsMax = 300): Promise<SwarmPlan> {
  const laws = new Set(run.violations.map(({ law }) => law))
  let runs = 0
  const fails = async (plan: SwarmPlan): Promise<boolean> => {
    runs++
    return (await simulate(plan)).violations.some(({ law }) => laws.has(law))
  }
  let plan = run.plan
  for (const part of ['faults', 'operations', 'calls'] as const) {
    for (let size = Math.ceil(plan[part].length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = 0; at < plan[part].length && runs < runsMax;) {
        const smaller = { ...plan, [part]: [...plan[part].slice(0, at), ...plan[part].slice(at + size)] }
        if (await fails(smaller)) plan = smaller
        else at += size
      }
    }
  }
  return plan
}
