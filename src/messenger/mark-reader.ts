/** The number of the service that a received message is marked for. */
import type { InboundMessage } from '../wire/message.ts'
import { MARK_BYTES } from '../wire/service.ts'

/** Reads the numbers of marks without a view of each: many lie in the same memory. It keeps the last one, a read buffer. */
export class MarkReader {
  #memory: ArrayBufferLike | null = null
  #bytes: Uint8Array = new Uint8Array(0)

  /** 0: none. */
  numberOf({ memory, offset, extensionBytes }: InboundMessage): number {
    if (extensionBytes < MARK_BYTES) return 0
    if (this.#memory !== memory) {
      this.#memory = memory
      this.#bytes = new Uint8Array(memory)
    }
    return this.#bytes[offset]! | (this.#bytes[offset + 1]! << 8)
  }
}
