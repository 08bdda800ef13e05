/**
 * Which daemons hold an object: rendezvous hashing, so that client and daemons agree without asking anybody.
 *
 * The daemon with the highest hash of (object, daemon) is the primary; the next ones are the replicas.
 */
import { hashOf } from './random.ts'

/** The names of the daemons: osd.0, osd.1, … */
export function daemonNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `osd.${index}`)
}

/** The daemons of an object, the primary first. */
export function placementOf(oid: string, daemons: readonly string[], copies: number): string[] {
  const ranked = daemons.map((name) => ({ name, rank: hashOf(`${name}/${oid}`) }))
  ranked.sort((a, b) => b.rank - a.rank || (a.name < b.name ? -1 : 1))
  return ranked.slice(0, copies).map((entry) => entry.name)
}
