/**
 * What remote buffers may hold and how long they may take, with the reason of each number; docs/LIMITS.md says what happens at
 * each. Those of transfers are part of the protocol: both sides go by the same.
 */
const KIB = 1024
const MIB = 1024 * KIB

/** Part of the protocol. */
export const TRANSFER = Object.freeze({
  /** What moves at once: a piece of a transaction, so that no message waits for more, and it is copied once on each side. 31 pages. */
  chunkBytes: 124 * KIB,
  /** What may be on its way, of one transfer: as much as a transaction's window, 200 MB/s over a round trip of 20 ms. */
  windowBytes: 4 * MIB,
  /** How much is placed between two words about it: four in a window. A word is a write, which costs as much as copying 256 KiB. */
  placedBytes: MIB,
  /** How often a reader's `progress` is told: it costs nobody a word. */
  progressBytes: 256 * KIB,
  /** How much waits for its turn, of one transfer: the next chunk is there when the one before goes, and none is read for later. */
  aheadBytes: 248 * KIB,
})

/** How a reference may look. */
export const REFERENCE = Object.freeze({
  /** A whole serialised reference. Those without contents are below 1 KiB as a rule. */
  bytesMax: 16 * KIB,
  /** Contents that ride along. */
  contentsBytesMax: 8 * KIB,
  addressesMax: 8,
  addressBytesMax: 256,
  nameBytesMax: 97,
  /** How often it may have been attenuated or forwarded. */
  caveatsMax: 16,
  peersMax: 16,
})

/** What one messenger's buffers may hold. */
export interface BufferLimits {
  /** References that are registered: 1 to 16,777,216, default 65,536. */
  readonly registrationsMax: number
  /** Bytes of registered memory; what functions read and write counts nothing: 0 to 2^48 - 1, or Infinity, default 4,294,967,296. */
  readonly registeredBytesMax: number
  /** Transfers from and to registered memory that are open at once, those that pass through included: 1 to 65,536, default 64. */
  readonly transfersMax: number
  /** Of those, of one peer: 1 to 65,536, default 16. */
  readonly transfersPerPeerMax: number
  /** References that were forwarded, and whose transfers may pass through here: 0 to 1,048,576, default 4,096. */
  readonly forwardsMax: number
  /** How long a transfer may stand still because of its peer, in ms: 100 to 86,400,000, default 30,000. */
  readonly stallMs: number
  /** How long the owner is dialled before a transfer goes through who forwarded the reference, in ms: 10 to 600,000, default 2,000. */
  readonly dialMs: number
}

export const BUFFERS: BufferLimits = Object.freeze({
  registrationsMax: 65_536,
  registeredBytesMax: 4096 * MIB,
  transfersMax: 64,
  transfersPerPeerMax: 16,
  forwardsMax: 4096,
  stallMs: 30_000,
  dialMs: 2000,
})
