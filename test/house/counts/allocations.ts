/**
 * Run by counts.test.ts in a process of its own: how many bytes of heap a message and a connection cost, both ends together.
 *
 * Where nothing was collected between two readings, their difference is what was allocated. The smallest of such series
 * counts: the others also held what the optimiser made.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { CountingWorld } from './counting-world.ts'

const MESSAGES = 20_000
const CONNECTIONS = 500
const PER_TURN = 100
const SERIES = 6
const TRIES_MAX = 60
const DATA = new Uint8Array(64)

let collections = 0
new PerformanceObserver((list) => (collections += list.getEntries().length)).observe({ entryTypes: ['gc'] })

const send = (world: CountingWorld): unknown => world.connection.send({ type: 1, data: DATA })
const oneWay = await measure(await CountingWorld.open(null), MESSAGES, PER_TURN, send)
const echo = await measure(await CountingWorld.open(DATA), MESSAGES, 1, send)
const call = await measure(await CountingWorld.open(null), MESSAGES, PER_TURN, (world) => void world.call(DATA))
const connect = await measure(await CountingWorld.open(DATA), CONNECTIONS, 1, (world) => {
  world.pass(DATA)
})
process.send?.({ oneWay, echo, call, connect }, () => process.exit(0))

type Say = (world: CountingWorld) => unknown

async function measure(world: CountingWorld, count: number, perTurn: number, say: Say): Promise<number> {
  let least = Infinity
  for (let tries = 0, series = 0; series < SERIES && tries < TRIES_MAX; tries++) {
    globalThis.gc?.()
    await told()
    const collected = collections
    const before = process.memoryUsage().heapUsed
    for (let sent = 0; sent < count; sent += perTurn) {
      for (let index = 0; index < perTurn; index++) say(world)
      world.run()
    }
    const each = (process.memoryUsage().heapUsed - before) / count
    world.advance(100)
    await told()
    if (collections > collected) continue
    series++
    least = Math.min(least, each)
  }
  return least
}

/** The observer hears of a collection some turns later. */
async function told(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn()
}
