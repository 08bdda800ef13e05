/** Transfers that need no session: with a buffer of this very messenger, and from contents that ride along in the reference. */
import { TRANSFER } from './machine/limits.ts'
import type { Holding } from './holder.ts'
import type { OwnedTransfer } from './owned-transfer.ts'
import type { Owner } from './owner.ts'
import { tokenOf, type BufferRef } from './ref.ts'
import { failure } from './transfer-call.ts'

/** Rejects with what the region, the owner or the progress has thrown. */
export async function local(owner: Owner, name: string, ref: BufferRef, holding: Holding): Promise<void> {
  const { direction, range } = holding.request
  const token = tokenOf(ref)
  if (direction === 'read' && token.contents !== null) {
    if (owner.wallMs() >= ref.expiresAtMs) throw failure('receive()', 'expired')
    const { bytes } = token.contents
    await copy(owner, holding, (at, size) => bytes.slice(range.offset + at, range.offset + at + size))
    return
  }
  const transfer = owner.open(token, direction, range, name)
  try {
    await (direction === 'read' ? readFrom(owner, transfer, holding) : writeTo(owner, transfer, holding))
  } finally {
    transfer.finish()
  }
}

/** One copy where both are memory. */
function readFrom(owner: Owner, transfer: OwnedTransfer, holding: Holding): Promise<void> {
  const { offset } = holding.request.range
  const { isMemory } = holding.region
  return copy(owner, holding, (at, size) => transfer.read(offset + at, size, isMemory ? null : new Uint8Array(size)))
}

async function copy(
  owner: Owner,
  holding: Holding,
  read: (at: number, size: number) => Uint8Array | Promise<Uint8Array>,
): Promise<void> {
  for (let size = next(holding); size > 0; size = next(holding)) {
    const chunk = read(holding.placed, size)
    const writing = holding.region.write(holding.placed, chunk instanceof Promise ? await chunk : chunk)
    if (writing !== undefined) await writing
    await moved(owner, holding, size)
  }
}

async function writeTo(owner: Owner, transfer: OwnedTransfer, holding: Holding): Promise<void> {
  const { offset } = holding.request.range
  for (let size = next(holding); size > 0; size = next(holding)) {
    const read = holding.region.read(holding.placed, size, new Uint8Array(size))
    const chunk = read instanceof Promise ? await read : read
    const writing = transfer.write(offset + holding.placed, chunk)
    if (writing !== undefined) await writing
    await moved(owner, holding, size)
  }
}

function next({ request, placed, signal }: Holding): number {
  if (signal?.aborted === true) throw failure('transfer', 'cancelled', signal.reason)
  return Math.min(TRANSFER.chunkBytes, request.range.length - placed)
}

/** Lets others run now and then. */
async function moved(owner: Owner, holding: Holding, size: number): Promise<void> {
  const before = holding.placed
  holding.placed += size
  const passes = (step: number): boolean => Math.floor(before / step) < Math.floor(holding.placed / step)
  if (passes(TRANSFER.windowBytes)) await owner.nextTurn()
  if (passes(TRANSFER.progressBytes) || holding.placed === holding.request.range.length) {
    holding.progress(holding.placed)
  }
}
