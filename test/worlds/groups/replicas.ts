/** Replicas of a list on a cluster in simulated time: what the stories of state transfer and of primary views play on. */
import type { GroupOptions, GroupState } from '../../../src/groups/index.ts'
import type { GroupEvent } from '../../../src/groups/terms.ts'
import { Cluster, text } from './cluster.ts'

/** A list that grows by what is told as SAFE in primary views; its state is the list. */
class Replica implements GroupState {
  list: string[] = []
  gets = 0
  sets = 0
  isPrimary = false
  /** How many parts a state has, so that it takes a while. */
  parts = 1
  /** Throws at this part, once. */
  breaksAt = -1

  apply(event: GroupEvent): void {
    if (event.kind === 'view') this.isPrimary = event.view.isPrimary
    if (event.kind === 'message') this.list.push(Buffer.from(event.data).toString())
  }

  get(): Iterable<Uint8Array> {
    this.gets++
    const all = Buffer.from(JSON.stringify(this.list))
    const breaksAt = this.breaksAt
    this.breaksAt = -1
    const size = Math.ceil(all.length / this.parts)
    return (function* () {
      for (let at = 0, part = 0; at < all.length; at += size, part++) {
        if (part === breaksAt) throw new Error('the provider has lost its disk')
        yield all.subarray(at, at + size)
      }
    })()
  }

  async set(parts: AsyncIterable<Uint8Array>): Promise<void> {
    const all: Uint8Array[] = []
    for await (const part of parts) all.push(part)
    this.list = JSON.parse(Buffer.concat(all).toString()) as string[]
    this.sets++
  }
}

export class Replicas {
  readonly replicas = new Map<string, Replica>()
  readonly cluster: Cluster
  readonly #options: GroupOptions

  constructor(options: GroupOptions = {}, seed = 1) {
    this.#options = options
    this.cluster = new Cluster({ seed, told: ({ name }, event) => this.of(name).apply(event) })
  }

  of(name: string): Replica {
    return this.replicas.get(name)!
  }

  async start(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const replica = new Replica()
      this.replicas.set(name, replica)
      await this.cluster.start(name, { ...this.#options, state: replica })
    }
  }

  async publish(name: string, words: string): Promise<void> {
    await this.cluster.publish(this.cluster.node(name), { type: 1, data: text(words) }, { order: 'safe' })
  }

  /** The lists of all that live; one when they agree. */
  get lists(): string[] {
    return [...new Set(this.cluster.living.map(({ name }) => this.of(name).list.join()))]
  }
}

/** Both ways, from all others or from one. */
export function cutOff(cluster: Cluster, name: string, from?: string): void {
  for (const other of from === undefined ? cluster.nodes.keys() : [from]) {
    if (other === name) continue
    cluster.simulation.network.partition(name, other)
    cluster.simulation.network.partition(other, name)
  }
}
