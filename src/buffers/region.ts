/**
 * What bytes are read from and written to: memory, or functions of a user, as those of a file. Both ends of a transfer are one.
 *
 * User code runs guarded: whatever it throws or rejects with, or answers instead of bytes, is a `RegionError` with that as its cause.
 * What is sent of memory is a copy: registered memory may be used for something else while the copy is still on its way.
 */
import { isBytes } from '../common/bytes.ts'
import { InkwireError, wordsOf } from '../common/errors.ts'
import { describe } from '../common/options.ts'

/** A source of bytes. */
export interface BufferSource {
  /** `length` bytes from `offset` on, in memory of its own for each call: at most 124 KiB, one call after the other. */
  read(offset: number, length: number): Uint8Array | PromiseLike<Uint8Array>
}

/** A place for bytes. */
export interface BufferSink {
  /**
   * Puts bytes to `offset`; at most 124 KiB, one call after the other. They are placed when it returns, or its promise resolves. The
   * bytes are its own.
   */
  write(offset: number, bytes: Uint8Array): unknown
}

/** What can be registered beside memory: files, devices, anything with offsets. One of the two may be left out. */
export interface BufferDevice extends Partial<BufferSource>, Partial<BufferSink> {
  /** In bytes; 0 to 2^48 - 1. */
  readonly size: number
}

/** Reading or writing failed. */
export class RegionError extends Error {}

export interface Region {
  /** Bytes of memory that it keeps; 0: none of ours. */
  readonly memoryBytes: number
  readonly canRead: boolean
  readonly canWrite: boolean
  /** True: reading and writing are done when they return. */
  readonly isMemory: boolean
  /**
   * A promise only where user code gave one. Throws, or rejects with, a `RegionError`. Memory is copied to `into`; null: it is
   * shown where it lies, for who has done with it before anybody else can run, or whose it is. What user code gives is its own.
   */
  read(offset: number, length: number, into: Uint8Array | null): Uint8Array | Promise<Uint8Array>
  write(offset: number, bytes: Uint8Array): Promise<void> | undefined
}

export function memoryRegion(memory: Uint8Array): Region {
  return {
    memoryBytes: memory.byteLength,
    canRead: true,
    canWrite: true,
    isMemory: true,
    read: (offset, length, into) => {
      const end = offset + length
      // Memory that was transferred away, or has shrunk.
      if (end > memory.byteLength) throw new RegionError('the memory of the buffer is not there any more')
      const bytes = memory.subarray(offset, end)
      if (into === null) return bytes
      into.set(bytes)
      return into
    },
    write: (offset, bytes) => {
      if (offset + bytes.length > memory.byteLength) {
        throw new RegionError('the memory of the buffer is not there any more')
      }
      memory.set(bytes, offset)
      return undefined
    },
  }
}

/** By functions of a user. */
export function deviceRegion(device: Partial<BufferSource> & Partial<BufferSink>): Region {
  return {
    memoryBytes: 0,
    canRead: typeof device.read === 'function',
    canWrite: typeof device.write === 'function',
    isMemory: false,
    read: (offset, length) => {
      const answer = guarded('read', () => device.read?.(offset, length))
      return isThenable(answer)
        ? settled('read', answer).then((late) => checked(late, length))
        : checked(answer, length)
    },
    write: (offset, bytes) => {
      const answer = guarded('write', () => device.write?.(offset, bytes))
      return isThenable(answer) ? settled('write', answer).then(() => undefined) : undefined
    },
  }
}

/** Throws `INK_BAD_ARGUMENT` for what has not all of these methods. */
export function checkDevice(what: string, device: unknown, methods: readonly ('read' | 'write')[]): void {
  const given = (device ?? {}) as Partial<BufferDevice>
  const missing = methods.find((method) => typeof given[method] !== 'function')
  if (typeof device === 'object' && missing === undefined) return
  const wanted = `a Uint8Array, or an object with ${methods.map((method) => `${method}()`).join(' and ')}`
  throw new InkwireError('INK_BAD_ARGUMENT', `${what} takes ${wanted}, not ${describe(device)}`)
}

function guarded(what: string, run: () => unknown): unknown {
  try {
    return run()
  } catch (cause) {
    throw new RegionError(`${what}() of the buffer failed: ${wordsOf(cause)}`, { cause })
  }
}

async function settled(what: string, answer: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await answer
  } catch (cause) {
    throw new RegionError(`${what}() of the buffer failed: ${wordsOf(cause)}`, { cause })
  }
}

function checked(answer: unknown, length: number): Uint8Array {
  if (isBytes(answer) && answer.length === length) return answer
  const gave = isBytes(answer) ? `${answer.length} bytes` : describe(answer)
  throw new RegionError(`read() of the buffer was asked for ${length} bytes, and gave ${gave}`)
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return (
    guarded('then', () => typeof (answer as Partial<PromiseLike<unknown>> | undefined)?.then === 'function') === true
  )
}
