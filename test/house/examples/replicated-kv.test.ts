/** The example of a replicated store: its checker held against all orders there are, and the whole of it run as a user runs it. */
import { existsSync } from 'node:fs'
import t from 'tap'
import { check } from '../../../examples/replicated-kv/checker.ts'
import type { Operation } from '../../../examples/replicated-kv/history.ts'
import { seededRandom, type SeededRandom } from '../../../src/testing/index.ts'
import { ROOT, run } from '../package/consumer.ts'

const MAIN = '.build/examples/replicated-kv/main.js'

function put(value: string, began: number, ended: number): Operation {
  return { client: 'a', command: { kind: 'put', key: 'x', value }, began, ended, value }
}

function get(value: string | null, began: number, ended: number, key = 'x'): Operation {
  return { client: 'b', command: { kind: 'get', key }, began, ended, value }
}

t.test('what one client sees one after the other', (t) => {
  t.ok(check([]).isLinearisable)
  t.ok(check([get(null, 1, 2), put('1', 3, 4), get('1', 5, 6), get(null, 7, 8, 'y')]).isLinearisable)
  const stale = get('1', 5, 6)
  t.strictSame(check([put('1', 1, 2), put('2', 3, 4), stale]).stuckAt, stale)
  t.notOk(check([put('1', 1, 2), get(null, 3, 4)]).isLinearisable, 'a lost write')
  t.notOk(check([get('1', 1, 2), put('1', 3, 4)]).isLinearisable, 'a read of what was not written yet')
  t.end()
})

t.test('operations at the same time have either order, and one order for all', (t) => {
  const writes = [put('1', 1, 10), put('2', 2, 9)]
  t.ok(check([...writes, get('1', 3, 4), get('2', 5, 6)]).isLinearisable)
  t.ok(check([...writes, get('2', 3, 4), get('1', 5, 6)]).isLinearisable)
  t.notOk(check([...writes, get('1', 3, 4), get('2', 5, 6), get('1', 7, 8)]).isLinearisable)
  t.end()
})

t.test('a write without an end happens late, or never, and once', (t) => {
  const open = put('1', 1, Infinity)
  t.ok(check([open, get(null, 2, 3)]).isLinearisable)
  t.ok(check([open, put('2', 2, 3), get('2', 4, 5), get('1', 6, 7)]).isLinearisable)
  t.notOk(check([open, get('1', 2, 3), put('2', 4, 5), get('1', 6, 7)]).isLinearisable)
  t.notOk(check([get('1', 1, 2), put('1', 3, Infinity)]).isLinearisable)
  t.end()
})

/** A few operations of random extent, that see whatever they like. */
function anyHistory(random: SeededRandom): Operation[] {
  return Array.from({ length: 5 }, (_, index) => {
    const began = random.integer(0, 30) + index / 10
    const ended = random.chance(0.2) ? Infinity : began + random.integer(1, 15) + 0.01
    return random.chance(0.5) ? put(String(index), began, ended) : get(random.pick(['0', '1', '2', null]), began, ended)
  })
}

/** Tries every order of all that ended and of any of the others. */
function hasOrder(left: readonly Operation[], value: string | null = null): boolean {
  if (left.every(({ ended }) => ended === Infinity)) return true
  return left.some((next) => {
    const others = left.filter((operation) => operation !== next)
    if (others.some(({ ended }) => ended < next.began)) return false
    // What nobody saw of a read without an end says nothing.
    if (next.command.kind === 'put') return hasOrder(others, next.value)
    return (next.ended === Infinity || next.value === value) && hasOrder(others, value)
  })
}

t.test('it says of random histories what trying all orders says', (t) => {
  const random = seededRandom('replicated-kv')
  const verdicts = { yes: 0, no: 0 }
  for (let count = 0; count < 1000; count++) {
    const history = anyHistory(random)
    const expected = hasOrder(history)
    verdicts[expected ? 'yes' : 'no']++
    if (check(history).isLinearisable !== expected) t.fail(`it should be ${expected}: ${JSON.stringify(history)}`)
  }
  t.ok(Math.min(verdicts.yes, verdicts.no) > 100, `both happen: ${JSON.stringify(verdicts)}`)
  t.end()
})

t.test('a store goes through a partition, a merge and a kill, and stays linearisable', async (t) => {
  t.ok(existsSync(`${ROOT}/${MAIN}`), 'built')
  const { code, output } = await run(ROOT, process.execPath, [MAIN])
  t.equal(code, 0, output)
  t.match(output, /^replicas are alike\nlinearisable, found in \d+ steps$/m)
})

t.test('replicas that answer reads by themselves are found out', async (t) => {
  const { code, output } = await run(ROOT, process.execPath, [MAIN, '--read-locally'])
  t.equal(code, 1, output)
  t.match(output, /^replicas are alike\nNOT LINEARISABLE, .*\nget [xyz] of client\.[a-d] fits nowhere: it saw /m)
})
