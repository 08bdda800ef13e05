/**
 * A member at rest inside a view, as a value and as bytes: what goes along when it goes on in another process.
 *
 * Nothing of its own is under way, its application has done with all that it was told, and it orders for nobody. So what is left
 * is its place in the view: what it holds for others of the order, and whom it can reach. The view is the last that it has promised.
 */
import { FieldWriter, type FieldReader } from '../../common/fields.ts'
import { readEntries, readMember, readMembers, readView, writeEntries, writeMembers, writeView } from './fields.ts'
import type { Entry, MemberId, View } from './terms.ts'

/** Where the stream of a view stands. */
export interface StreamStand {
  /** The first entry that some member may lack, and those from it on. */
  readonly base: number
  readonly entries: readonly Entry[]
  readonly stable: number
  /** The first entry that is not told. */
  readonly next: number
  /** Of messages that are told in part: by key what came of them. */
  readonly assemblies: readonly (readonly [string, Uint8Array])[]
}

export interface Standstill {
  readonly self: MemberId
  readonly view: View
  readonly highest: number
  readonly isFresh: boolean
  /** Who was up for it: no word between them was lost. */
  readonly up: readonly MemberId[]
  readonly stream: StreamStand
}

export function writeStandstill(out: FieldWriter, { self, view, highest, isFresh, up, stream }: Standstill): void {
  out.text(self)
  writeView(out, view.id)
  writeMembers(out, view.members)
  out.uint48(highest).uint8(isFresh ? 1 : 0)
  writeMembers(out, up)
  out.uint48(stream.base).uint48(stream.stable).uint48(stream.next)
  const heads = new FieldWriter()
  writeLong(out, writeEntries(heads, stream.entries)).raw(heads.take())
  out.uint16(stream.assemblies.length)
  for (const [key, bytes] of stream.assemblies) writeLong(out.text(key), bytes)
}

/** Whether it was one, the reader says. */
export function readStandstill(from: FieldReader): Standstill {
  const [self, id, members] = [readMember(from), readView(from), readMembers(from)]
  const [highest, isFresh, up] = [from.uint48(), from.uint8() === 1, readMembers(from)]
  const [base, stable, next] = [from.uint48(), from.uint48(), from.uint48()]
  const entries = readEntries(from, from.raw(from.uint32()))
  const assemblies = from.list((): readonly [string, Uint8Array] => [from.text(), from.raw(from.uint32())])
  const end = base + entries.length
  if (!members.includes(self) || stable > end || next > end || next < base) from.fail()
  return {
    self,
    view: { id, members },
    highest,
    isFresh,
    up,
    stream: { base, entries, stable, next, assemblies },
  }
}

function writeLong(out: FieldWriter, bytes: Uint8Array): FieldWriter {
  return out.uint32(bytes.length).raw(bytes)
}
