/**
 * What the note of an OPEN says of a call that is to run once: before its metadata, and only to peers that know of it.
 *
 *     format (1): 2, again (1), instance of the server (16), number (6), below (6), then the metadata's own note
 *
 * All numbers are little-endian. The instance is the server's that the caller means: another one must not run it.
 */
import { fromHex, toHex } from '../../common/bytes.ts'
import { ONCE } from './limits.ts'
import type { Attempt } from './outcomes.ts'
import { readUint48, writeUint48 } from './words.ts'

const FORMAT = 2
const INSTANCE_AT = 2
const NUMBER_AT = INSTANCE_AT + 16
const BELOW_AT = NUMBER_AT + 6

/** An attempt of a call that is to run once, at this instance of its server. */
export interface OnceNote extends Attempt {
  /** As 32 hexadecimal digits. */
  readonly instance: string
}

export function onceNote({ instance, number, below, again }: OnceNote, metadata: Uint8Array | null): Uint8Array {
  const note = new Uint8Array(ONCE.noteBytes + (metadata?.length ?? 0))
  note[0] = FORMAT
  note[1] = again ? 1 : 0
  note.set(fromHex(instance), INSTANCE_AT)
  writeUint48(note, NUMBER_AT, number)
  writeUint48(note, BELOW_AT, below)
  if (metadata !== null) note.set(metadata, ONCE.noteBytes)
  return note
}

/** Null: the note says nothing of it. */
export function readOnce(note: Uint8Array): OnceNote | null {
  if (note[0] !== FORMAT || note.length < ONCE.noteBytes) return null
  return {
    instance: toHex(note.subarray(INSTANCE_AT, NUMBER_AT)),
    number: readUint48(note, NUMBER_AT),
    below: readUint48(note, BELOW_AT),
    again: note[1] === 1,
  }
}

/** The note of the metadata behind it. */
export function behindOnce(note: Uint8Array): Uint8Array {
  return note.subarray(ONCE.noteBytes)
}
