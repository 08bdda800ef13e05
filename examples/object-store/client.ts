/**
 * The client: stores the tree, then reads every object back from every daemon that must have it and compares SHA-256
 * with what it read from the source.
 *
 * Between the two it remembers only the hashes: an object that no daemon has is lost, one that differs is altered, and
 * every single copy counts. At the points in `killAt` it begins nothing new until a daemon has been killed, so that this
 * happens with requests in flight.
 */
import { lossy } from 'inkwire'
import { runProcess, tell } from './control.ts'
import type { Findings, ProcessConfig, Progress } from './control.ts'
import { sha256Of } from './durable-store.ts'
import { Gate } from './gate.ts'
import { ObjectClient } from './object-client.ts'
import { daemonNames, placementOf } from './placement.ts'
import { hashOf, seededRandom } from './random.ts'
import { BACKOFF, Service } from './service.ts'
import { filesBelow, partsOf, readPart, sample } from './tree.ts'
import type { Part } from './tree.ts'

/** Requests in flight, in number and in bytes. */
const REQUESTS_MAX = 64
const FLIGHT_BYTES = 32 * 1024 * 1024
const TELL_EVERY_MS = 100

class Work {
  readonly #config: ProcessConfig
  readonly #client: ObjectClient
  readonly #known: Promise<void>
  readonly #requests = new Gate(REQUESTS_MAX)
  readonly #bytes = new Gate(FLIGHT_BYTES)
  readonly #everybody: readonly string[]
  readonly #stored = new Map<Part, Buffer>()
  readonly #unanswered: string[] = []
  readonly #lost: string[] = []
  readonly #altered: string[] = []
  #findings: Findings = {
    files: 0,
    objects: 0,
    bytes: 0,
    storeMs: 0,
    verifyMs: 0,
    copiesRead: 0,
    bytesRead: 0,
    retries: 0,
    skipped: 0,
    unanswered: [],
    lost: [],
    altered: [],
  }
  #goOn: () => void = () => {}
  #toldMs = 0

  constructor(config: ProcessConfig, client: ObjectClient, known: Promise<void>) {
    this.#config = config
    this.#client = client
    this.#known = known
    this.#everybody = daemonNames(config.daemons)
  }

  killed(): void {
    this.#goOn()
  }

  async store(): Promise<Findings> {
    const { source, partBytes, seed, killAt } = this.#config
    const random = seededRandom(seed ^ hashOf(source.directory))
    const files = sample(filesBelow(source.directory), source.filesMax, source.bytesMax, random)
    const parts = files.flatMap((file) => partsOf(file, partBytes))
    const kills = killAt.map((share) => Math.floor(share * parts.length))
    await this.#known
    const startMs = performance.now()
    const progress = this.#progress('store', parts, 1)
    let skipped = 0
    await this.#each(
      parts,
      async (part) => {
        const data = await readPart(part).catch(() => null)
        if (data === null) skipped++
        else await this.#put(part, data)
        progress(part)
      },
      async (index) => {
        while (kills[0] !== undefined && index >= kills[0]) {
          kills.shift()
          await this.#letKill()
        }
      },
    )
    const storeMs = performance.now() - startMs
    const bytes = [...this.#stored.keys()].reduce((sum, part) => sum + part.bytes, 0)
    this.#findings = { ...this.#findings, files: files.length, objects: parts.length, bytes, storeMs, skipped }
    return this.#report()
  }

  async verify(): Promise<Findings> {
    const { copies } = this.#config
    const startMs = performance.now()
    const parts = [...this.#stored.keys()]
    const progress = this.#progress('verify', parts, copies)
    let copiesRead = 0
    let bytesRead = 0
    const wanted = parts.flatMap((part) =>
      placementOf(part.oid, this.#everybody, copies).map((daemon) => ({ part, daemon, bytes: part.bytes })),
    )
    await this.#each(wanted, async ({ part, daemon }) => {
      const data = await this.#get(part, daemon)
      if (data !== null) {
        copiesRead++
        bytesRead += data.length
      }
      progress(part)
    })
    this.#findings = { ...this.#findings, verifyMs: performance.now() - startMs, copiesRead, bytesRead }
    return this.#report()
  }

  /** An object counts as stored even when nobody answered: the check must see what became of it. */
  async #put(part: Part, data: Uint8Array): Promise<void> {
    const sha256 = sha256Of(data)
    this.#stored.set(part, sha256)
    const [primary = ''] = placementOf(part.oid, this.#everybody, this.#config.copies)
    await this.#client
      .put(primary, part.oid, sha256, data)
      .catch((error: unknown) => this.#unanswered.push(`put ${part.oid}: ${String(error)}`))
  }

  async #get(part: Part, daemon: string): Promise<Uint8Array | null> {
    const copy = `${part.oid} on ${daemon}`
    try {
      const data = await this.#client.get(daemon, part.oid)
      if (data === null) this.#lost.push(`${copy}: it is not there`)
      else if (!sha256Of(data).equals(this.#stored.get(part) as Buffer)) this.#altered.push(copy)
      return data
    } catch (error) {
      this.#unanswered.push(`get ${copy}: ${String(error)}`)
      return null
    }
  }

  /** Does them all, a bounded number and amount at a time. */
  async #each<T extends { readonly bytes: number }>(
    items: readonly T[],
    act: (item: T) => Promise<void>,
    before: (index: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const running = new Set<Promise<void>>()
    for (const [index, item] of items.entries()) {
      await before(index)
      await this.#requests.enter()
      await this.#bytes.enter(item.bytes)
      const run = act(item).finally(() => {
        this.#requests.leave()
        this.#bytes.leave(item.bytes)
        running.delete(run)
      })
      running.add(run)
    }
    await Promise.all(running)
  }

  #letKill(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve
      tell({ type: 'kill' })
    })
  }

  /** Counts what is done, and tells the supervisor now and then. */
  #progress(phase: Progress['phase'], parts: readonly Part[], times: number): (part: Part) => void {
    const ofBytes = parts.reduce((sum, part) => sum + part.bytes, 0) * times
    let objects = 0
    let bytes = 0
    return (part) => {
      objects++
      bytes += part.bytes
      if (performance.now() < this.#toldMs + TELL_EVERY_MS) return
      this.#toldMs = performance.now()
      tell({ type: 'progress', progress: { phase, objects, bytes, ofObjects: parts.length * times, ofBytes } })
    }
  }

  #report(): Findings {
    const { retries } = this.#client
    return { ...this.#findings, retries, unanswered: this.#unanswered, lost: this.#lost, altered: this.#altered }
  }
}

runProcess(async (config) => {
  const service = new Service(config, { osd: lossy({ backoff: BACKOFF }) })
  const client = new ObjectClient(service.messenger, service.tally)
  let allKnown = (): void => {}
  const known = new Promise<void>((resolve) => {
    allKnown = resolve
  })
  service.join('', (addresses) => {
    client.update(addresses)
    if (addresses.size === config.daemons) allKnown()
  })
  const work = new Work(config, client, known)

  return {
    address: '',
    async onCommand({ type }) {
      switch (type) {
        case 'store':
          tell({ type: 'stored', findings: await work.store() })
          break
        case 'killed':
          work.killed()
          break
        case 'verify':
          tell({ type: 'verified', findings: await work.verify() })
          break
        case 'quiet':
          await service.quiet()
          tell({ type: 'quiet' })
          break
        case 'stop':
          await service.messenger.shutdown()
          process.exit(0)
      }
    },
  }
})
