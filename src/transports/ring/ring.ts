/**
 * One direction of a path through memory that two sides share: where its words and bytes lie, and how both ends read the words
 * of the other.
 *
 * A ring has one writer and one reader. Each keeps its own counter to itself, and only tells the other: what it goes by is
 * never read back. What the other tells is read once, into a local, and checked against what is possible, because it may
 * be rewritten at any moment by a peer that is broken or hostile. What is impossible is a fault with a reason; from then
 * on that end moves nothing. So a peer can spoil its own bytes, which checksum and session find out, and nothing else.
 *
 * Counters run freely modulo 2³²: their difference is what lies in the ring. The words of writer and reader are 128 bytes
 * apart, so that two cores do not fight for one line of their caches.
 *
 * Sleeping: whoever is about to sleep says so, and looks once more before it does. Whoever moves something looks at that word
 * after it has told what it moved. All of these are sequentially consistent, so one of both sees the other: no bell is
 * missed, and none is rung for somebody awake. A writer says how much room it wants, and is left asleep until there is as much:
 * woken for every chunk that is read, it would cost its reader a system call each. One bell is for all that an end waits for,
 * in both rings of a link: it looks into both when it is woken.
 */

/** Words before the bytes of a ring. */
export const RING_WORDS = 64
/** The bytes of a ring are a power of two in this range. */
export const RING_BYTES_MIN = 4096
export const RING_BYTES_MAX = 2 ** 30

/** Where each word lies. The first three are written by the writer, the others by the reader; a bell is cleared by who rings it. */
export const WORD = { WRITTEN: 0, END: 1, WRITER_SLEEPS: 2, READ: 32, READER_SLEEPS: 34, GONE: 33 } as const

/** What the word END says, and GONE: nothing yet, or this. */
export const ENDED = 1

/** The memory of a ring, however it is reached. Its size is what both sides agreed upon, and is never read from it. */
export interface Ring {
  /** Bytes; a power of two. */
  readonly size: number
  /** Why it cannot be reached any more; null as long as it can. What is read then is zeros, and what is written is lost. */
  readonly fault: string | null
  /** What a word says now: one read, which sees what the other side had stored before anything that this side saw of it. */
  load(word: number): number
  store(word: number, value: number): void
  /** Whether the other side sleeps, by its word; it does so no more, for whoever asks: one bell is enough. */
  takeBell(word: number): boolean
  /** Copies so many bytes of `from`, from `start` on, to `at`. */
  put(at: number, from: Uint8Array, start: number, count: number): void
  /** Copies so many bytes at `at` out, to `start` of `into`. */
  take(at: number, into: Uint8Array, start: number, count: number): void
}

/** Throws a RangeError. */
export function checkRingSize(bytes: number): void {
  if (!isRingSize(bytes))
    throw new RangeError(`a ring has a power of two from ${RING_BYTES_MIN} to ${RING_BYTES_MAX} bytes`)
}

export function isRingSize(bytes: number): boolean {
  return Number.isInteger(bytes) && bytes >= RING_BYTES_MIN && bytes <= RING_BYTES_MAX && (bytes & (bytes - 1)) === 0
}

/** How far counter `a` is ahead of counter `b`. */
export function ahead(a: number, b: number): number {
  return (a - b) >>> 0
}
