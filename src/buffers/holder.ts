/**
 * A transfer as the holder of a reference runs it, over one connection. What is placed is known exactly at every moment: chunks come and
 * go in order, so it is always the first bytes of the transfer.
 */
import { onAbort } from '../common/abort.ts'
import { wordsOf } from '../common/errors.ts'
import type { Connection, Transaction } from '../index.ts'
import { TRANSFER } from './machine/limits.ts'
import type { Range } from './machine/claims.ts'
import { decodePlaced, type TransferRequest } from './machine/words.ts'
import { eachChunk, PlacedWords, sendChunk } from './chunks.ts'
import { Pace } from './pace.ts'
import { RegionError, type Region } from './region.ts'
import { openTransfer } from './transfer-call.ts'

/** One transfer of a holder, and how far it has come. */
export interface Holding {
  readonly request: TransferRequest
  /** Where the bytes go, or come from: offset 0 of it is the first of the transfer. */
  readonly region: Region
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number | undefined
  /** Told so often that a bar moves: every 256 KiB of what is read, and each time that the owner says what it has placed. */
  readonly progress: (placed: number) => void
  /** Bytes that are known to be placed. */
  placed: number
  /** Bytes that have been handed over to be sent. */
  sent: number
}

/** Reads over a connection. Rejects with what the call, the region or the progress has thrown. */
export async function receiveOver(connection: Connection, holding: Holding): Promise<void> {
  const { region, request } = holding
  const { length } = request.range
  const transaction = open(connection, holding)
  const words = new PlacedWords(transaction, length)
  let shown = 0
  const write = (chunk: Uint8Array): Promise<void> | undefined => {
    if (chunk.length > length - holding.placed) throw new RegionError('the owner has sent more than was asked for')
    return region.write(holding.placed, chunk)
  }
  const placed = ({ length: bytes }: Uint8Array): void => {
    holding.placed += bytes
    words.say(holding.placed)
    if (holding.placed - shown < TRANSFER.progressBytes && holding.placed < length) return
    shown = holding.placed
    holding.progress(shown)
  }
  try {
    await eachChunk(transaction, region, write, placed)
    await transaction.end()
    if (holding.placed < length) throw new RegionError(`the owner has sent ${holding.placed} of ${length} bytes`)
  } catch (thrown) {
    void transaction.cancel().catch(() => undefined)
    throw thrown
  }
}

/** Writes over a connection. When it rejects, the owner has stopped, or nobody can say. */
export async function sendOver(connection: Connection, holding: Holding): Promise<void> {
  const { length } = holding.request.range
  const { signal } = holding
  // Its signal asks the owner, and waits for what it says: until then bytes may be placed.
  const transaction = open(connection, { ...holding, signal: undefined })
  const release = onAbort(signal, () => {
    void transaction.cancel(wordsOf(signal?.reason)).catch(() => undefined)
  })
  const pace = new Pace()
  const heard = hearPlaced(transaction, pace, holding)
  // Looked at below; it may have failed long before.
  heard.catch(() => undefined)
  try {
    while (pace.sent < length) {
      const room = pace.room()
      if (room !== undefined) await room
      if (pace.isOver) break
      const size = Math.min(TRANSFER.chunkBytes, length - pace.sent)
      const read = holding.region.read(pace.sent, size, null)
      const chunk = read instanceof Promise ? await read : read
      pace.send(size)
      holding.sent = pace.sent
      if (!(await sendChunk(transaction, chunk))) break
    }
    if (pace.sent === length) void transaction.end()
    await heard
    await transaction.reply
    if (pace.sent < length) throw new RegionError(`the owner wants no more after ${pace.sent} of ${length} bytes`)
    holding.placed = length
  } catch (thrown) {
    await transaction.cancel().catch(() => undefined)
    await heard.catch(() => undefined)
    throw thrown
  } finally {
    release()
  }
}

function open(connection: Connection, { request, signal, timeoutMs }: Holding): Transaction<Uint8Array> {
  return openTransfer(connection, request, { signal, timeoutMs })
}

/** What the owner says that it has placed. Rejects when the progress throws. */
async function hearPlaced(transaction: Transaction<Uint8Array>, pace: Pace, holding: Holding): Promise<void> {
  try {
    for await (const word of transaction) {
      if (!pace.heard(decodePlaced(word))) throw new RegionError('the owner says that it has placed what was not sent')
      holding.placed = pace.placed
      holding.progress(pace.placed)
    }
  } finally {
    pace.end()
  }
}

/** The first bytes of a transfer, as ranges of the buffer. */
export function firstOf({ offset }: Range, bytes: number): Range[] {
  return bytes === 0 ? [] : [{ offset, length: bytes }]
}
