/** Draws the second network of a world: who goes there and back while messages flow, and what goes wrong there. */
import type { SeededRandom } from '../simulator/random.ts'
import type { Fault, PathsPlan, SwitchOperation } from './plan.ts'

/** In one world of three. */
const SHARE = 1 / 3

export function drawPaths(random: SeededRandom, nodes: number, untilMs: number): PathsPlan | null {
  if (!random.chance(SHARE)) return null
  const everyMs = random.pick([5, 30, 200])
  const most = random.pick([10, 40, 100])
  const switches = Array.from({ length: Math.min(most, Math.floor(untilMs / everyMs)) }, (): SwitchOperation => {
    const node = random.integer(0, nodes - 1)
    return {
      atMs: random.between(0, untilMs),
      node,
      to: (node + random.integer(1, nodes - 1)) % nodes,
      network: random.pick(['', 'b', 'b']),
      patienceMs: random.pick([null, null, 1, 20]),
    }
  })
  return { standby: random.chance(0.5), switches: switches.sort((a, b) => a.atMs - b.atMs) }
}

/** In so many of these worlds nodes move while sessions are open. */
const MOVING = 0.4

/** Nodes that can be dialled elsewhere for a while, and not where they were. */
export function drawMoves(random: SeededRandom, nodes: number, untilMs: number): Fault[] {
  if (!random.chance(MOVING)) return []
  return Array.from({ length: random.pick([1, 3, 10]) }, (): Fault => {
    const atMs = random.between(0, untilMs * 0.9)
    const forMs = random.between(1, Math.min(untilMs - atMs, random.pick([20, 300, 3000])))
    return { kind: 'readdress', atMs, forMs, a: random.integer(0, nodes - 1) }
  })
}

/** Some of what goes wrong between two nodes goes wrong on their second network instead. */
export function onBothNetworks(random: SeededRandom, faults: readonly Fault[]): Fault[] {
  const share = random.pick([0.3, 0.6])
  return faults.map((fault) => ('b' in fault && random.chance(share) ? { ...fault, network: 'b' } : fault))
}
