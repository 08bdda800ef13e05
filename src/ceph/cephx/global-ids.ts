/**
 * The numbers that a monitor gives to who has none: by them Ceph tells clients apart, and OSDs their requests.
 *
 * They begin anywhere, so that those of different monitors, and of different lives of one, hardly ever meet: nothing is kept
 * and nothing is agreed on. As in Ceph they are far above the numbers of daemons.
 */
import { Reader } from '../msgr2/codec.ts'
import type { RandomBytes } from './proof.ts'

export class GlobalIds {
  #last: bigint | null = null

  next(randomBytes: RandomBytes): bigint {
    const before = this.#last ?? (1n + BigInt(new Reader(randomBytes(4)).u32())) << 20n
    this.#last = before + 1n
    return this.#last
  }
}
