/** Draws what the nodes of a world call: few bytes or many, with parts or without, waited for or given up in every way. */
import type { SeededRandom } from '../simulator/random.ts'
import type { CallOperation } from './plan.ts'

/** In one world of three. */
const SHARE = 1 / 3

export function drawCalls(random: SeededRandom, nodes: number, untilMs: number): CallOperation[] {
  if (!random.chance(SHARE)) return []
  const sizes = random.pick([
    [0, 10],
    [10, 1000, 20_000],
    [0, 60_000, 90_000],
  ])
  const impatience = random.pick([0, 0.3, 0.8])
  const calls = Array.from({ length: random.pick([5, 20, 60]) }, (): CallOperation => {
    const node = random.integer(0, nodes - 1)
    const parts = random.pick([0, 0, 1, 5])
    return {
      atMs: random.between(0, untilMs),
      node,
      to: (node + random.integer(1, nodes - 1)) % nodes,
      count: random.pick([1, 1, 3, 20]),
      bytes: random.pick(sizes),
      parts,
      priority: random.pick([127, 127, 63, 200]),
      timeoutMs: random.chance(0.5) ? random.pick([1, 30, 300, 3000]) : null,
      then: random.chance(impatience) ? random.pick(parts === 0 ? ONE : STREAMS) : 'wait',
      thenMs: random.pick([0, 1, 10, 200]),
    }
  })
  return calls.sort((a, b) => a.atMs - b.atMs)
}

const ONE = ['abort', 'cancel', 'discard'] as const
const STREAMS = [...ONE, 'stop', 'reset'] as const
