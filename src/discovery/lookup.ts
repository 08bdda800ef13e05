/** What finds peers: the interface that each way of finding them implements, Inkwire's own and a user's. */
import type { Messenger } from '../index.ts'
import type { PeerRecord } from './machine/sightings.ts'

export type { PeerRecord } from './machine/sightings.ts'

/** What a lookup gets of discovery. */
export interface LookupWorld {
  /** For whom is looked. */
  readonly messenger: Messenger
  /** What is to be announced: this messenger as it is now; null: it listens nowhere, or is not to be announced. Ask again each time. */
  self(): PeerRecord | null
  /** All that the lookup sees now, whether it has changed or not. Own records may be among them. */
  seen(records: readonly PeerRecord[]): void
  /** It cannot see now. What it saw last stays. */
  failed(error: Error): void
  /** Calls `run` once, so many ms from now; the function that is returned takes that back. */
  timer(run: () => void, delayMs: number): () => void
  /** Monotonic, in ms. */
  nowMs(): number
}

/** One way of finding peers. */
export interface Lookup {
  /** For errors: `etcd`. */
  readonly name: string
  /** Begins to look, and to announce where it can. */
  start(world: LookupWorld): LookupRun
}

/** A lookup that runs. */
export interface LookupRun {
  /** Looks no more, and takes back what it has announced. Resolves when that is done, or has failed. */
  stop(): Promise<void>
}
