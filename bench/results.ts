/** Runs the experiments of a plan, and holds what came out: every run, and medians by subject and figure. */
import { runPair } from './harness/pair.ts'
import { summarize, type Summary } from './harness/summary.ts'
import type { Measured } from './harness/run.ts'
import type { Experiment } from './plan.ts'
import { missing } from './subjects/index.ts'

/** One subject in one experiment. */
export interface SubjectOutcome {
  readonly subject: string
  readonly runs: readonly Measured[]
  /** Why it has no figures, in one line. */
  readonly absent: string | null
}

export interface Outcome {
  readonly experiment: Experiment
  readonly subjects: readonly SubjectOutcome[]
}

/** Runs an experiment: every subject once, then again, `runs` times. */
export async function runExperiment(experiment: Experiment, onRun: (line: string) => void): Promise<Outcome> {
  const found = experiment.subjects.map((subject) => ({
    subject,
    runs: [] as Measured[],
    absent: missing(subject),
  }))
  for (let run = 0; run < experiment.runs; run++) {
    for (const one of found) {
      if (one.absent !== null) continue
      onRun(`${experiment.title}: ${one.subject} ${run + 1}/${experiment.runs}`)
      try {
        one.runs.push(await runPair(experiment.workload, one.subject, experiment.options))
      } catch (thrown) {
        one.absent = reason(thrown)
      }
    }
  }
  return { experiment, subjects: found }
}

/** The spread of one figure over the runs; null when there is none. */
export function spread(subject: SubjectOutcome | undefined, name: string): Summary | null {
  const values = (subject?.runs ?? []).map((run) => run[name]).filter((value) => value !== undefined)
  return values.length === 0 ? null : summarize(values)
}

/** The median of a figure, by the names of the experiment and the subject; null when it was not measured. */
export function figure(outcomes: readonly Outcome[], id: string, subject: string, name: string): number | null {
  const outcome = outcomes.find(({ experiment }) => experiment.id === id)
  return (
    spread(
      outcome?.subjects.find((one) => one.subject === subject),
      name,
    )?.median ?? null
  )
}

function reason(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  if (text.includes('ENOENT')) return 'not installed'
  return (text.split('\n')[0] ?? '').replace(/^(Error: )+/, '')
}
