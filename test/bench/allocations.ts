/**
 * Run by counts.test.ts in a process of its own: how many bytes of heap a message costs, sender and receiver together.
 *
 * Nothing is collected between the two readings, so their difference is what was allocated. The smallest of some series
 * counts: the others also held what the optimiser made.
 */
import { CountingWorld } from './counting-world.ts'

const MESSAGES = 20_000
const PER_TURN = 100
const SERIES = 6
const DATA = new Uint8Array(64)

const oneWay = await measure(null, PER_TURN)
const echo = await measure(DATA, 1)
process.send?.({ oneWay, echo }, () => process.exit(0))

async function measure(reply: Uint8Array | null, perTurn: number): Promise<number> {
  const world = await CountingWorld.open(reply)
  let least = Infinity
  for (let series = 0; series < SERIES; series++) {
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let sent = 0; sent < MESSAGES; sent += perTurn) {
      for (let index = 0; index < perTurn; index++) world.connection.send({ type: 1, data: DATA })
      world.run()
    }
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / MESSAGES)
    world.advance(100)
  }
  return least
}
