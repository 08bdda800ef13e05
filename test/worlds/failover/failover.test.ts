/**
 * Crimson's failover table: every scenario by its name, with the outcome that our contract demands.
 *
 * docs/FAILOVER.md is this table for people; the last test holds it against the data.
 */
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { SCENARIOS } from './scenarios.ts'
import { runName } from './scenario.ts'
import { play } from '../stage.ts'
import { cells, rowsOf } from './table.ts'

for (const scenario of SCENARIOS) {
  for (const run of scenario.runs) {
    t.test(runName(scenario, run), async (t) => {
      const { test, peer, unhit, violations } = await play(scenario, run)
      t.strictSame({ test, peer }, { test: scenario.test, peer: scenario.peer }, 'what both sides saw')
      t.strictSame(unhit, [], 'every breakpoint was hit')
      t.equal(violations, '', 'the laws hold')
    })
  }
}

t.test('docs/FAILOVER.md says the same', async (t) => {
  const page = await readFile(new URL('../../../docs/FAILOVER.md', import.meta.url), 'utf8')
  const names = new Set(SCENARIOS.map(({ name }) => name))
  t.strictSame(rowsOf(page, names), SCENARIOS.map(cells))
})
