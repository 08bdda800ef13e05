/**
 * The file that a Unix socket listens at: how it comes to be there with the right mode, is taken over from the dead, and goes.
 *
 * A socket is bound under a name that nobody knows, gets its mode, and is then linked to its own name. So nobody sees it
 * with another mode, and a name that is taken is never replaced: linking fails where anything is. Behind a taken name
 * may be a socket whose process is dead, which nobody removes; only that is moved away, and moved back if it turns out that
 * meanwhile somebody living has come. Who closes removes the file only if it is still its own.
 */
import { chmodSync, linkSync, lstatSync, mkdirSync, renameSync, unlinkSync, type BigIntStats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { nodeNet } from '../late/modules.ts'

/** What the kernel takes, without the zero behind it: 108 bytes on Linux, 104 elsewhere. */
export const PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103
/** The name under which a socket is made: a dot and seven digits. */
const DRAFT_BYTES = 8

/** How many bytes the path is too long by; 0 when it fits, also while the socket has its first name. */
export function excessBytes(path: string): number {
  const name = Math.max(Buffer.byteLength(basename(path)), DRAFT_BYTES)
  const whole = Buffer.byteLength(dirname(path)) + (dirname(path) === '/' ? 0 : 1) + name
  return Math.max(0, whole - PATH_BYTES_MAX)
}

/** Where the socket is made: in the same directory, so that it can be linked. */
export function draftOf(path: string, digits: string): string {
  return join(dirname(path), `.${digits.slice(0, DRAFT_BYTES - 1)}`)
}

/** Makes the directory, and those above it, with this mode; one that is there keeps its own. */
export function makeDirectory(path: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode })
}

/**
 * Gives the socket that listens at `draft` its mode and its name. Throws what the system says: `EADDRINUSE` when somebody
 * lives there, or something lies there that is no socket.
 */
export async function settle(draft: string, path: string, mode: number): Promise<BigIntStats> {
  chmodSync(draft, mode)
  const own = lstatSync(draft, { bigint: true })
  if (!placed(draft, path)) {
    const stale = lookAt(path)
    if (stale !== null && (!stale.isSocket() || (await isAlive(path)))) throw inUse(path, stale)
    if (stale !== null) moveAway(path, stale, `${draft}~`)
    if (!placed(draft, path)) throw inUse(path, stale)
  }
  unlinkSync(draft)
  return own
}

/** Removes the file, if it is still the one that was settled there. One that must stay is stale, and taken over later. */
export function vacate(path: string, own: BigIntStats): void {
  try {
    const there = lookAt(path)
    if (there !== null && isSame(there, own)) removeIfThere(path)
  } catch {
    // The directory went, or may not be written to any more.
  }
}

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** False: something has that name. */
function placed(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** The stale socket goes; what took its place since it was looked at is put back. */
function moveAway(path: string, stale: BigIntStats, aside: string): void {
  try {
    renameSync(path, aside)
  } catch (error) {
    // Somebody else has moved it.
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  const moved = lookAt(aside)
  if (moved !== null && !isSame(moved, stale)) placed(aside, path)
  removeIfThere(aside)
}

/** Whether anybody takes connections there. Only a refusal says that nobody does. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = nodeNet().connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) => {
      resolve(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error)))
    })
  })
}

function lookAt(path: string): BigIntStats | null {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null
}

/** Numbers of files are used again; the time when it was made tells two of them apart. Links and modes change neither. */
function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.mtimeNs === b.mtimeNs
}

function inUse(path: string, there: BigIntStats | null): Error {
  const what = there === null || there.isSocket() ? 'somebody listens there' : 'what is there is no socket'
  return Object.assign(new Error(`${path}: ${what}`), { code: 'EADDRINUSE' })
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}
