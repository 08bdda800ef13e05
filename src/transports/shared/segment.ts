/**
 * The memory of one link between two processes: who makes it, how the other end gets it, and what must be true of it.
 *
 * It never has a name. Mapped memory is a memfd; without native help it is a file of tmpfs that is born without one. Either
 * is gone with the last descriptor, however its processes end. The other end opens it through /proc, which lets in nobody
 * but the same user. What it gets must be memory of that user alone, without a name, of the size that was agreed, with the
 * number in it that it has asked for: so nobody can have it write into a file, or into the memory of others.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import type { Stats } from 'node:fs'
import { asError } from '../../common/errors.ts'
import { MAPPED_HEADER_BYTES, MappedRing } from '../ring/mapped-ring.ts'
import type { Shared } from '../ring-lanes.ts'
import { FILE_HEADER_BYTES, FileRing } from './file-ring.ts'
import type { NativeMemory } from './native-memory.ts'
import { NONCE_BYTES, type SegmentKind } from './set-up.ts'

/** Where files without a name are made. */
const TMPFS = '/dev/shm'
/** Of Linux, and left out by Node: the directory is that of a file which has no name in it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY
/** The number lies in front of both rings, in a line of the caches of its own. */
const FRONT_BYTES = 128
const OWNER_ONLY = 0o600

/** What one end of a link has of it. */
export interface Segment {
  /** Of this end, until it is released. */
  readonly fd: number
  readonly shared: Shared
}

/** A segment that cannot be had, with the reason. */
export class SegmentError extends Error {}

/** Makes the memory for a link that this process dials. Throws a SegmentError. */
export function makeSegment(native: NativeMemory | null, ringBytes: number, nonce: Uint8Array): Segment {
  const bytes = sizeOf(native === null ? 'file' : 'mapped', ringBytes)
  let fd: number
  try {
    if (native !== null) fd = native.make(bytes)
    else fd = openSync(TMPFS, constants.O_RDWR | O_TMPFILE, OWNER_ONLY)
  } catch (thrown) {
    throw new SegmentError(`no memory can be made: ${asError(thrown).message}`)
  }
  return orClose(fd, () => {
    fchmodSync(fd, OWNER_ONLY)
    if (native === null) ftruncateSync(fd, bytes)
    // All of it is there from now on: tmpfs that is full later costs nobody a link, or his process.
    fill(fd, bytes)
    writeSync(fd, nonce, 0, NONCE_BYTES, 0)
    return attach(native, fd, ringBytes, 'maker')
  })
}

/** Opens what the other end has made. Throws a SegmentError. */
export function openSegment(
  native: NativeMemory | null,
  { pid, fd: theirs, ringBytes }: { readonly pid: number; readonly fd: number; readonly ringBytes: number },
  nonce: Uint8Array,
): Segment {
  const path = `/proc/${pid}/fd/${theirs}`
  const bytes = sizeOf(native === null ? 'file' : 'mapped', ringBytes)
  let fd: number
  try {
    // Looked at before it is opened: to open can mean something, such as with a terminal or a pipe.
    check(statSync(path), bytes)
    fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (thrown) {
    if (thrown instanceof SegmentError) throw thrown
    throw new SegmentError(`${asError(thrown).message}; both ends must be of one user and see one another's /proc`)
  }
  return orClose(fd, () => {
    check(fstatSync(fd), bytes)
    const there = new Uint8Array(NONCE_BYTES)
    readSync(fd, there, 0, NONCE_BYTES, 0)
    if (Buffer.compare(there, nonce) !== 0)
      throw new SegmentError('it was not made for this link; is the other end in a container of its own?')
    if (native?.isSealed(fd) === false) throw new SegmentError('it can be cut off, which would end this process')
    return attach(native, fd, ringBytes, 'opener')
  })
}

function sizeOf(kind: SegmentKind, ringBytes: number): number {
  return FRONT_BYTES + 2 * (headerOf(kind) + ringBytes)
}

function headerOf(kind: SegmentKind): number {
  return kind === 'mapped' ? MAPPED_HEADER_BYTES : FILE_HEADER_BYTES
}

function check(stats: Stats, bytes: number): void {
  if (!stats.isFile() || stats.nlink > 0) throw new SegmentError('what was offered is no memory, or has a name')
  if (stats.uid !== process.geteuid?.()) throw new SegmentError('it belongs to another user')
  if ((stats.mode & 0o077) !== 0) throw new SegmentError('others than its owner may open it')
  if (stats.size !== bytes) throw new SegmentError(`it has ${stats.size} bytes instead of ${bytes}`)
}

/** The maker writes to the first ring, and the other end to the second one. */
function attach(native: NativeMemory | null, fd: number, ringBytes: number, role: 'maker' | 'opener'): Segment {
  const { rings, release } = native === null ? fileRings(fd, ringBytes, role) : mappedRings(native, fd, ringBytes)
  const [first, second] = rings
  const shared = role === 'maker' ? { out: first, into: second, release } : { out: second, into: first, release }
  return { fd, shared }
}

function mappedRings(native: NativeMemory, fd: number, ringBytes: number): Attached {
  const mapping = native.map(fd, sizeOf('mapped', ringBytes))
  const { memory } = mapping
  const rings = both('mapped', ringBytes, (offset) => new MappedRing(memory, offset, ringBytes))
  const release = (): void => {
    for (const ring of rings) ring.release()
    mapping.unmap()
    closeSync(fd)
  }
  return { rings, release }
}

function fileRings(fd: number, ringBytes: number, role: 'maker' | 'opener'): Attached {
  const rings = both('file', ringBytes, (offset) => new FileRing(fd, offset, ringBytes))
  if (role === 'maker') for (const ring of rings) ring.clear()
  const release = (): void => {
    for (const ring of rings) ring.release()
    closeSync(fd)
  }
  return { rings, release }
}

interface Attached {
  readonly rings: readonly [Shared['out'], Shared['into']]
  readonly release: () => void
}

function both<R>(kind: SegmentKind, ringBytes: number, make: (offset: number) => R): [R, R] {
  return [make(FRONT_BYTES), make(FRONT_BYTES + headerOf(kind) + ringBytes)]
}

function fill(fd: number, bytes: number): void {
  const zeros = new Uint8Array(Math.min(bytes, 1024 * 1024))
  for (let at = 0; at < bytes; at += zeros.length) writeSync(fd, zeros, 0, Math.min(zeros.length, bytes - at), at)
}

function orClose<T>(fd: number, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    closeSync(fd)
    throw thrown instanceof SegmentError ? thrown : new SegmentError(asError(thrown).message)
  }
}
