/**
 * One stamp of a hybrid logical clock, as a value that an application may keep: beside an object's version, in a log.
 *
 * 48 bits of milliseconds and 16 of a counter, eight big-endian bytes: stamps order alike as numbers and as bytes. Of two
 * nodes they may be equal; together with the node's name they never are. The clock itself is in hlc.ts.
 */
import { isBytes } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import { readStampCounter, readStampMs, writeStamp } from './native/bytes.ts'

/** The last millisecond that a stamp can say, in the year 10889. */
export const STAMP_MS_MAX = 2 ** 48 - 1
const COUNTER_MAX = 2 ** 16 - 1
const STAMP_BYTES = 8

/** A moment of a hybrid logical clock, as a value that may be kept, compared and written as eight bytes. */
export class Stamp {
  /** Whole milliseconds since 1970, near the wall clock's. */
  readonly ms: number
  /** 0 to 65535; tells stamps of one millisecond apart. */
  readonly counter: number

  /** @throws InkwireError `INK_BAD_ARGUMENT` outside 48 and 16 bits. */
  constructor(ms: number, counter: number) {
    if (!isWhole(ms, STAMP_MS_MAX) || !isWhole(counter, COUNTER_MAX)) {
      const text = `a stamp is whole milliseconds below 2^48 and a counter below 2^16, not ${describe(ms)}`
      throw new InkwireError('INK_BAD_ARGUMENT', `${text} and ${describe(counter)}`)
    }
    this.ms = ms
    this.counter = counter
  }

  /** The stamp that `toBytes` wrote. @throws InkwireError `INK_BAD_ARGUMENT` for anything but 8 bytes. */
  static fromBytes(bytes: Uint8Array): Stamp {
    if (!isBytes(bytes) || bytes.byteLength !== STAMP_BYTES) {
      throw new InkwireError('INK_BAD_ARGUMENT', `a stamp is a Uint8Array of 8 bytes, not ${describe(bytes)}`)
    }
    return new Stamp(readStampMs(bytes, 0), readStampCounter(bytes, 0))
  }

  /** Below 0: this one is smaller; 0: they are equal; above 0: this one is larger. */
  compare(other: Stamp): number {
    return this.ms - other.ms || this.counter - other.counter
  }

  /** Eight bytes that order as stamps do. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(STAMP_BYTES)
    writeStamp(bytes, 0, this.ms, this.counter)
    return bytes
  }

  /** `1767225600000.3` */
  toString(): string {
    return `${this.ms}.${this.counter}`
  }
}

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max
}
