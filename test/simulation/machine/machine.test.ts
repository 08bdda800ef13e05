/**
 * In this state, when that happens: every edge of the machine and every verdict about an arriving link, by a scenario that
 * is named after what it shows. The last test prints what no scenario meets, those of the failover table included, and
 * fails when there is no reason for it, or a reason for something that is met after all.
 */
import t from 'tap'
import { SCENARIOS } from '../failover/scenarios.ts'
import { EDGE_NAMES, NEVER, VERDICTS, observed } from '../met.ts'
import { play } from '../stage.ts'
import type { Seen } from '../stage.ts'
import { BACKOFF, STANDBY, YIELDING } from './linkless.ts'
import { OPEN, TWO_SESSIONS } from './open.ts'
import { ACCEPTING, CONNECTING, IDLE } from './opening.ts'

const all = new Set<string>()

for (const behaviour of [
  ...[...IDLE, ...CONNECTING, ...ACCEPTING, ...OPEN],
  ...[...STANDBY, ...BACKOFF, ...YIELDING, ...TWO_SESSIONS],
]) {
  t.test(behaviour.name, async (t) => {
    const { test, peer, meets, injections = [] } = behaviour
    const runs: Seen[] = []
    const met = await observed(async () => void runs.push(await play(behaviour, injections)))
    t.strictSame(runs, [{ test, peer, unhit: [], violations: '' }], 'what both sides saw, and no law is broken')
    t.strictSame(
      meets.filter((one) => !met.has(one)),
      [],
      'it meets what it is there for',
    )
    for (const one of met) all.add(one)
  })
}

t.test('every edge and every verdict is met by a scenario, or has a reason', async (t) => {
  const failover = await observed(async () => {
    for (const scenario of SCENARIOS) for (const run of scenario.runs) await play(scenario, run)
  })
  const names = [...EDGE_NAMES, ...VERDICTS]
  const met = (one: string): boolean => all.has(one) || failover.has(one)
  t.strictSame(
    names.filter((one) => !met(one) && !(one in NEVER)),
    [],
    'nothing is missed without a reason',
  )
  t.strictSame(
    Object.keys(NEVER).filter((one) => met(one) || !names.includes(one)),
    [],
    'no reason is wrong',
  )
})
