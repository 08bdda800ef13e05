/** What is transferred: numbered chunks whose bytes follow from their numbers, so that nobody has to keep them. */
export const CHUNK_BYTES = 65_536

export function chunkOf(number: number): Uint8Array {
  const chunk = new Uint8Array(CHUNK_BYTES).fill(number & 0xff)
  new DataView(chunk.buffer).setUint32(0, number)
  return chunk
}
