/** What goes on a link in one piece, and how much of it: many small messages of a lane, or a chunk of a large one. */
import type { BatchHeader } from '../../wire/wire.ts'
import type { OutLane } from '../out-lane.ts'

/** How much goes into one run. */
export interface RunLimits {
  readonly batchMessages: number
  /** Segments of one run of several messages, in bytes. */
  readonly batchBytes: number
  /** Segments of one chunk, in bytes; a message above `batchBytes` is cut. */
  readonly chunkBytes: number
}

/** What to put on the link next. One object, overwritten by every call of `next`. */
export interface Run {
  readonly header: BatchHeader
  lane: OutLane
  /** Position of the first message in `lane.queue`. */
  index: number
  count: number
  /** Part of the one message, when it is cut; `chunkLength` 0 means whole messages. */
  chunkOffset: number
  chunkLength: number
}
