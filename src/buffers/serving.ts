/** How an owner serves a transfer: chunks out of its buffer, or into it, at the pace of the other end. */
import { Deque } from '../common/deque.ts'
import type { ServerCall } from '../index.ts'
import type { Range } from './machine/claims.ts'
import { TRANSFER } from './machine/limits.ts'
import { decodePlaced } from './machine/words.ts'
import { eachChunk, PlacedWords, sendChunk } from './chunks.ts'
import type { OwnedTransfer } from './owned-transfer.ts'
import { Pace } from './pace.ts'
import { refusal } from './transfer-call.ts'

/** The holder reads. */
export async function serveRead(transfer: OwnedTransfer, call: ServerCall, { offset, length }: Range): Promise<void> {
  const pace = new Pace()
  const slots = new Slots()
  transfer.onStop = () => {
    pace.end()
  }
  void hearPlaced(call, pace, transfer)
  while (pace.sent < length) {
    const room = pace.room()
    if (room !== undefined) await room
    if (pace.isOver) break
    const chunk = Math.min(TRANSFER.chunkBytes, length - pace.sent)
    const into = transfer.region.isMemory ? slots.take(pace, chunk) : null
    const read = transfer.read(offset + pace.sent, chunk, into)
    const bytes = read instanceof Promise ? await read : read
    pace.send(chunk)
    if (!(await sendChunk(call, bytes))) break
  }
  transfer.check()
  if (pace.sent < length) throw refusal('cancelled', 'the reader has ended it')
}

/**
 * Memory for the chunks that are on their way: that of one which is placed at the other end is used again, the last one first, as it
 * is still near the processor. Fresh memory for every chunk costs more than all the rest of its way. Limit: one window.
 */
class Slots {
  /** Of the chunks on their way, oldest first. */
  readonly #used = new Deque<Uint8Array>()
  readonly #free: Uint8Array[] = []
  /** What the chunks that were given back end at. */
  #freed = 0

  /** For the next chunk; all are full but for the last one. */
  take({ placed }: Pick<Pace, 'placed'>, bytes: number): Uint8Array {
    for (; this.#freed + TRANSFER.chunkBytes <= placed; this.#freed += TRANSFER.chunkBytes) {
      this.#free.push(this.#used.shift()!)
    }
    const slot = this.#free.pop() ?? new Uint8Array(TRANSFER.chunkBytes)
    this.#used.push(slot)
    return slot.subarray(0, bytes)
  }
}

/** What the reader says that it has placed, until it says no more. Never rejects. */
async function hearPlaced(call: ServerCall, pace: Pace, transfer: OwnedTransfer): Promise<void> {
  try {
    for await (const word of call) {
      if (!pace.heard(decodePlaced(word))) break
      transfer.heard()
    }
  } catch {
    // The call has failed: whoever serves it hears that by itself.
  }
  pace.end()
}

/** The holder writes. */
export async function serveWrite(transfer: OwnedTransfer, call: ServerCall, { offset, length }: Range): Promise<void> {
  transfer.onStop = () => {
    call.discard()
  }
  let placed = 0
  const words = new PlacedWords(call, length)
  const write = (chunk: Uint8Array): Promise<void> | undefined => {
    transfer.check()
    // One of no bytes would say that something happens where nothing does.
    if (chunk.length === 0) throw refusal('failed', 'a chunk has no bytes')
    if (chunk.length > length - placed) throw refusal('out-of-range', 'there are more bytes than were announced')
    return transfer.write(offset + placed, chunk)
  }
  await eachChunk(call, transfer.region, write, ({ length: bytes }) => {
    placed += bytes
    words.say(placed)
  })
  transfer.check()
  if (placed < length) throw refusal('failed', `the writer ended after ${placed} of ${length} bytes`)
}
