/**
 * One behaviour of a connection: what brings it about, what it meets on the way (names of met.ts), and what both sides
 * have seen in the end. Between them, these scenarios and the failover table meet everything that can be met.
 */
import type { Injection, Plot } from '../script.ts'

export interface Behaviour extends Plot {
  /** At test's links. */
  readonly injections?: readonly Injection[]
  /** Edges and verdicts that it is there for. */
  readonly meets: readonly string[]
  /** As in stage.ts. */
  readonly test: string
  readonly peer: string
}

type Common = Pick<Behaviour, 'policies' | 'limits' | 'injections'>

/** Behaviours with much in common; a row may still say otherwise. */
export function given(
  common: Common,
  rows: readonly (Omit<Behaviour, keyof Common> & Partial<Common>)[],
): readonly Behaviour[] {
  return rows.map((row) => ({ ...common, ...row }))
}
