/**
 * The words of a group on the wire: what stands in the front of a message, and in its data the bytes of its entries.
 *
 * Total: what is no word is null, which is the peer's fault. No count is believed before the bytes that it stands for are there.
 */
import { FieldReader, FieldWriter } from '../../common/fields.ts'
import { readEntries, readMember, readMembers, readView, writeEntries, writeMembers, writeView } from './fields.ts'
import { GROUPS } from './limits.ts'
import type { GroupWord, LeftReason, Lineage, MemberId } from './terms.ts'

/** The position of a kind is its number on the wire, from `KINDS_FROM`: append only. */
const KINDS = [
  'data',
  'orders',
  'ack',
  'stable',
  'prepare',
  'refuse',
  'held',
  'flushed',
  'cut',
  'install',
  'probe',
  'reform',
  'leave',
  'bye',
  'evict',
  'relieve',
] as const satisfies readonly GroupWord['kind'][]
const REASONS: readonly LeftReason[] = ['leave', 'process-down', 'node-down', 'partition', 'slow']

/** A word as bytes; what travels with it. */
export interface EncodedWord {
  readonly kind: number
  readonly front: Uint8Array
  readonly data: Uint8Array | null
}

export function encodeWord(word: GroupWord): EncodedWord {
  const out = new FieldWriter()
  let data: Uint8Array | null = null
  switch (word.kind) {
    case 'data':
      writeView(out, word.view)
      data = writeEntries(out, word.entries)
      break
    case 'orders':
      writeView(out, word.view)
      out.uint48(word.index)
      out.uint48(word.stable)
      data = writeEntries(out, word.entries)
      break
    case 'ack':
      writeView(out, word.view)
      out.uint48(word.received)
      out.uint48(word.consumed)
      out.uint8(word.needsStable ? 1 : 0)
      break
    case 'stable':
      writeView(out, word.view)
      out.uint48(word.stable)
      break
    case 'prepare':
      writeView(out, word.ballot)
      writeMembers(out, word.candidates)
      writeView(out, word.view)
      out.uint48(word.length)
      break
    case 'refuse':
      writeView(out, word.ballot)
      out.uint48(word.promised)
      break
    case 'held':
    case 'cut':
      writeView(out, word.ballot)
      writeView(out, word.view)
      out.uint48(word.index)
      data = writeEntries(out, word.entries)
      break
    case 'flushed':
      writeView(out, word.ballot)
      writeView(out, word.view)
      out.uint48(word.length)
      out.uint48(word.stable)
      out.uint8((word.isLeaving ? 1 : 0) | (word.isFresh ? 2 : 0))
      out.bytes(word.account)
      break
    case 'install':
      writeInstall(out, word)
      break
    case 'probe':
      writeView(out, word.view.id)
      writeMembers(out, word.view.members)
      break
    case 'reform':
    case 'leave':
    case 'relieve':
      writeView(out, word.view)
      break
    case 'bye':
    case 'evict':
      break
    default:
  }
  return { kind: KINDS.indexOf(word.kind), front: out.take(), data }
}

/** Null: it is no word. */
export function decodeWord(kind: number, front: Uint8Array, data: Uint8Array): GroupWord | null {
  const from = new FieldReader(front)
  const name = KINDS[kind]
  const word = name === undefined ? null : readWord(name, from, data)
  return word === null || !from.isAtEnd ? null : word
}

function readWord(kind: GroupWord['kind'], from: FieldReader, data: Uint8Array): GroupWord | null {
  switch (kind) {
    case 'data':
      return { kind, view: readView(from), entries: readEntries(from, data) }
    case 'orders': {
      const [view, index, stable] = [readView(from), from.uint48(), from.uint48()]
      return { kind, view, index, stable, entries: readEntries(from, data) }
    }
    case 'ack':
      return {
        kind,
        view: readView(from),
        received: from.uint48(),
        consumed: from.uint48(),
        needsStable: from.uint8() !== 0,
      }
    case 'stable':
      return { kind, view: readView(from), stable: from.uint48() }
    case 'prepare': {
      const [ballot, candidates] = [readView(from), readMembers(from)]
      return { kind, ballot, candidates, view: readView(from), length: from.uint48() }
    }
    case 'refuse':
      return { kind, ballot: readView(from), promised: from.uint48() }
    case 'held':
    case 'cut': {
      const [ballot, view, index] = [readView(from), readView(from), from.uint48()]
      return { kind, ballot, view, index, entries: readEntries(from, data) }
    }
    case 'flushed': {
      const [ballot, view, length, stable] = [readView(from), readView(from), from.uint48(), from.uint48()]
      const flags = from.uint8()
      const account = from.bytes(GROUPS.accountBytesMax)
      return { kind, ballot, view, length, stable, isLeaving: (flags & 1) !== 0, isFresh: (flags & 2) !== 0, account }
    }
    case 'install':
      return readInstall(from)
    case 'probe':
      return { kind, view: { id: readView(from), members: readMembers(from) } }
    case 'reform':
    case 'leave':
    case 'relieve':
      return { kind, view: readView(from) }
    case 'bye':
    case 'evict':
      return { kind }
    default:
      return null
  }
}

function writeInstall(out: FieldWriter, word: Extract<GroupWord, { kind: 'install' }>): void {
  writeView(out, word.ballot)
  writeMembers(out, word.members)
  out.uint16(word.lineages.length)
  for (const { view, length, stable, transitional, isFresh, accounts } of word.lineages) {
    writeView(out, view)
    out.uint48(length)
    out.uint48(stable)
    writeMembers(out, transitional)
    out.uint8(isFresh ? 1 : 0)
    out.uint16(accounts.length)
    for (const [member, account] of accounts) {
      out.text(member)
      out.bytes(account)
    }
  }
  out.uint16(word.reasons.length)
  for (const [member, reason] of word.reasons) {
    out.text(member)
    out.uint8(REASONS.indexOf(reason))
  }
}

function readInstall(from: FieldReader): GroupWord {
  const [ballot, members] = [readView(from), readMembers(from)]
  const lineages = from.list((): Lineage => {
    const [view, length, stable] = [readView(from), from.uint48(), from.uint48()]
    const [transitional, isFresh] = [readMembers(from), from.uint8() === 1]
    const accounts = from.list((): readonly [MemberId, Uint8Array] => [
      readMember(from),
      from.bytes(GROUPS.accountBytesMax),
    ])
    return { view, length, stable, transitional, isFresh, accounts }
  })
  const reasons = from.list((): readonly [MemberId, LeftReason] => [
    readMember(from),
    REASONS[from.uint8()] ?? 'partition',
  ])
  return { kind: 'install', ballot, members, lineages, reasons }
}
