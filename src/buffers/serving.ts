/** How an owner serves a transfer: chunks out of its buffer, or into it, at the pace of the other end. */
import type { ServerCall } from '../index.ts'
import type { Range } from './machine/claims.ts'
import { TRANSFER } from './machine/limits.ts'
import { decodePlaced } from './machine/words.ts'
import { eachChunk, PlacedWords } from './chunks.ts'
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
    const read = transfer.read(offset + pace.sent, chunk, slots.of(pace.sent).subarray(0, chunk))
    const bytes = read instanceof Promise ? await read : read
    pace.send(chunk)
    if (!(await call.send(bytes))) break
  }
  transfer.check()
  if (pace.sent < length) throw refusal('cancelled', 'the reader has ended it')
}

/**
 * Memory for the chunks of one window, used in turns: the chunk that was there before is placed at the other end by then, as the
 * window has room for the next one. Fresh memory for every chunk costs more than all the rest of its way.
 */
class Slots {
  readonly #slots: Uint8Array[] = []

  /** For the chunk that begins there; chunks are full but for the last one. */
  of(sent: number): Uint8Array {
    const slot = (sent / TRANSFER.chunkBytes) % (TRANSFER.windowBytes / TRANSFER.chunkBytes)
    return (this.#slots[slot] ??= new Uint8Array(TRANSFER.chunkBytes))
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
