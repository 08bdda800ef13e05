/**
 * Run by counts.test.ts in a process of its own, with a young generation of a fixed size: how many bytes of a call outlive it, so that only a
 * look at the whole heap finds them. Between two such looks the old generation grows by just those.
 */
import { getHeapSpaceStatistics } from 'node:v8'
import { CountingWorld } from './counting-world.ts'

const CALLS = 30_000
const PER_TURN = 64
const DATA = new Uint8Array(64)

/** The smallest counts: the others also held what the optimiser made. */
const SERIES = 3

const world = await CountingWorld.open(null)
run(CALLS)
let survived = Infinity
for (let series = 0; series < SERIES; series++) {
  globalThis.gc?.()
  const before = oldBytes()
  run(CALLS)
  survived = Math.min(survived, (oldBytes() - before) / CALLS)
}
process.send?.({ survived }, () => process.exit(0))

function run(calls: number): void {
  for (let made = 0; made < calls; made += PER_TURN) {
    for (let index = 0; index < PER_TURN; index++) void world.call(DATA)
    world.run()
  }
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')?.space_used_size ?? NaN
}
