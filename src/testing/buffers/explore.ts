/**
 * Random worlds of remote buffers. A world is its seed; `explainBuffers()` puts what it broke into words, with the command that
 * replays it.
 */
import type { BufferViolation, UseEnd } from './ledger.ts'
import { BufferWorld } from './world.ts'

/** Options of `exploreBuffers()`. */
export interface ExploreBuffersOptions {
  /** The number that the whole world is drawn from, a whole one. */
  readonly seed: number
  /** How many steps with faults there are, 0 or more; default 60. */
  readonly steps?: number | undefined
}

/** What a random world of remote buffers came to. */
export interface BufferExploration {
  readonly violations: readonly BufferViolation[]
  /** How many transfers ended so: `done`, or the reason of a failure. */
  readonly ends: ReadonlyMap<UseEnd, number>
}

/**
 * Lends, hands on, uses and takes back buffers at random, in simulated time, with faults: then there is peace, in which all must
 * end, nothing may be held, and every reference must say what is true of it.
 */
export async function exploreBuffers({ seed, steps = 60 }: ExploreBuffersOptions): Promise<BufferExploration> {
  const world = new BufferWorld(seed)
  await world.run(steps)
  return world
}

/** What a world broke, and how to see it again. */
export function explainBuffers(seed: number, violations: readonly BufferViolation[]): string {
  const lines = violations.slice(0, 10).map(({ law, text }) => `${law}: ${text}`)
  return [`buffers seed ${seed}:`, ...lines, `replay: npm run soak -- --buffers --from ${seed} --seeds 1`].join('\n')
}
