/**
 * The parts that words of a group are made of: views, members, and entries, whose bytes travel beside.
 *
 *     view      number (6), installer (text)          text    length (2), UTF-8
 *     entries   count of senders (2), senders (text), count (2), then each: flags (1), sender (2), number (6), type (4), length (4);
 *               of a piece its offset (4) and the total (4); of what was posted its origin (text). The bytes follow one
 *               another in the data
 *
 * All numbers are little-endian.
 */
import { concat } from '../../common/bytes.ts'
import type { FieldReader, FieldWriter } from '../../common/fields.ts'
import { GROUPS } from './limits.ts'
import type { Entry, MemberId, ViewId } from './terms.ts'

/** Flags of an entry: SAFE; not all of its message; posted by who is no member. */
const SAFE = 1
const PIECE = 2
const POSTED = 4

export function writeView(out: FieldWriter, { number, installer }: ViewId): void {
  out.uint48(number)
  out.text(installer)
}

export function readView(from: FieldReader): ViewId {
  return { number: from.uint48(), installer: from.text() }
}

export function writeMembers(out: FieldWriter, members: readonly MemberId[]): void {
  out.uint16(members.length)
  for (const member of members) out.text(member)
}

export function readMembers(from: FieldReader): MemberId[] {
  return from.list(() => from.text())
}

export function writeEntries(out: FieldWriter, entries: readonly Entry[]): Uint8Array {
  const senders = [...new Set(entries.map(({ from }) => from))]
  writeMembers(out, senders)
  out.uint16(entries.length)
  for (const { from, number, offset, total, isSafe, type, origin, data } of entries) {
    const isPiece = data.length !== total
    out.uint8((isSafe ? SAFE : 0) | (isPiece ? PIECE : 0) | (origin === '' ? 0 : POSTED))
    out.uint16(senders.indexOf(from))
    out.uint48(number)
    out.uint32(type)
    out.uint32(data.length)
    if (isPiece) out.uint32(offset).uint32(total)
    if (origin !== '') out.text(origin)
  }
  // Those of one are not copied.
  return entries.length === 1 ? entries[0]!.data : concat(entries.map(({ data }) => data))
}

/** Stands for what was no entry: nobody sees it. */
const BAD_ENTRY: Entry = Object.freeze({
  from: '',
  number: 0,
  offset: 0,
  total: 0,
  isSafe: false,
  type: 0,
  origin: '',
  data: new Uint8Array(0),
})

export function readEntries(from: FieldReader, data: Uint8Array): Entry[] {
  const senders = readMembers(from)
  let at = 0
  const entries = from.list((): Entry => {
    const flags = from.uint8()
    const sender = senders[from.uint16()]
    const number = from.uint48()
    const type = from.uint32()
    const length = from.uint32()
    const isPiece = (flags & PIECE) !== 0
    const offset = isPiece ? from.uint32() : 0
    const total = isPiece ? from.uint32() : length
    const origin = (flags & POSTED) === 0 ? '' : from.text()
    const isSound = sender !== undefined && at + length <= data.length && offset + length <= total
    if (!isSound || total > GROUPS.messageBytesMax) from.fail()
    if (from.isBad) return BAD_ENTRY
    at += length
    // subarray() asks for the constructor first, which is most of what it takes.
    const bytes = new Uint8Array(data.buffer, data.byteOffset + at - length, length)
    return { from: sender!, number, offset, total, isSafe: (flags & SAFE) !== 0, type, origin, data: bytes }
  })
  if (at !== data.length) from.fail()
  return entries
}
