/**
 * Objects as files, written so that what `put` promised survives SIGKILL and power loss.
 *
 * An object is written to `staging/`, the file is synced, renamed to `objects/<hash of its id>-<hash of its content>`,
 * and the directory is synced; only then `put` resolves. So a name in `objects/` always stands for whole content, and
 * what a crash leaves in `staging/` is rubbish that the next start removes. One sync of the directory serves all renames
 * that were done before it began (group commit).
 *
 * Objects are written once: the same content again is a cheap yes, other content under the same id is refused.
 * Limit: `WRITERS_MAX` files are written at a time; the others wait, and with them their senders' credit.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Gate } from './gate.ts'

const WRITERS_MAX = 16

export function sha256Of(data: Uint8Array | string): Buffer {
  return createHash('sha256').update(data).digest()
}

export class DurableStore {
  readonly #objects: string
  readonly #staging: string
  readonly #directory: FileHandle
  /** Content by id, both as hashes in hexadecimal digits. */
  readonly #index: Map<string, string>
  /** Puts that are not durable yet, by the name of their file. */
  readonly #writing = new Map<string, Promise<void>>()
  readonly #gate = new Gate(WRITERS_MAX)
  #syncing: Promise<void> = Promise.resolve()
  #nextSync: Promise<void> | null = null
  #staged = 0

  private constructor(root: string, directory: FileHandle, index: Map<string, string>) {
    this.#objects = join(root, 'objects')
    this.#staging = join(root, 'staging')
    this.#directory = directory
    this.#index = index
  }

  /** Opens or makes the store in a directory; what is in `objects/` is there, whatever happened before. */
  static async open(root: string): Promise<DurableStore> {
    const objects = join(root, 'objects')
    await rm(join(root, 'staging'), { recursive: true, force: true })
    await mkdir(join(root, 'staging'), { recursive: true })
    await mkdir(objects, { recursive: true })
    const names = await readdir(objects)
    const index = new Map(names.map((name) => name.split('-') as [string, string]))
    return new DurableStore(root, await open(objects), index)
  }

  /** Objects that are durable. */
  get size(): number {
    return this.#index.size
  }

  /**
   * Resolves when the object is durable. Asking for the same again, also at the same time, does the work once.
   *
   * @throws when the id has other content, or the disk fails.
   */
  async put(oid: string, sha256: Uint8Array, data: Uint8Array): Promise<void> {
    const id = sha256Of(oid).toString('hex')
    const content = Buffer.from(sha256).toString('hex')
    const known = this.#index.get(id)
    if (known === content) return
    if (known !== undefined) throw new Error(`${oid} exists with other content: objects are written once`)
    const name = `${id}-${content}`
    const running = this.#writing.get(name)
    if (running !== undefined) {
      await running
      return
    }
    const writing = this.#write(name, data).then(() => {
      this.#index.set(id, content)
    })
    this.#writing.set(name, writing)
    try {
      await writing
    } finally {
      this.#writing.delete(name)
    }
  }

  /** The bytes of an object as they are on disk; null when it is not there. */
  async get(oid: string): Promise<Uint8Array | null> {
    const id = sha256Of(oid).toString('hex')
    const content = this.#index.get(id)
    if (content === undefined) return null
    try {
      return await readFile(join(this.#objects, `${id}-${content}`))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#syncing
    await this.#directory.close()
  }

  async #write(name: string, data: Uint8Array): Promise<void> {
    await this.#gate.enter()
    try {
      const staged = join(this.#staging, String(++this.#staged))
      const file = await open(staged, 'wx')
      try {
        await file.writeFile(data)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(staged, join(this.#objects, name))
    } finally {
      this.#gate.leave()
    }
    await this.#syncDirectory()
  }

  /** Joins the next sync: one that is running already may have begun before our rename. */
  #syncDirectory(): Promise<void> {
    this.#nextSync ??= this.#syncing.then(() => {
      this.#nextSync = null
      this.#syncing = this.#directory.sync()
      return this.#syncing
    })
    return this.#nextSync
  }
}
