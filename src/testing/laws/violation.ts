/** What the checkers say: which law, in one sentence, with the shortest story that shows it. */
import type { RecordedConnection, RecordedEnd, RecordedNode } from './recorded.ts'
import type { HistoryEvent } from './history.ts'

/** The laws of Inkwire; docs/TESTING.md has them in full. */
export type Law = 'L1' | 'L2' | 'L3' | 'L4' | 'L5' | 'L6' | 'L7' | 'L8' | 'L9' | 'L10' | 'L14' | 'L15'

/** A law that a run has broken. */
export interface Violation {
  readonly law: Law
  /** One sentence. */
  readonly message: string
  /** What led to it, one event per line. */
  readonly story: readonly string[]
}

/** What a checker reads: a History, or one that was kept as JSON. */
export interface RecordedRun {
  readonly nodes: readonly RecordedNode[]
  readonly connections: readonly RecordedConnection[]
  readonly events: readonly HistoryEvent[]
  /** How the connections stand in the end; without it, what both ends count is not compared. */
  readonly ends?: readonly RecordedEnd[] | undefined
}

/** Who took part and means harm: a `HostilePeer`, or a program of your own. */
export interface HostileParty {
  /** The name that it proved. */
  readonly name: string
  /** Where it could be dialled. */
  readonly addresses: readonly string[]
  /** The messages that it was given. */
  readonly heard: readonly { readonly type: number; readonly tid: number }[]
}

/** How a run ended, and so what may be asked of it. */
export interface Contract {
  /** Faults stopped and all queues ran empty: whatever was sent must have ended by now. Default false. */
  readonly settled?: boolean | undefined
  /**
   * Peers that kept to nothing (L14): what passed between them and others is held to no other law, and must not have changed
   * what was promised to anybody else. Messages are told apart by type and tid here: give those that matter one of their own.
   */
  readonly hostile?: readonly HostileParty[] | undefined
  /** Violations beyond this number are not looked for; default 5. */
  readonly violationsMax?: number | undefined
}

/** Reports a violation; `about` are the positions of the events that show it. */
export type Report = (law: Law, message: string, about: readonly number[]) => void
