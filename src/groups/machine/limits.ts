/**
 * What a group may hold and how long its steps may take, with the reason of each number; docs/LIMITS.md says what happens at
 * each. Sizes are part of the protocol: all members go by the same.
 */

const KIB = 1024
const MIB = 1024 * KIB

export const GROUPS = Object.freeze({
  /** Members of a view: each message is sent so many times by one member. A larger union does not merge. */
  membersMax: 64,
  /** Members of a view in which each acks SAFE to each: so many more small words for one trip less. */
  directAcksMax: 16,
  /** The largest message. */
  messageBytesMax: 20 * MIB,
  /** A message above this is ordered in pieces, so that others come between. */
  pieceBytes: 60 * KIB,
  /** Pieces of one turn travel together up to here. */
  batchBytes: 64 * KIB,
  batchEntriesMax: 1024,
  /** The entity name of a member, and its id, which is that and the life of its process. */
  nameBytesMax: 255,
  memberBytesMax: 255 + 24,
  /** Names that have votes where what a member remembers of them is brought into every change. */
  votersMax: 1024,
  /** What a member brings into a change beside its log: seventeen sets of so many voters, a bit each. */
  accountBytesMax: 2304,
  /**
   * A word with all its fields: a session whose window is smaller takes no part. The largest one installs a view of as many
   * members as there may be, each of which comes from another and remembers as much as it can.
   */
  wordBytesMax: 256 * KIB,
  /** What a piece costs beside its bytes, so that those of no bytes are bounded, too. */
  entryOverheadBytes: 64,
  /** Ordered, and not yet consumed by every member: beyond it the sequencer orders nothing more. */
  windowBytes: 4 * MIB,
  windowEntries: 4096,
  /** What one member may have with the sequencer that is not ordered yet. */
  senderBytes: 512 * KIB,
  senderEntries: 1024,
  /** Messages that are being put together, by their length: beyond it no further one begins. */
  assemblyBytesMax: 64 * MIB,
})

/** The limits of a view that tests make small. */
export interface GroupLimits {
  readonly pieceBytes: number
  readonly windowBytes: number
  readonly windowEntries: number
  readonly senderBytes: number
  readonly senderEntries: number
  readonly assemblyBytesMax: number
}

export interface GroupTimes {
  /** A change that has not ended by then is begun anew. */
  readonly flushTimeoutMs: number
  /** How long a member waits for others to notice that its sequencer is gone, before it goes on alone. */
  readonly aloneAfterMs: number
  /** How long a leave may take before it is done without the others. */
  readonly leaveTimeoutMs: number
  /** A member that holds the window full for so long is evicted; Infinity: never. */
  readonly slowMs: number
}
