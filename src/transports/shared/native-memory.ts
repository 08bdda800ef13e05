/**
 * What Node cannot do about memory, and the C library can: memory without a file, sealed so that nobody can cut it off, and
 * mapped so that it can be addressed.
 *
 * The way there is the optional package koffi, or node:ffi where Node has it. A wrong signature would end the process, so this
 * is the only file with any (but for the one of send-buffer.ts), and whatever is found has to do a round of its work before
 * anybody relies on it.
 */
import { closeSync, ftruncateSync, readSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'

export interface NativeMemory {
  /** A descriptor of new memory of this size, which can neither shrink nor grow. */
  make(bytes: number): number
  /** Whether this is such memory. */
  isSealed(fd: number): boolean
  /** Throws when the kernel gives no more. */
  map(fd: number, bytes: number): Mapping
}

export interface Mapping {
  readonly memory: ArrayBuffer
  /** Whoever touches the memory afterwards ends the process. */
  unmap(): void
}

/** The calls that are needed, as either way offers them. A pointer is a bigint, or what koffi makes of one. */
interface Calls<Pointer> {
  memfdCreate(name: string, flags: number): number
  fcntl(fd: number, command: number, argument: number): number
  mmap(bytes: number, fd: number): Pointer
  munmap(at: Pointer, bytes: number): number
  isMapped(at: Pointer): boolean
  view(at: Pointer, bytes: number): ArrayBuffer
}

// <linux/memfd.h>, <linux/fcntl.h>, <sys/mman.h>: the same on all of Linux's architectures that Node runs on.
const MFD_CLOEXEC = 1
const MFD_ALLOW_SEALING = 2
const F_ADD_SEALS = 1033
const F_GET_SEALS = 1034
const F_SEAL_SEAL = 1
const F_SEAL_SHRINK = 2
const F_SEAL_GROW = 4
const PROT_READ_WRITE = 3
const MAP_SHARED = 1
/** mmap() says that it failed with the highest address of all. */
const MAP_FAILED = 2n ** 64n - 1n

/** Undefined: nobody has asked yet. */
let found: NativeMemory | null | undefined

/** Null where there is no way. */
export function nativeMemory(): NativeMemory | null {
  if (found === undefined) found = process.platform === 'linux' ? (tried(byKoffi) ?? tried(byNodeFfi)) : null
  return found
}

function tried(way: () => NativeMemory): NativeMemory | null {
  try {
    const memory = way()
    return works(memory) ? memory : null
  } catch {
    return null
  }
}

/** What is written to its descriptor is seen in the memory, and the reverse; and it cannot be cut off. */
function works(native: NativeMemory): boolean {
  const bytes = 4096
  const fd = native.make(bytes)
  try {
    const mapping = native.map(fd, bytes)
    const { memory } = mapping
    const seen = new Uint8Array(memory)
    writeSync(fd, Uint8Array.of(7), 0, 1, 9)
    seen[10] = seen[9]! + 1
    const read = new Uint8Array(1)
    readSync(fd, read, 0, 1, 10)
    const isWhole = memory.byteLength === bytes
    mapping.unmap()
    return isWhole && read[0] === 8 && native.isSealed(fd) && !canCut(fd)
  } finally {
    closeSync(fd)
  }
}

function canCut(fd: number): boolean {
  try {
    ftruncateSync(fd, 0)
    return true
  } catch {
    return false
  }
}

function over<Pointer>(calls: Calls<Pointer>): NativeMemory {
  const isSealed = (fd: number): boolean => {
    const seals = calls.fcntl(fd, F_GET_SEALS, 0)
    return seals > 0 && (seals & F_SEAL_SHRINK) !== 0
  }
  return {
    make: (bytes) => {
      const fd = calls.memfdCreate('inkwire', MFD_CLOEXEC | MFD_ALLOW_SEALING)
      if (fd < 0) throw new Error('the kernel gives no memory without a file')
      try {
        ftruncateSync(fd, bytes)
        calls.fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW)
        if (!isSealed(fd)) throw new Error('the kernel does not seal memory')
        return fd
      } catch (thrown) {
        closeSync(fd)
        throw thrown
      }
    },
    isSealed,
    map: (fd, bytes) => {
      const at = calls.mmap(bytes, fd)
      if (!calls.isMapped(at)) throw new Error('the kernel maps no more memory')
      return { memory: calls.view(at, bytes), unmap: () => void calls.munmap(at, bytes) }
    },
  }
}

type Call = (...given: unknown[]) => never

interface Koffi {
  load(library: null): { func(declaration: string): Call }
  view(at: unknown, bytes: number): ArrayBuffer
  address(at: unknown): bigint
}

function byKoffi(): NativeMemory {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi
  const library = koffi.load(null)
  const memfdCreate = library.func('int memfd_create(const char *name, unsigned int flags)')
  const fcntl = library.func('int fcntl(int fd, int command, int argument)')
  const mmap = library.func('void *mmap(void *at, size_t bytes, int mode, int flags, int fd, int64_t offset)')
  const munmap = library.func('int munmap(void *at, size_t bytes)')
  return over<unknown>({
    memfdCreate,
    fcntl,
    mmap: (bytes, fd) => mmap(null, bytes, PROT_READ_WRITE, MAP_SHARED, fd, 0),
    munmap,
    isMapped: (at) => at !== null && BigInt.asUintN(64, koffi.address(at)) !== MAP_FAILED,
    view: (at, bytes) => koffi.view(at, bytes),
  })
}

interface NodeFfi {
  dlopen(
    library: null,
    signatures: Readonly<Record<string, { readonly arguments: readonly string[]; readonly return: string }>>,
  ): { readonly functions: Readonly<Record<'memfd_create' | 'fcntl' | 'mmap' | 'munmap', Call>> }
  toArrayBuffer(at: bigint, bytes: number, copy: boolean): ArrayBuffer
}

/** Throws where Node has no such module, or may not use it. */
function byNodeFfi(): NativeMemory {
  const ffi = (process.getBuiltinModule as (name: string) => unknown)('node:ffi') as NodeFfi
  const { functions } = ffi.dlopen(null, {
    memfd_create: { arguments: ['string', 'uint32'], return: 'int32' },
    fcntl: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
    mmap: { arguments: ['pointer', 'uint64', 'int32', 'int32', 'int32', 'int64'], return: 'pointer' },
    munmap: { arguments: ['pointer', 'uint64'], return: 'int32' },
  })
  return over<bigint>({
    memfdCreate: functions.memfd_create,
    fcntl: functions.fcntl,
    mmap: (bytes, fd) => functions.mmap(0n, BigInt(bytes), PROT_READ_WRITE, MAP_SHARED, fd, 0n),
    munmap: (at, bytes) => functions.munmap(at, BigInt(bytes)),
    isMapped: (at) => BigInt.asUintN(64, at) !== MAP_FAILED,
    view: (at, bytes) => ffi.toArrayBuffer(at, bytes, false),
  })
}
