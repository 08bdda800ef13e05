/** Runs cases one after the other, and after each asks whether the other side still serves: a fault ends a link, never a process. */
import { asError } from '../../common/errors.ts'
import { SpecBench, type BenchOptions, type SpecCase, type Target } from './case.ts'
import { GREETING_CASES } from './greeting-cases.ts'
import { OPEN_CASES } from './open-cases.ts'
import { NotApplicable } from './raw-dial.ts'
import { SESSION_CASES } from './session-cases.ts'

export const SPEC_CASES: readonly SpecCase[] = [...GREETING_CASES, ...OPEN_CASES, ...SESSION_CASES]

export interface CaseResult {
  readonly case: SpecCase
  readonly verdict: 'passed' | 'failed' | 'skipped'
  /** What was seen instead, or why it was not tried; '' when it passed. */
  readonly detail: string
  readonly tookMs: number
}

export async function runCase(one: SpecCase, target: Target, options: BenchOptions): Promise<CaseResult> {
  const fromMs = performance.now()
  const bench = new SpecBench(target, options)
  const result = (verdict: CaseResult['verdict'], detail: string): CaseResult => {
    return { case: one, verdict, detail, tookMs: performance.now() - fromMs }
  }
  try {
    await one.run(bench)
  } catch (thrown) {
    return result(thrown instanceof NotApplicable ? 'skipped' : 'failed', asError(thrown).message)
  } finally {
    bench.close()
  }
  const after = await serves(target, options)
  return after === null ? result('passed', '') : result('failed', `it serves nobody afterwards: ${after}`)
}

/** Null: somebody new is greeted. A target that wants a proof is not asked for more. */
export async function serves(target: Target, options: BenchOptions): Promise<string | null> {
  const bench = new SpecBench(target, options)
  try {
    await bench.offer()
    return null
  } catch (thrown) {
    return thrown instanceof NotApplicable ? null : asError(thrown).message
  } finally {
    bench.close()
  }
}
