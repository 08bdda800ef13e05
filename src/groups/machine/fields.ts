/**
 * The parts that words of a group are made of: views, members, and entries, whose bytes travel beside.
 *
 *     view      number (6), installer (text)          text    length (2), UTF-8
 *     entries   count of senders (2), senders (text), count (2), then each: sender (2), number (6), offset (4), total (4),
 *               safe (1), type (4), origin (text), length (4); the bytes follow one another in the data
 *
 * All numbers are little-endian.
 */
import { concat } from '../../common/bytes.ts'
import type { FieldReader, FieldWriter } from '../../common/fields.ts'
import { GROUPS } from './limits.ts'
import type { Entry, MemberId, ViewId } from './terms.ts'

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
    out.uint16(senders.indexOf(from))
    out.uint48(number)
    out.uint32(offset)
    out.uint32(total)
    out.uint8(isSafe ? 1 : 0)
    out.uint32(type)
    out.text(origin)
    out.uint32(data.length)
  }
  // Those of one are not copied.
  return entries.length === 1 ? entries[0]!.data : concat(entries.map(({ data }) => data))
}

export function readEntries(from: FieldReader, data: Uint8Array): Entry[] {
  const senders = readMembers(from)
  let at = 0
  const entries = from.list((): Entry => {
    const sender = senders[from.uint16()]
    const [number, offset, total] = [from.uint48(), from.uint32(), from.uint32()]
    const [isSafe, type, origin, length] = [from.uint8() === 1, from.uint32(), from.text(), from.uint32()]
    const isSound = sender !== undefined && at + length <= data.length && offset + length <= total
    if (!isSound || total > GROUPS.messageBytesMax) from.fail()
    at += length
    const bytes = data.subarray(at - length, at)
    return { from: sender ?? '', number, offset, total, isSafe, type, origin, data: bytes }
  })
  if (at !== data.length) from.fail()
  return entries
}
