/** The scenarios as rows of docs/FAILOVER.md. */
import { runName } from './scenario.ts'
import type { Scenario } from './scenario.ts'

const KIND_NAMES = { lossy: 'lossy', losslessClient: 'client', losslessServer: 'server', peer: 'peer' } as const

/** Cells of one scenario: name, policies, injections, Ceph's result, what test and peer see here, why it differs. */
export function cells(scenario: Scenario): string[] {
  const { name, policies, runs, ceph, test, peer, why } = scenario
  const injections = runs.map((run) => runName(scenario, run).slice(name.length + 2, -1))
  return [
    name,
    policies.map((kind) => KIND_NAMES[kind]).join(' / '),
    together(injections),
    ceph,
    test,
    peer,
    why ?? (ceph === 'no such frame' ? 'Ceph adopts a link without a CONFIRM.' : 'The same.'),
  ]
}

/** What all injections begin with is said once: `fault HELLO write, HELLO read`. */
function together(injections: readonly string[]): string {
  const shared = [...new Set(injections.map((one) => /^(.*\b(?:fault|block|stall) )/.exec(one)?.[1]))]
  if (injections.length < 2 || shared.length !== 1) return injections.join('; ')
  const prefix = shared[0] ?? ''
  return prefix + injections.map((one) => one.slice(prefix.length)).join(' · ')
}

/** The cells of every row of a Markdown table whose first cell is the name of a scenario. */
export function rowsOf(markdown: string, names: ReadonlySet<string>): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\_', '_')),
    )
    .filter(([name = '']) => names.has(name))
}
