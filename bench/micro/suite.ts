/** The only file that knows benny: suites of named operations in, nanoseconds per operation out. */
import benny from 'benny'

/** One operation. What a case prepares is made once, before it is timed. */
export interface Case {
  readonly name: string
  /** Operations that one call of `run` stands for; 1 unless said. */
  readonly operations?: number
  readonly run: () => unknown
}

export interface Suite {
  readonly name: string
  readonly cases: readonly Case[]
}

export interface MicroResult {
  readonly suite: string
  readonly name: string
  readonly nanoseconds: number
  /** Of the mean, at 95 %. */
  readonly marginPercent: number
}

/** Seconds that each case is timed for. */
const CASE_SECONDS = 0.4

export async function runSuite({ name: suite, cases }: Suite): Promise<MicroResult[]> {
  const results: MicroResult[] = []
  const options = { minTime: CASE_SECONDS / 10, maxTime: CASE_SECONDS, minSamples: 5 }
  const summary = await benny.suite(
    suite,
    benny.configure({ cases: options }),
    ...cases.map(({ name, run }) => benny.add(name, () => void run())),
  )
  for (const one of summary.results) {
    const operations = cases.find(({ name }) => name === one.name)?.operations ?? 1
    const { median, relativeMarginOfError } = one.details
    results.push({
      suite,
      name: one.name,
      nanoseconds: (median * 1e9) / operations,
      marginPercent: relativeMarginOfError,
    })
  }
  return results
}
