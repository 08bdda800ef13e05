/** Lines out of a stream of bytes that is split anywhere. Limit: a line of `bytesMax`; a longer one is an error, and nothing follows. */
import { StringDecoder } from 'node:string_decoder'

export class Lines {
  readonly #bytesMax: number
  readonly #decoder = new StringDecoder('utf8')
  #parts: string[] = []
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The lines that are whole now; null: one is too long. */
  add(chunk: Uint8Array): string[] | null {
    const [first = '', ...others] = this.#decoder
      .write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
      .split('\n')
    this.#bytes += chunk.length
    this.#parts.push(first)
    if (others.length === 0) return this.#bytes > this.#bytesMax ? null : []
    const rest = others.pop() ?? ''
    const lines = [this.#parts.join(''), ...others]
    this.#parts = [rest]
    this.#bytes = Buffer.byteLength(rest)
    return lines.some((line) => line.length > this.#bytesMax) || this.#bytes > this.#bytesMax ? null : lines
  }
}
