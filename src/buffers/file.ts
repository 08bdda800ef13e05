/** A file as a buffer, read and written where it lies: 124 KiB at a time, whatever its size. */
import type { FileHandle } from 'node:fs/promises'
import type { BufferDevice } from './region.ts'

/** Options of `fileBuffer()`. */
export interface FileBufferOptions {
  /** How many bytes it lends, 0 or more; default: as many as the file has now. */
  readonly size?: number | undefined
}

/** What can be registered, received into and sent from. */
export type FileBuffer = Required<BufferDevice>

/**
 * Makes a buffer of an open file. The file stays the caller's: close it when `unregister()` has resolved.
 *
 * @throws what `handle.stat()` rejects with.
 */
export async function fileBuffer(handle: FileHandle, options: FileBufferOptions = {}): Promise<FileBuffer> {
  const size = options.size ?? (await handle.stat()).size
  return {
    size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length)
      let got = 0
      while (got < length) {
        const { bytesRead } = await handle.read(bytes, got, length - got, offset + got)
        if (bytesRead === 0) throw new Error(`the file has ended after ${offset + got} bytes`)
        got += bytesRead
      }
      return bytes
    },
    write: async (offset, bytes) => {
      let put = 0
      while (put < bytes.length) put += (await handle.write(bytes, put, bytes.length - put, offset + put)).bytesWritten
    },
  }
}
