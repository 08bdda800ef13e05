/**
 * A directory that several processes share: each writes a file of its own, again and again, and reads those of the others.
 *
 * A file is replaced at once (written beside, then renamed), so nobody reads half of one. It has a count that goes up with every
 * beat. Who reads takes it for dead when the count has stood still for a while by its own clock: clocks need not agree, and the times
 * of the file system do not matter. Files of the dead are removed by whoever has watched them being dead for long.
 */
import { mkdir, readFile, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { badOption, describe, numberOption, optionObject, whole } from '../common/options.ts'
import type { Lookup, LookupWorld } from './lookup.ts'
import type { PeerRecord } from './machine/sightings.ts'
import { polling } from './polling.ts'
import { RECORD_BYTES_MAX, checkedRecord, encodeRecord } from './record.ts'

/** Options of `sharedDirectory()`. */
export interface SharedDirectoryOptions {
  /** Made when it is not there. Whoever may write in it may announce any name; that is proved only by the handshake. */
  readonly path: string
  /** How long a file counts that is not written again, in ms: 300 to 3,600,000, default 10,000. It is written three times as often. */
  readonly ttlMs?: number | undefined
}

/** What is read of a directory; more files than that are not looked at. */
const FILES_MAX = 4096
/** A file that has been dead for so many times its life is removed. */
const DEAD_TTLS = 20
const SUFFIX = '.peer.json'

interface Watched {
  readonly count: number
  /** When this count was seen first. */
  readonly sinceMs: number
  readonly record: PeerRecord
}

/** A directory that processes of one host, or of a shared file system, find each other by. Throws `INK_BAD_OPTION`. */
export function sharedDirectory(options: SharedDirectoryOptions): Lookup {
  const { path, ttlMs: given } = optionObject('sharedDirectory()', options, ['path', 'ttlMs'])
  if (typeof path !== 'string' || path === '') throw badOption(`sharedDirectory() takes a path, not ${describe(path)}`)
  const ttlMs = numberOption('sharedDirectory(): ttlMs', given, whole(300, 3_600_000), 10_000)
  return {
    name: 'directory',
    start: (world) => {
      const place = new Place(path, ttlMs, world)
      return polling(
        world,
        ttlMs / 3,
        () => place.beat(),
        () => place.leave(),
      )
    },
  }
}

class Place {
  readonly #path: string
  readonly #ttlMs: number
  readonly #world: LookupWorld
  readonly #watched = new Map<string, Watched>()
  #count = 0
  /** Its own file; null: none was written. */
  #own: string | null = null

  constructor(path: string, ttlMs: number, world: LookupWorld) {
    this.#path = path
    this.#ttlMs = ttlMs
    this.#world = world
  }

  async beat(): Promise<void> {
    await mkdir(this.#path, { recursive: true })
    await this.#write()
    this.#world.seen(await this.#read())
  }

  async leave(): Promise<void> {
    if (this.#own !== null) await unlink(join(this.#path, this.#own)).catch(ignoreMissing)
  }

  async #write(): Promise<void> {
    const self = this.#world.self()
    if (self === null) return
    const own = `${self.name}.${self.instance}${SUFFIX}`
    const text = JSON.stringify({ ...(JSON.parse(encodeRecord(self)) as object), count: ++this.#count })
    const beside = join(this.#path, `${own}.new`)
    await writeFile(beside, text)
    await rename(beside, join(this.#path, own))
    this.#own = own
  }

  async #read(): Promise<PeerRecord[]> {
    const files = (await readdir(this.#path)).filter((file) => file.endsWith(SUFFIX)).slice(0, FILES_MAX)
    for (const file of this.#watched.keys()) if (!files.includes(file)) this.#watched.delete(file)
    const alive: PeerRecord[] = []
    for (const file of files) {
      const record = await this.#look(file)
      if (record !== null) alive.push(record)
    }
    return alive
  }

  /** Null: it is no record, or a dead one. */
  async #look(file: string): Promise<PeerRecord | null> {
    const path = join(this.#path, file)
    const text = await readSmall(path)
    if (text === null) return null
    const parsed = parse(text)
    if (parsed === null) return null
    const nowMs = this.#world.nowMs()
    const before = this.#watched.get(file)
    const isNew = before === undefined || before.count !== parsed.count
    const watched = isNew ? { ...parsed, sinceMs: nowMs } : before
    this.#watched.set(file, watched)
    const silentMs = nowMs - watched.sinceMs
    if (silentMs > DEAD_TTLS * this.#ttlMs) await unlink(path).catch(ignoreMissing)
    return silentMs < this.#ttlMs ? watched.record : null
  }
}

function parse(text: string): { readonly count: number; readonly record: PeerRecord } | null {
  try {
    const given = JSON.parse(text) as { count?: unknown }
    const record = checkedRecord(given)
    return record === null || typeof given.count !== 'number' ? null : { count: given.count, record }
  } catch {
    return null
  }
}

/** Null: it is gone, or too large for a record. */
async function readSmall(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path)
    return size > RECORD_BYTES_MAX ? null : await readFile(path, 'utf8')
  } catch (thrown) {
    ignoreMissing(thrown)
    return null
  }
}

function ignoreMissing(thrown: unknown): void {
  if ((thrown as { code?: unknown }).code !== 'ENOENT') throw thrown
}
