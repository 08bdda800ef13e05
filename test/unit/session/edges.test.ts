/** The table of edges: total, closed in itself, and the page that is made from it. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { EDGES, successors } from '../../../src/session/edges.ts'
import type { StateName } from '../../../src/session/machine.ts'

const STATES = Object.keys(EDGES) as StateName[]

t.test('every state knows every event, and only states follow', (t) => {
  const events = Object.keys(EDGES.idle)
  for (const state of STATES) {
    t.strictSame(Object.keys(EDGES[state]), events, state)
    for (const edge of Object.values(EDGES[state])) {
      if (typeof edge === 'string') t.ok(edge.length > 0, `${state}: a reason`)
      else
        t.ok(
          edge.length > 0 && new Set(edge).size === edge.length && edge.every((next) => STATES.includes(next)),
          `${state}: ${edge.join()}`,
        )
    }
  }
  t.end()
})

t.test('every state can be reached from idle, and closed from every state', (t) => {
  const reached = (from: StateName): Set<StateName> => {
    const found = new Set([from])
    for (const state of found) for (const next of successors(state)) found.add(next)
    return found
  }
  t.strictSame([...reached('idle')].sort(), [...STATES].sort())
  for (const state of STATES) t.ok(reached(state).has('closed'), state)
  t.strictSame(successors('closed'), [])
  t.end()
})

t.test('docs/STATES.md is what the table says', (t) => {
  const script = fileURLToPath(new URL('../../../scripts/generate-states.mjs', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  t.equal(status, 0, stderr)
  t.end()
})
