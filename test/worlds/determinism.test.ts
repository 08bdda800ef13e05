/** The same seed gives the same run, byte for byte. */
import t from 'tap'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { drawPlan } from '../../src/testing/swarm/draw.ts'
import { simulate } from '../../src/testing/swarm/simulate.ts'

t.test('the same seed gives the same trace twice, and another seed another one', async (t) => {
  for (const seed of [11, 12, 13]) {
    const [first, second] = [await simulate(seed), await simulate(seed)]
    t.equal(first.traceHash, second.traceHash)
    t.equal(first.virtualMs, second.virtualMs)
    t.equal(first.turns, second.turns)
  }
  t.not((await simulate(11)).traceHash, (await simulate(12)).traceHash)
})

t.test('a plan that went through JSON runs as before', async (t) => {
  const run = await simulate(14)
  const copy = JSON.parse(JSON.stringify(drawPlan(14), keepInfinity), restoreInfinity) as typeof run.plan
  t.equal((await simulate(copy)).traceHash, run.traceHash)
})

t.test('chance is the same on every machine', async (t) => {
  const random = seededRandom('inkwire')
  t.same(
    [random.integer(0, 999), random.integer(0, 999), [...random.bytes(4)], random.pick(['a', 'b', 'c'])],
    [...KNOWN],
  )
})

t.test('a fork depends on its name, not on what was drawn before', async (t) => {
  const [one, other] = [seededRandom(1), seededRandom(1)]
  other.next()
  t.equal(one.fork('network').next(), other.fork('network').next())
  t.not(one.fork('network').next(), one.fork('nodes').next())
})

const KNOWN = [870, 348, [238, 95, 126, 58], 'a'] as const

function keepInfinity(_key: string, value: unknown): unknown {
  return value === Infinity ? 'Infinity' : value
}

function restoreInfinity(_key: string, value: unknown): unknown {
  return value === 'Infinity' ? Infinity : value
}
