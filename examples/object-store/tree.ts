/**
 * What is stored: the regular files below a directory, in parts of at most `partBytes`.
 *
 * Symbolic links, sockets and the like are skipped. With a budget, the three largest files go in first, as long as they
 * need less than half of it, and the rest is a sample of the whole tree that depends on the seed alone.
 */
import { readdirSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { shuffle } from './random.ts'
import type { Random } from './random.ts'

const LARGEST = 3

export interface SourceFile {
  readonly path: string
  /** Relative to the directory, with `/`. */
  readonly name: string
  readonly bytes: number
}

/** One object: a file, or a part of a large one. */
export interface Part {
  readonly oid: string
  readonly path: string
  readonly offset: number
  readonly bytes: number
}

/** Every regular file below `directory`, by name. At once: a promise per file would take longer than the files do. */
export function filesBelow(directory: string): SourceFile[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  const files: SourceFile[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = statSync(path).size
    files.push({ path, name: relative(directory, path).split(sep).join('/'), bytes })
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** As many files as the budget allows; Infinity for no bound. */
export function sample(files: readonly SourceFile[], filesMax: number, bytesMax: number, random: Random): SourceFile[] {
  const bySize = [...files].sort((a, b) => b.bytes - a.bytes)
  const large = bySize.slice(0, LARGEST)
  const largeBytes = large.reduce((sum, file) => sum + file.bytes, 0)
  const first = large.length < filesMax && largeBytes * 2 <= bytesMax ? large : []
  const rest = shuffle(
    files.filter((file) => !first.includes(file)),
    random,
  )
  const chosen: SourceFile[] = []
  let bytes = 0
  for (const file of [...first, ...rest]) {
    if (chosen.length >= filesMax || bytes + file.bytes > bytesMax) continue
    chosen.push(file)
    bytes += file.bytes
  }
  return shuffle(chosen, random)
}

export function partsOf(file: SourceFile, partBytes: number): Part[] {
  const count = Math.max(1, Math.ceil(file.bytes / partBytes))
  return Array.from({ length: count }, (_, index) => ({
    oid: count === 1 ? file.name : `${file.name}#${index}`,
    path: file.path,
    offset: index * partBytes,
    bytes: Math.min(partBytes, file.bytes - index * partBytes),
  }))
}

/** @throws when the file is shorter than it was. */
export async function readPart(part: Part): Promise<Uint8Array> {
  const data = Buffer.allocUnsafeSlow(part.bytes)
  const file = await open(part.path)
  try {
    let read = 0
    while (read < part.bytes) {
      const { bytesRead } = await file.read(data, read, part.bytes - read, part.offset + read)
      if (bytesRead === 0) throw new Error(`${part.path} has become shorter while it was read`)
      read += bytesRead
    }
  } finally {
    await file.close()
  }
  return data
}
