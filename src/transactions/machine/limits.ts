/**
 * What transactions may hold and how long they may take, with the reason of each number; docs/LIMITS.md says what happens at
 * each. Both sides go by the same numbers: they are part of the protocol.
 */

const KIB = 1024
const MIB = 1024 * KIB

export const CALLS = Object.freeze({
  /** Transactions that one side may have open with the other: those whose handler has not ended. Further ones wait. */
  openMax: 1024,
  /** Of these, places that only urgent ones (priority 196 and above) may have: so none waits for all that came before it. */
  openUrgent: 64,
  /** Calls of one lane that wait for one of those, or for a session; beyond it a call fails at once (`quota`). */
  waitingMax: 4096,
  /** What a sender may be ahead of the reader of one direction, at first: a thousand parts of 64 bytes in one turn. */
  windowBytes: 128 * KIB,
  /** Where a reader who keeps up lets it grow to: 200 MB/s over a round trip of 20 ms. */
  windowBytesMax: 4 * MIB,
  /** How much windows may have grown, of all transactions of a session. */
  grownBytesMax: 64 * MIB,
  /** What a part costs beside its bytes, so that parts of no bytes are bounded, too. */
  partOverheadBytes: 64,
  /**
   * A part above this travels in pieces; so much one transaction may be ahead of the next one's turn. Half as many cost a tenth less
   * than those of 64 KiB; with its mark it is one chunk of a link, and with its overhead below the window that a reader gives first.
   */
  pieceBytes: 124 * KIB,
  /** No piece but the last one is smaller: else few bytes could be many pieces. */
  pieceBytesMin: 1024,
  /** The largest part, request or reply. */
  partBytesMax: 64 * MIB,
  /** Parts of a session that are being put together: beyond it only the oldest of them goes on. */
  assemblyBytesMax: 64 * MIB,
  /** Pieces of a session that are queued or on their way, at most: 200 MB/s over a round trip of 20 ms. */
  pacedBytesMax: 4 * MIB,
  /** And at least, however long they take: less would leave both sides idle between two writes. */
  pacedBytesMin: 256 * KIB,
  /** How long they may queue on top of the shortest round trip, in ms, and beside that as a share of it. */
  pacedQueueMs: 0.5,
  pacedQueueShare: 0.25,
  /** How many acks of a full window are asked for: one costs each side a write or a read, some 10 µs. */
  pacedMarks: 3,
  /** In how many round trips in a row too much must queue before less goes: in one alone somebody else had the processor. */
  pacedRounds: 2,
  /** Parts that a sender may queue for one transaction before it waits, in their bytes and overhead. */
  unsentBytesMax: 16 * MIB,
  /** How long a caller waits to hear what became of its cancel, in ms. */
  verdictTimeoutMs: 10_000,
  /** A code, and the words that explain it, in bytes; what is longer is cut. */
  codeBytesMax: 64,
  detailBytesMax: 512,
  /** What metadata a call may carry, in bytes: a full `tracestate` with its `traceparent`, and a `baggage` beside them. */
  noteBytesMax: 768,
  metadataEntriesMax: 16,
  metadataKeyBytesMax: 64,
  /** W3C asks that a `tracestate` of so many goes on. */
  metadataValueBytesMax: 512,
  /** Control words of this layer that the peer has not finished. The seam has room for 16. */
  wordsMax: 16,
})

/** What a server keeps of calls that are to run once. */
export const ONCE = Object.freeze({
  /** What the note of an OPEN says of it: a format, a flag, the server's instance and two numbers. */
  noteBytes: 30,
  /** Calls of one caller that run or whose outcome is kept: as many as may be open on a connection. */
  outcomesMax: 1024,
  /** Outcomes of one caller, in the bytes of their replies and 256 for each: beyond it calls are refused before they run. */
  callerBytesMax: 4 * MIB,
  /** Callers of whom something is kept, and outcomes of all of them. */
  callersMax: 1024,
  bytesMax: 64 * MIB,
  /** Who has not called for so long may be forgotten, in ms: longer than anybody tries. */
  keptMs: 600_000,
  /** When who was refused for that may try again, in ms. */
  retryAfterMs: 100,
  /** How long a caller waits before it tries again: at first, and at most, in ms; half of it by chance. */
  backoff: Object.freeze({ firstMs: 50, maxMs: 5000, jitter: 0.5 }),
  /** How often it tries, unless it says otherwise. */
  attempts: 8,
})
