/**
 * Memory for the bodies of large messages: fresh, or of one that nobody looks at any more.
 *
 * What `fastDispatch` took comes back here, because its segments are valid during the call and no longer; and what the
 * handlers of a policy with `bodies: 'lend'` have finished. Every other body belongs to the application for as long as it
 * likes. Memory that is taken back is detached from whoever still has views of it, so that nobody reads other bytes there, or
 * gives it away a second time. What waits for its next use is held weakly, so an idle messenger gives it back to the garbage
 * collector. Limit: SPARE_BYTES_MAX.
 */
import { keepHere } from '../late/modules.ts'
import type { InboundMessage } from '../wire/message.ts'
import { allocate } from './fresh-memory.ts'

/** A smaller body costs the collector too little to be worth a search. */
const BODY_BYTES_MIN = 32 * 1024
const SPARE_BYTES_MAX = 16 * 1024 * 1024

interface Spare {
  readonly bytes: number
  readonly memory: WeakRef<ArrayBufferLike>
}

export class BodyMemory {
  readonly #spares: Spare[] = []
  #bytes = 0

  /** An array of its own, with anything in it. Throws a RangeError when there is no such memory. */
  take(bytes: number): Uint8Array {
    const index = bytes < BODY_BYTES_MIN ? -1 : this.#spares.findIndex((spare) => spare.bytes === bytes)
    return this.#remove(index) ?? allocate(bytes)
  }

  /** A message is over and nobody may look at it any more. A body that it shares with others stays. */
  give({ memory, bytes, offset }: InboundMessage): void {
    if (offset === 0 && memory.byteLength === bytes) this.giveAll(memory)
  }

  /** The same, of memory in which nothing else lies. */
  giveAll(memory: ArrayBufferLike): void {
    const bytes = memory.byteLength
    if (bytes < BODY_BYTES_MIN || bytes > SPARE_BYTES_MAX) return
    this.#spares.push({ bytes, memory: new WeakRef(takenBack(memory)) })
    this.#bytes += bytes
    while (this.#bytes > SPARE_BYTES_MAX) this.#remove(0)
  }

  #remove(index: number): Uint8Array | undefined {
    const [spare] = index < 0 ? [] : this.#spares.splice(index, 1)
    this.#bytes -= spare?.bytes ?? 0
    const memory = spare?.memory.deref()
    return memory && new Uint8Array(memory)
  }
}

/** The same memory, out of everybody's reach. Node 20 cannot do that; there it can at least not be transferred. */
function takenBack(memory: ArrayBufferLike & { transfer?: () => ArrayBuffer }): ArrayBufferLike {
  if (memory.transfer !== undefined) return memory.transfer()
  keepHere(memory)
  return memory
}
