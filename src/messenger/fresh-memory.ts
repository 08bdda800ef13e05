/**
 * Fresh memory for bodies that applications may keep: without zeroes, and of pages that the process has already.
 *
 * Bodies are taken one by one and collected by the dozen. glibc gives the free end of its heap back to the kernel when that is
 * above 128 KiB, and maps larger blocks anew each time: then every page of every body is faulted in again, which costs more
 * than all else that is done with it. It learns from what is freed: behind a mapped block it maps only what is larger, and
 * keeps twice as much (`mallopt(3)`, M_MMAP_THRESHOLD). So it is shown one block, once, the largest that it learns from, and
 * never touched. Limit: up to 64 MiB that are free stay with the process. Who sets `MALLOC_TRIM_THRESHOLD_` or
 * `MALLOC_MMAP_THRESHOLD_` in the environment has switched that learning off, and decides alone.
 */

/** glibc learns from nothing above 32 MiB, and each block has a head. */
const LESSON_BYTES = 32 * 1024 * 1024 - 64 * 1024
/** Below this, zeroes cost less than an array to copy with. */
const ZEROED_BYTES_MAX = 16 * 1024

/** A process that gets less needs none of this. */
const LESSON_AFTER_BYTES = 1024 * 1024

/** So much is to be taken before the lesson; nothing: it was given, or nobody would learn. */
let untilLesson = process.platform === 'linux' ? LESSON_AFTER_BYTES : 0

/**
 * See WireContext.allocate. No zeroes: they would cost a large message a tenth of its way. No Buffer: its `slice()` is a
 * view, and applications get views of this.
 */
export function allocate(bytes: number): Uint8Array {
  count(bytes)
  return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
}

/** A copy of `memory[from, to)`. */
export function copied(memory: ArrayBufferLike, from: number, to: number): ArrayBufferLike {
  const size = to - from
  // One object, and no view of either side; but V8 fills it with zeroes first.
  if (size < ZEROED_BYTES_MAX) {
    count(size)
    return memory.slice(from, to)
  }
  const bytes = allocate(size)
  bytes.set(new Uint8Array(memory, from, size))
  return bytes.buffer
}

function count(bytes: number): void {
  if (untilLesson <= 0) return
  untilLesson -= bytes
  if (untilLesson <= 0) teach()
}

/** The block is garbage at once; glibc has learned when it is collected. */
function teach(): void {
  try {
    new ArrayBuffer(LESSON_BYTES)
  } catch {
    // A process that may not have so much goes without.
  }
}
