/**
 * What the memory of one lent buffer must hold, held against what it does hold: every byte in it was put there by somebody who
 * said so, in order; what was cut off lands over nothing newer; and once the buffer is taken back or its owner is dead, no byte changes.
 *
 * A buffer has one slot for each name that may write, so two writers never meet. A write lays chunk behind chunk from the beginning of
 * its slot on: at any moment the slot begins with chunks of it, and goes on with what was there before. Pure.
 */
import { TRANSFER } from '../../buffers/machine/limits.ts'

/** One write, as its writer knows it. */
export interface SlotWrite {
  /** What it writes, from the beginning of the slot on. */
  readonly bytes: Uint8Array
  /** So much of it is there for certain, and no more than that may be. */
  sure: number
  most: number
}

interface Slot {
  readonly offset: number
  readonly length: number
  /** Grows with each change of what is under way: whoever reads sees whether anything may have happened meanwhile. */
  version: number
  /** Under way, or cut off: of that more may still come. */
  write: SlotWrite | null
  /** Those that were cut off before it, until a chunk of it is there. */
  earlier: SlotWrite[]
}

export class Shadow {
  readonly memory: Uint8Array
  readonly #slots: readonly Slot[]
  /** What is there but for writes under way. */
  readonly #settled: Uint8Array
  /** What is there for ever. */
  #frozen: Uint8Array | null = null

  constructor(memory: Uint8Array, slots: number) {
    this.memory = memory
    this.#settled = memory.slice()
    const length = Math.floor(memory.length / slots)
    this.#slots = Array.from({ length: slots }, (_, slot) => ({
      ...{ offset: slot * length, length, version: 0 },
      ...{ write: null, earlier: [] },
    }))
  }

  slotRange(slot: number): { readonly offset: number; readonly length: number } {
    const { offset, length } = this.#slots[slot]!
    return { offset, length }
  }

  /** A write begins. */
  begin(slot: number, bytes: Uint8Array): SlotWrite {
    const one = this.#slots[slot]!
    if (one.write !== null) one.earlier.push(one.write)
    one.write = { bytes, sure: 0, most: bytes.length }
    one.version++
    return one.write
  }

  /** Its writer has heard of its end. `isOver`: nothing of it can come any more. What is wrong, in words. */
  settle(slot: number, write: SlotWrite, isOver: boolean): string[] {
    const one = this.#slots[slot]!
    if (one.write !== write) return []
    const wrong = this.#wrongIn(one)
    one.version++
    if (isOver) this.#close(one)
    return wrong.map((text) => `slot ${slot}: ${text}`)
  }

  /** Nobody writes now, and nothing is on its way. */
  rest(): void {
    for (const slot of this.#slots) if (slot.write !== null) this.#close(slot)
  }

  /** Nobody writes any more, ever. */
  freeze(): void {
    this.#frozen ??= this.memory.slice()
  }

  get isFrozen(): boolean {
    return this.#frozen !== null
  }

  /** To be given to `misread()` later. */
  get versions(): number[] {
    return this.#slots.map(({ version }) => version)
  }

  /** What is wrong now, in words. */
  problems(): string[] {
    const frozen = this.#frozen
    if (frozen !== null) return same(frozen, this.memory) ? [] : ['a byte has changed that nobody may change any more']
    return this.#slots.flatMap((slot, index) => this.#wrongIn(slot).map((wrong) => `slot ${index}: ${wrong}`))
  }

  /** What is wrong with bytes that were read from `offset` on, since the slots had these versions. */
  misread(bytes: Uint8Array, offset: number, versions: readonly number[]): string[] {
    return this.#slots.flatMap((slot, index) => {
      if (slot.version !== versions[index] || slot.write !== null) return []
      const from = Math.max(offset, slot.offset)
      const to = Math.min(offset + bytes.length, slot.offset + slot.length)
      if (from >= to || same(bytes.subarray(from - offset, to - offset), this.#settled.subarray(from, to))) return []
      return [`slot ${index}: what was read is not what was there`]
    })
  }

  #close(slot: Slot): void {
    this.#settled.set(this.memory.subarray(slot.offset, slot.offset + slot.length), slot.offset)
    slot.write = null
    slot.earlier = []
    slot.version++
  }

  #wrongIn(slot: Slot): string[] {
    const { offset, length, write } = slot
    const now = this.memory.subarray(offset, offset + length)
    const before = this.#settled.subarray(offset, offset + length)
    if (write === null) return same(now, before) ? [] : ['bytes are there that nobody has sent']
    const there = chunksThere(now, write.bytes)
    if (there < write.sure) return [`${write.sure} bytes are said to be placed, and ${there} are`]
    const from = Math.min(there, write.most)
    const strange = segments(slot, from).find(([at, end]) => !this.#isKnown(slot, at, end))
    if (strange !== undefined) return [`bytes ${strange.join(' to ')} are none that were there, with ${there} in place`]
    // Its owner has heard of it by now: nothing of an earlier one may come any more.
    if (there > 0 && slot.earlier.length > 0) {
      this.#settled.set(now, offset)
      slot.earlier = []
    }
    return []
  }

  #isKnown(slot: Slot, at: number, end: number): boolean {
    const now = this.memory.subarray(slot.offset + at, slot.offset + end)
    const known = [
      this.#settled.subarray(slot.offset, slot.offset + slot.length),
      ...slot.earlier.map(({ bytes }) => bytes),
    ]
    return known.some((bytes) => bytes.length >= end && same(now, bytes.subarray(at, end)))
  }
}

/** Parts of a slot from `from` on, each of which lies in one chunk of every write. */
function segments({ length, earlier }: Slot, from: number): [number, number][] {
  const ends = new Set([length, ...earlier.map(({ bytes }) => bytes.length)])
  for (let at = TRANSFER.chunkBytes; at < length; at += TRANSFER.chunkBytes) ends.add(at)
  let at = from
  return [...ends]
    .sort((a, b) => a - b)
    .flatMap((end) => {
      if (end <= at) return []
      const part: [number, number] = [at, end]
      at = end
      return [part]
    })
}

/** How many of the first bytes of a write are there, in whole chunks. */
function chunksThere(now: Uint8Array, written: Uint8Array): number {
  let there = 0
  while (there < written.length) {
    const end = Math.min(there + TRANSFER.chunkBytes, written.length)
    if (!same(now.subarray(there, end), written.subarray(there, end))) break
    there = end
  }
  return there
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && Buffer.compare(one, other) === 0
}
