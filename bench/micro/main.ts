/** All micro suites, one after the other. Alone: node .build/bench/micro/main.js */
import { fileURLToPath } from 'node:url'
import { formatNumber } from '../harness/summary.ts'
import { checksumSuite } from './checksums.ts'
import { controlSuite } from './control.ts'
import { dispatchSuite } from './dispatch.ts'
import { frameSuite } from './frames.ts'
import { laneSuite } from './lanes.ts'
import { stampSuite } from './stamps.ts'
import { runSuite, type MicroResult } from './suite.ts'

export async function runMicro(onSuite: (line: string) => void): Promise<MicroResult[]> {
  const results: MicroResult[] = []
  for (const suite of [frameSuite(), checksumSuite(), laneSuite(), controlSuite(), dispatchSuite(), stampSuite()]) {
    onSuite(`micro: ${suite.name}`)
    results.push(...(await runSuite(suite)))
  }
  return results
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { suite, name, nanoseconds, marginPercent } of await runMicro(() => {})) {
    const margin = `± ${formatNumber(marginPercent)} %`
    console.log(`${suite.padEnd(10)} ${name.padEnd(52)} ${formatNumber(nanoseconds).padStart(10)} ns  ${margin}`)
  }
}
