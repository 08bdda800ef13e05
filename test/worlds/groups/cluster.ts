/**
 * A cluster of messengers in simulated time, each connected with each, and the groups on them: what the stories of groups play on.
 *
 * What every member is told is written down, so that at the end of each story the laws of virtual synchrony are asked.
 */
import { groups, type Group, type GroupOptions } from '../../../src/groups/index.ts'
import type { Messenger } from '../../../src/index.ts'
import { InkwireError, peer, type Policy } from '../../../src/index.ts'
import { GroupHistory } from '../../../src/testing/groups/history.ts'
import { checkGroup } from '../../../src/testing/groups/laws.ts'
import { Simulation } from '../../../src/testing/simulator/simulation.ts'
import type { GroupEvent, MoveOptions, PublishInit, PublishOptions, Published } from '../../../src/groups/terms.ts'

export interface Node {
  readonly name: string
  readonly messenger: Messenger
  readonly group: Group
  readonly told: GroupEvent[]
  isReading: boolean
}

export interface ClusterOptions {
  readonly seed?: number
  readonly policy?: () => Policy
  readonly group?: GroupOptions
  /** What a member's application does with what it is told. */
  readonly told?: (node: Node, event: GroupEvent) => void
}

export class Cluster {
  readonly simulation: Simulation
  readonly history = new GroupHistory()
  readonly nodes = new Map<string, Node>()
  readonly #options: ClusterOptions

  constructor(options: ClusterOptions = {}) {
    this.#options = options
    this.simulation = new Simulation({ seed: options.seed ?? 1 })
  }

  get living(): Node[] {
    return [...this.nodes.values()]
  }

  node(name: string): Node {
    return this.nodes.get(name)!
  }

  /** Starts a process that connects with all that run, and joins. */
  async start(name: string, options: GroupOptions = this.#options.group ?? {}): Promise<Node> {
    const messenger = await this.#launch(name, name)
    return this.#enter({ name, messenger, group: groups(messenger).join('the-group', options), told: [] })
  }

  /** A process that connects with all others that run. */
  async #launch(name: string, host: string): Promise<Messenger> {
    const policies = { default: (this.#options.policy ?? peer)() }
    const messenger = this.simulation.messenger(name, { policies }, host)
    await messenger.bind(`sim://${host}:6800`)
    for (const other of this.nodes.values()) {
      if (other.name !== name) messenger.connect(other.messenger.addresses[0]!)
    }
    return messenger
  }

  #enter(member: Omit<Node, 'isReading'>): Node {
    const node = { ...member, isReading: true }
    this.nodes.set(node.name, node)
    void this.#read(node)
    return node
  }

  async #read(node: Node): Promise<void> {
    const { group, told } = node
    for await (const event of group.events()) {
      told.push(event)
      this.#note(group.id, event)
      this.#options.told?.(node, event)
      while (!node.isReading) await this.pass(10)
    }
    if ((await group.closed).reason !== 'move') this.history.add({ kind: 'left', member: group.id })
  }

  /** Takes a member into another process, on another host, when this one has ended. */
  async move(name: string, host: string, options: MoveOptions = {}): Promise<Node> {
    const { messenger, group } = this.node(name)
    const ticket = await group.move(options)
    await messenger.shutdown()
    return this.resume(name, host, ticket)
  }

  /** A process of this name goes on with a ticket. */
  async resume(name: string, host: string, ticket: Uint8Array): Promise<Node> {
    const { told } = this.node(name)
    const messenger = await this.#launch(name, host)
    return this.#enter({ name, messenger, group: groups(messenger).resume(ticket, this.#options.group ?? {}), told })
  }

  /** Starts processes of these names, and plays a story on them when their members are together. */
  play(names: readonly string[], story: () => Promise<void>): Promise<void> {
    return this.simulation.run(async () => {
      for (const name of names) await this.start(name)
      await this.together()
      await story()
    })
  }

  /** Ends a process without a word. */
  crash(name: string, kind: 'reset' | 'silent' = 'reset'): void {
    this.simulation.crash(name, kind)
    this.nodes.delete(name)
  }

  /** Publishes, and writes down what becomes of it. */
  publish(node: Node, message: PublishInit, options: PublishOptions = {}): Promise<Published> {
    const { id } = node.group
    const number = (this.#numbers.get(id) ?? 0) + 1
    this.#numbers.set(id, number)
    const digest = digestOf(message.data)
    const data = message.data ?? new Uint8Array(0)
    this.history.add({ kind: 'sent', member: id, number, digest })
    this.#sent.set(`${id} ${digest}`, number)
    const outcome = node.group.publish({ ...message, data }, options)
    outcome.then(
      ({ view }) => this.history.add({ kind: 'published', member: id, number, view }),
      () => this.history.add({ kind: 'failed', member: id, number }),
    )
    return outcome
  }

  readonly #numbers = new Map<string, number>()
  readonly #sent = new Map<string, number>()

  /** Lets virtual time pass. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.simulation.clock.host().setTimer(resolve, ms)
    })
  }

  /** Waits until all that live are in one view, and nobody else is. */
  async together(ms = 60_000): Promise<void> {
    const wanted = this.living
      .map(({ group }) => group.id)
      .sort()
      .join()
    for (let left = ms; left > 0; left -= 20) {
      const views = this.living.map(({ group }) => group.view)
      const isOne = views.every(({ id, members }) => id === views[0]?.id && members.join() === wanted)
      if (isOne) return
      await this.pass(20)
    }
    const views = this.living.map(({ name, group }) => `${name}: ${group.view.members.join()}`)
    throw new Error(`not together after ${ms} ms: ${views.join(' | ')}`)
  }

  /** What the laws say; the living must have settled when `isSettled`. */
  violations(isSettled = true): string[] {
    const settled = isSettled ? this.living.map(({ group }) => group.id) : undefined
    return checkGroup(this.history, { settled }).map(({ law, text }) => `${law} ${text}`)
  }

  #note(member: string, event: GroupEvent): void {
    switch (event.kind) {
      case 'view':
        this.history.add({
          kind: 'view',
          member,
          view: event.view.id,
          members: event.view.members,
          transitional: event.transitional,
          left: event.left.map((one) => one.member),
          joined: event.joined.map((one) => one.member),
        })
        break
      case 'transitional':
        this.history.add({ kind: 'transitional', member, view: event.view })
        break
      case 'message': {
        const digest = digestOf(event.data)
        const number = this.#sent.get(`${event.from} ${digest}`) ?? -1
        this.history.add({
          kind: 'message',
          member,
          view: event.view,
          from: event.from,
          number,
          digest,
          isSafe: event.order === 'safe',
          isTransitional: event.isTransitional,
        })
        break
      }
      default:
    }
  }
}

/** What something fails with. */
export async function errorOf(outcome: Promise<unknown>): Promise<InkwireError> {
  return outcome.then(
    () => new InkwireError('INK_INTERNAL', 'it did not fail'),
    (error: unknown) => error as InkwireError,
  )
}

/** Texts must be different: a message is known by its bytes. */
export function text(words: string): Uint8Array {
  return new TextEncoder().encode(words)
}

function digestOf(data: Uint8Array | undefined): string {
  const bytes = data ?? new Uint8Array(0)
  let sum = 0
  // Of large ones the beginning and a few thousand bytes, spread over all: enough to see a piece that is missing or in the wrong place.
  const step = 1 + (bytes.length >> 13)
  for (let at = 0; at < bytes.length; at += at < 64 ? 1 : step) sum = (Math.imul(sum, 31) + bytes[at]!) >>> 0
  return `${bytes.length}/${sum}`
}
