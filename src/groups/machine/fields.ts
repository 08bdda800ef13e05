/**
 * The parts that words of a group are made of: views, members, and entries, whose bytes travel beside.
 *
 *     view      number (6), installer (text)          text    length (2), UTF-8
 *     entries   count of senders (2), senders (text), count (2), then each: flags (1), sender (2), number (6), type (4), length (4);
 *               of a piece its offset (4) and the total (4); of what was posted its origin (text). The bytes follow one
 *               another in the data. Flags of 8 alone: all as of the entry before, but that the number is the next one
 *
 * All numbers are little-endian.
 */
import { concat } from '../../common/bytes.ts'
import type { FieldReader, FieldWriter } from '../../common/fields.ts'
import { GROUPS } from './limits.ts'
import type { Entry, MemberId, ViewId } from './terms.ts'

/** Flags of an entry: SAFE; not all of its message; posted by who is no member. Or alone: as the one before, of the next number. */
const SAFE = 1
const PIECE = 2
const POSTED = 4
const NEXT = 8

const NO_BYTES = new Uint8Array(0)

export function writeView(out: FieldWriter, { number, installer }: ViewId): void {
  out.uint48(number)
  out.text(installer)
}

export function readView(from: FieldReader): ViewId {
  return { number: from.uint48(), installer: readMember(from) }
}

export function writeMembers(out: FieldWriter, members: readonly MemberId[]): void {
  out.uint16(members.length)
  for (const member of members) out.text(member)
}

export function readMembers(from: FieldReader): MemberId[] {
  return from.list(() => readMember(from))
}

/** What is said of it goes on to others, in words that are bounded. */
export function readMember(from: FieldReader): MemberId {
  return from.text(GROUPS.memberBytesMax)
}

export function writeEntries(out: FieldWriter, entries: readonly Entry[]): Uint8Array {
  const senders = [...new Set(entries.map(({ from }) => from))]
  writeMembers(out, senders)
  out.uint16(entries.length)
  let before: Entry | null = null
  for (const entry of entries) {
    if (before !== null && isNext(before, entry)) out.uint8(NEXT)
    else writeHead(out, entry, senders.indexOf(entry.from))
    before = entry
  }
  return joined(entries)
}

/** Most follow one another, of one kind and size. */
function isNext(before: Entry, { from, number, total, isSafe, type, origin, data }: Entry): boolean {
  return (
    number === before.number + 1 &&
    from === before.from &&
    data.length === total &&
    before.total === total &&
    before.data.length === total &&
    before.isSafe === isSafe &&
    before.type === type &&
    origin === '' &&
    before.origin === ''
  )
}

function writeHead(
  out: FieldWriter,
  { number, offset, total, isSafe, type, origin, data }: Entry,
  sender: number,
): void {
  const isPiece = data.length !== total
  out.uint8((isSafe ? SAFE : 0) | (isPiece ? PIECE : 0) | (origin === '' ? 0 : POSTED))
  out.uint16(sender)
  out.uint48(number)
  out.uint32(type)
  out.uint32(data.length)
  if (isPiece) out.uint32(offset).uint32(total)
  if (origin !== '') out.text(origin)
}

/** What lies in one memory, one behind the other, is not copied. */
function joined(entries: readonly Entry[]): Uint8Array {
  const [first] = entries
  if (first === undefined) return NO_BYTES
  const { buffer, byteOffset } = first.data
  let end = byteOffset
  for (const { data } of entries) {
    if (data.buffer !== buffer || data.byteOffset !== end) return concat(entries.map((entry) => entry.data))
    end += data.length
  }
  return new Uint8Array(buffer, byteOffset, end - byteOffset)
}

export function readEntries(from: FieldReader, data: Uint8Array): Entry[] {
  const senders = readMembers(from)
  const parts = new Parts(data)
  let before: Entry | null = null
  const entries = from.list((): Entry => {
    const flags = from.uint8()
    before = flags === NEXT ? nextOf(from, before, parts) : readHead(from, flags, senders, parts)
    return before
  })
  if (!parts.isAtEnd) from.fail()
  return entries
}

/** The bytes of entries, one after the other. */
class Parts {
  readonly #data: Uint8Array
  #at = 0

  constructor(data: Uint8Array) {
    this.#data = data
  }

  get isAtEnd(): boolean {
    return this.#at === this.#data.length
  }

  /** Those that are not there make the reader bad. */
  next(from: FieldReader, length: number): Uint8Array {
    const { buffer, byteOffset } = this.#data
    const at = this.#at
    if (from.isBad || at + length > this.#data.length) {
      from.fail()
      return NO_BYTES
    }
    this.#at += length
    // subarray() asks for the constructor first, which is most of what it takes.
    return new Uint8Array(buffer, byteOffset + at, length)
  }
}

function nextOf(from: FieldReader, before: Entry | null, parts: Parts): Entry {
  if (before === null || before.data.length !== before.total) from.fail()
  const { from: sender, number, total, isSafe, type } = before ?? NO_ENTRY
  const data = parts.next(from, total)
  return { from: sender, number: number + 1, offset: 0, total, isSafe, type, origin: '', data }
}

/** Stands before the first one. */
const NO_ENTRY = { from: '', number: 0, total: 0, isSafe: false, type: 0 }

function readHead(from: FieldReader, flags: number, senders: readonly MemberId[], parts: Parts): Entry {
  const sender = senders[from.uint16()]
  const number = from.uint48()
  const type = from.uint32()
  const length = from.uint32()
  const isPiece = (flags & PIECE) !== 0
  const offset = isPiece ? from.uint32() : 0
  const total = isPiece ? from.uint32() : length
  const origin = (flags & POSTED) === 0 ? '' : from.text(GROUPS.nameBytesMax)
  if (sender === undefined || offset + length > total || total > GROUPS.messageBytesMax) from.fail()
  const data = parts.next(from, length)
  return { from: sender ?? '', number, offset, total, isSafe: (flags & SAFE) !== 0, type, origin, data }
}
