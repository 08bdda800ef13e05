/**
 * In this state, when that happens: every edge of the machine and every verdict about an arriving link, by a scenario that
 * is named after what it shows. The last test prints what no scenario meets, those of the failover table included, and
 * fails when there is no reason for it, or a reason for something that is met after all.
 */
import t from 'tap'
import { SCENARIOS } from '../failover/scenarios.ts'
import { CEPH_VERDICTS, EDGE_NAMES, NEVER, VERDICTS, observed } from '../met.ts'
import { play } from '../stage.ts'
import type { Seen } from '../stage.ts'
import { BEHAVIOURS } from './behaviours.ts'

const FLIGHTS = 'flights must meet in one way of many: the model checker in test/worlds/coverage.test.ts'
const LATE = 'words must come late: test/worlds/ceph/races.test.ts'
const MOVES = 'a session must go to another path: test/worlds/paths.test.ts'
const LEFT =
  'a goodbye must come on the link that was just left: test/worlds/coverage.test.ts, in swarms and in the model'
const PLACES = 'a peer must be at several places: test/unit/session/linkless.test.ts'
const HALF = 'two sessions must be lost and found at once: test/unit/ceph/msgr2/decision-tables.test.ts'

/** What no scenario meets, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  ...NEVER,
  'connecting rejected connecting': PLACES,
  'connecting fault connecting': PLACES,
  'connecting deadline connecting': PLACES,
  'open opened open': MOVES,
  'open yielded open': MOVES,
  'open rejected open': MOVES,
  'open move open': MOVES,
  'open take open': MOVES,
  'open parted open': MOVES,
  'open goodbye open': LEFT,
  'ceph yield: both dialled, and our address is the lower one': FLIGHTS,
  'ceph again: its answer to our request for this session never came': FLIGHTS,
  'ceph again: attempt N is older than N': FLIGHTS,
  'ceph again: it is reconnect N here': FLIGHTS,
  'ceph reject: attempt N is older than N': FLIGHTS,
  'ceph again: there is another session': HALF,
  'ceph promise: an establishment that was cut is continued': FLIGHTS,
  'ceph reset: an establishment that was cut is continued': HALF,
  'ceph reject: another instance was heard of later: whichever of them lives may dial again': LATE,
}

const all = new Set<string>()

for (const behaviour of BEHAVIOURS) {
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
  const names = [...EDGE_NAMES, ...VERDICTS, ...CEPH_VERDICTS]
  const met = (one: string): boolean => all.has(one) || failover.has(one)
  t.strictSame(
    names.filter((one) => !met(one) && !(one in NOT_HERE)),
    [],
    'nothing is missed without a reason',
  )
  t.strictSame(
    [...all, ...failover].filter((one) => !names.includes(one)),
    [],
    'nothing is met that has no name in met.ts',
  )
  t.strictSame(
    Object.keys(NOT_HERE).filter((one) => met(one) || !names.includes(one)),
    [],
    'no reason is wrong',
  )
})
