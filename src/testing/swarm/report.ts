/** How the run of a random world went, and what is said of it to people. */
import { report } from '../laws/check.ts'
import type { Violation } from '../laws/violation.ts'
import type { SwarmPlan } from './plan.ts'

/** How a run went. */
export interface SimulationReport {
  readonly seed: string
  readonly plan: SwarmPlan
  readonly violations: readonly Violation[]
  /** Equal for equal runs. */
  readonly traceHash: string
  /** The last lines of the trace. */
  readonly trace: readonly string[]
  readonly virtualMs: number
  readonly turns: number
  readonly messages: number
  readonly calls: number
}

/** A failed run as text: what was violated, and the command that shows it again. */
export function explain(run: SimulationReport): string {
  const { seed, violations } = run
  if (violations.length === 0) return `seed ${seed}: every law held`
  return `seed ${seed}:\n${report(violations)}\n\nreplay: npm run soak -- --from ${seed} --seeds 1 --verbose`
}
