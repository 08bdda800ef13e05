/** What the parts of a world of remote buffers share. */
import type { Buffers } from '../../buffers/index.ts'
import type { Messenger } from '../../index.ts'
import type { SeededRandom } from '../simulator/random.ts'
import type { Simulation } from '../simulator/simulation.ts'
import type { BufferLaw, Grant, Lent, Life, Use } from './ledger.ts'

/** Whoever is there, by name and host. */
export const NAMES = ['osd.0', 'osd.1', 'client.2'] as const

/** One life of a process. */
export interface Party {
  readonly life: Life
  readonly messenger: Messenger
  readonly buffers: Buffers
  /** What it writes to now: one write at a time for each buffer. */
  readonly writing: Set<Lent>
}

/** A reference in somebody's hands. */
export interface Held {
  readonly bytes: Uint8Array
  readonly grant: Grant
  /** How often something was taken away or said on its way. */
  readonly steps: number
}

export interface BufferStage {
  readonly sim: Simulation
  readonly random: SeededRandom
  /** Those that live. */
  readonly parties: ReadonlyMap<string, Party>
  readonly lent: Lent[]
  readonly held: Held[]
  /** By the world's clock. */
  readonly nowMs: number
  /** Another byte each time, so that nobody's bytes are taken for another's. */
  fill(): number
  /** A law is broken. */
  say(law: BufferLaw, texts: readonly string[], use?: Use): void
}
