/**
 * How chunks come to their place, at either end of a transfer.
 *
 * Into memory they are copied from where the link has put them, in the turn in which they came: that is the one copy of this side.
 * Functions of a user get bytes of their own, one chunk after the other.
 */
import { TRANSFER } from './machine/limits.ts'
import { encodePlaced } from './machine/words.ts'
import type { Region } from './region.ts'

/** Whose parts are chunks: the call of a transfer, at either end. */
export interface ChunkSource extends AsyncIterable<Uint8Array> {
  takeParts(take: (part: Uint8Array) => void): Promise<void>
  send(part: Uint8Array): Promise<boolean>
  sendAhead(part: Uint8Array, unsentBytes: number): Promise<boolean>
}

/** Sends one, and waits until it may be the next one's turn soon. False: nobody wants more. */
export function sendChunk(source: Pick<ChunkSource, 'sendAhead'>, chunk: Uint8Array): Promise<boolean> {
  return source.sendAhead(chunk, TRANSFER.aheadBytes)
}

/** Writes each, and says so; ends when no more come. What either throws ends it at once. `region`: where `write` puts them. */
export async function eachChunk(
  source: ChunkSource,
  { isMemory }: Pick<Region, 'isMemory'>,
  write: (chunk: Uint8Array) => Promise<void> | undefined,
  written: (chunk: Uint8Array) => void,
): Promise<void> {
  if (isMemory) {
    await source.takeParts((chunk) => {
      void write(chunk)
      written(chunk)
    })
    return
  }
  for await (const chunk of source) {
    const writing = write(chunk)
    if (writing !== undefined) await writing
    written(chunk)
  }
}

/** Tells the other end how much is placed, so often that its window does not run dry. */
export class PlacedWords {
  readonly #call: Pick<ChunkSource, 'send'>
  readonly #length: number
  #told = 0
  /** `full`: the other end reads none. What comes meanwhile is said with the next one, so that they do not heap up. */
  #room: 'free' | 'full' = 'free'

  /** `length`: of the transfer. */
  constructor(call: Pick<ChunkSource, 'send'>, length: number) {
    this.#call = call
    this.#length = length
  }

  say(placed: number): void {
    if (this.#room === 'full' || (placed - this.#told < TRANSFER.placedBytes && placed < this.#length)) return
    this.#told = placed
    this.#room = 'full'
    const free = (): void => {
      this.#room = 'free'
    }
    // Of a call that has failed its own outcome tells.
    this.#call.send(encodePlaced(placed)).then(free, free)
  }
}
