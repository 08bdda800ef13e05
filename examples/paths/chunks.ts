/**
 * What both processes know: the paths between them, and the chunks that are transferred. Their bytes follow from their numbers,
 * so that nobody has to keep them.
 */
import { join } from 'node:path'
import { sharedMemory, tcp, unix } from 'inkwire'

const isLinux = process.platform === 'linux'
export const transports = isLinux ? [tcp(), unix(), sharedMemory()] : [tcp(), unix()]

/** Where the daemon is found on this host alone, the fastest last. */
export function local(directory: string): string[] {
  const socket = `unix://${join(directory, 'osd.sock')}`
  return isLinux ? [socket, `shm://${join(directory, 'osd.shm')}`] : [socket]
}

export const CHUNK_BYTES = 65_536

export function chunkOf(number: number): Uint8Array {
  const chunk = new Uint8Array(CHUNK_BYTES).fill(number & 0xff)
  new DataView(chunk.buffer).setUint32(0, number)
  return chunk
}
