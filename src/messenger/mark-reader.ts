/** The number of the service that a received message is marked for. */
import type { InboundMessage } from '../wire/message.ts'
import { MARK_BYTES } from '../wire/service.ts'

/**
 * Reads the numbers of marks without a view of each: many lie in the same memory. It keeps the last one, a read buffer. Each is
 * read once, and noted in its message: by the next time that may lie in memory of its own.
 */
export class MarkReader {
  #memory: ArrayBufferLike | null = null
  #bytes: Uint8Array = new Uint8Array(0)

  /** 0: none. */
  numberOf(message: InboundMessage): number {
    const { memory, offset, extensionBytes } = message
    if (extensionBytes < MARK_BYTES || message.mark > 0) return message.mark
    if (this.#memory !== memory) {
      this.#memory = memory
      this.#bytes = new Uint8Array(memory)
    }
    return (message.mark = this.#bytes[offset]! | (this.#bytes[offset + 1]! << 8))
  }
}
