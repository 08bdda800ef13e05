/**
 * What one step of the model's world touches: nodes, links (two queues of frames each) and the ghost that the laws speak of,
 * each copied before it is changed, and taken over into the next state.
 *
 * What a node does with a frame is in model-driver.ts and its parts, which play on this; who drives what is play.ts.
 */
import type { SessionEvent } from '../../session/event.ts'
import type { Unfinished } from '../../session/out-lane.ts'
import { ModelEndpoint } from './table.ts'
import { OUT_OF_BOUNDS, BrokenLaw } from './broken-law.ts'
import type { NodePlan, Payload, Plan } from './plan.ts'
import { NOBODY, STRANGER, instanceName } from './state.ts'
import type { DriverState, End, Fate, Item, LinkState, NodeState, PartNumbers, Used, WorldState } from './state.ts'

/** A connection of a node, as the others of the node know it. */
export interface Neighbour {
  readonly state: Omit<DriverState, 'session'>
  post(event: SessionEvent): void
}

export abstract class Scene {
  readonly plan: Plan
  readonly before: WorldState
  /** True: a bound that is passed ends the step. False: everything is allowed, as when a run settles. */
  readonly bounded: boolean
  readonly #payloads: readonly (readonly Payload[])[]
  readonly #nodes: NodeState[]
  readonly #links: (LinkState | null)[]
  readonly #touchedNodes = new Set<number>()
  readonly #touchedLinks = new Set<number>()
  readonly #touchedRows = new Set<number>()
  readonly #ghost: WorldState['ghost']
  readonly used: Used

  constructor(plan: Plan, before: WorldState, bounded: boolean, payloads: readonly (readonly Payload[])[]) {
    this.plan = plan
    this.before = before
    this.bounded = bounded
    this.#payloads = payloads
    this.#nodes = [...before.nodes]
    this.#links = [...before.links]
    this.#ghost = [...before.ghost]
    this.used = { ...before.used }
  }

  // Nodes and their connections.

  planOf(index: number): NodePlan {
    return this.plan.nodes[index] as NodePlan
  }

  /** The node, to be changed. */
  node(index: number): NodeState {
    const node = this.#nodes[index] as NodeState
    if (this.#touchedNodes.has(index)) return node
    this.#touchedNodes.add(index)
    const copy: NodeState = {
      ...node,
      gone: [...node.gone],
      claimed: [...node.claimed],
      heard: [...node.heard],
      drivers: [...node.drivers],
    }
    this.#nodes[index] = copy
    return copy
  }

  instanceOf(index: number): string {
    return instanceName(index, this.node(index).instance)
  }

  abstract driver(index: number, uid: number): Neighbour

  abstract driversOf(index: number): readonly Neighbour[]

  /** Who is meant there, now. */
  endpoint(index: number): ModelEndpoint {
    return new ModelEndpoint(this.plan, index, this.node(index))
  }

  /** The connection is over: nothing of it is left but the ghost. */
  removeDriver(index: number, uid: number): void {
    const node = this.node(index)
    node.drivers = node.drivers.filter((one) => one.uid !== uid)
    node.table = node.table.filter((entry) => entry.uid !== uid)
  }

  // Links.

  freshLink(): number {
    const free = this.#links.indexOf(null)
    return (free < 0 ? this.#links.length : free) + 1
  }

  link(id: number): LinkState | null {
    const link = this.#links[id - 1] ?? null
    if (link === null || this.#touchedLinks.has(id)) return link
    this.#touchedLinks.add(id)
    const copy = (end: End): End => ({ ...end, out: [...end.out], assembling: [...end.assembling] })
    const copied: LinkState = { cut: link.cut, ends: [copy(link.ends[0]), copy(link.ends[1])] }
    this.#links[id - 1] = copied
    return copied
  }

  /** The end of a link that this connection of the node owns. */
  endOf(id: number, node: number, uid: number): End | null {
    return this.link(id)?.ends.find((end) => end.node === node && end.owner === uid) ?? null
  }

  /** Links whose end this connection owns. */
  linksOf(node: number, uid: number): number[] {
    const ids: number[] = []
    this.#links.forEach((link, index) => {
      if (link?.ends.some((end) => end.node === node && end.owner === uid)) ids.push(index + 1)
    })
    return ids
  }

  addLink(id: number, from: number, uid: number, to: number): LinkState {
    if (uid !== NOBODY && ++this.used.links > this.plan.bounds.links && this.bounded) throw OUT_OF_BOUNDS
    const end = (node: number, owner: number): End => ({
      node,
      owner,
      sink: false,
      ended: false,
      wasReset: false,
      peer: null,
      since: [],
      out: [],
      assembling: [null, null, null],
    })
    const link: LinkState = { cut: false, ends: [end(from, uid), end(to, STRANGER)] }
    while (this.#links.length < id) this.#links.push(null)
    this.#links[id - 1] = link
    this.#touchedLinks.add(id)
    return link
  }

  /** An instance took part in an establishment: what was said on links before, it may have answered before that. */
  hear(index: number, instance: string, attempt: number): void {
    const node = this.node(index)
    node.heard = [...node.heard.filter(([known]) => known !== instance), [instance, attempt]]
    for (let id = 1; id <= this.#links.length; id++) {
      const waits = (end: End): boolean => end.node === index && end.owner === STRANGER && !end.ended
      if (this.#links[id - 1]?.ends.some(waits) !== true) continue
      for (const end of this.link(id)?.ends ?? []) {
        if (waits(end)) end.since = [...end.since.filter((known) => known !== instance), instance]
      }
    }
  }

  /** Links that wait for a node that is gone: they end. */
  forgetStrangers(node: number): void {
    for (let id = 1; id <= this.#links.length; id++) {
      for (const end of this.link(id)?.ends ?? []) {
        if (end.node === node && end.owner === STRANGER && !end.ended) this.shut(id, end, false, true)
      }
    }
  }

  write(id: number, end: End, item: Item): void {
    const link = this.link(id)
    if (link === null || end.ended || link.cut || other(link, end).ended) return
    end.out.push(item)
  }

  /** The end is closed; an owner that stays waits for the other end's closing. */
  shut(id: number, end: End, keepOwner: boolean, reset: boolean): void {
    const link = this.link(id)
    if (!keepOwner) end.owner = NOBODY
    end.sink = false
    if (link === null || end.ended) return
    end.ended = true
    end.wasReset = reset || link.cut
    end.assembling = [null, null, null]
    const peer = other(link, end)
    if (!peer.ended) {
      if (!link.cut) end.out.push({ type: 'fin' })
      peer.out = []
    }
    if (link.cut && keepOwner && !peer.out.some((item) => item.type === 'fin')) peer.out = [{ type: 'fin' }]
  }

  /** Nothing more is taken; what is on its way may arrive or be lost; both ends will hear that it is over. */
  cut(id: number): void {
    const link = this.link(id)
    if (link === null) return
    link.cut = true
    link.ends.forEach((end, index) => {
      const peer = link.ends[1 - index] as End
      end.wasReset = true
      if (!peer.ended) end.out = [...end.out.filter((item) => item.type !== 'fin'), { type: 'fin' }]
      else end.out = peer.owner > STRANGER ? [{ type: 'fin' }] : []
    })
  }

  // The ghost.

  payload(sender: number, index: number): Payload {
    return (this.#payloads[sender] as readonly Payload[])[index] as Payload
  }

  ghostOf(payload: Payload): WorldState['ghost'][number][number] {
    const entry = this.#ghost[payload.sender]?.[payload.index]
    if (entry === undefined) throw new BrokenLaw(`L1: ${payload.label} was never sent`)
    return entry
  }

  ghostEntries(sender: number): WorldState['ghost'][number] {
    return this.#ghost[sender] as WorldState['ghost'][number]
  }

  mark(payload: Payload, change: Partial<WorldState['ghost'][number][number]>): void {
    this.#touchedRows.add(payload.sender)
    const row = [...this.ghostEntries(payload.sender)]
    row[payload.index] = { ...this.ghostOf(payload), ...change }
    this.#ghost[payload.sender] = row
  }

  accept(payload: Payload, via: string): void {
    this.#touchedRows.add(payload.sender)
    const row = [...this.ghostEntries(payload.sender)]
    row.push({ via, delivered: false, finished: false, fate: null })
    this.#ghost[payload.sender] = row
  }

  /** Every message ends exactly once. */
  settle(payload: Payload, fate: Fate): void {
    const { fate: before, delivered, finished } = this.ghostOf(payload)
    if (before !== null) throw new BrokenLaw(`L2: ${payload.label} ended as ${before} and then as ${fate}`)
    if (fate === 'undelivered' && delivered)
      throw new BrokenLaw(`L2: ${payload.label} was handed back as undelivered, but it had arrived`)
    const byHandler = this.planOf(payload.sender).policy.ackOn === 'processed'
    // Where a lossy session has no acks, a message counts as acked when it is handed to the link.
    const { policy } = this.planOf(payload.sender)
    const handedOver = policy.kind === 'lossy' && this.plan.protocol?.frames !== undefined
    const isDone = byHandler || payload.kind === 'word' ? finished : delivered
    if ((fate === 'acked' || fate === 'failed') && !handedOver && !isDone)
      throw new BrokenLaw(`L7: ${payload.label} ended as ${fate}, but no handler had finished it`)
    const tells = this.plan.protocol?.capabilities?.verdicts !== false && byHandler
    if (fate === (payload.kind === 'failing' ? 'acked' : 'failed') && tells)
      throw new BrokenLaw(`L10: ${payload.label} ended as ${fate}, which is not what its handler did`)
    this.mark(payload, { fate })
  }

  handBack(outcome: Unfinished): void {
    for (const message of outcome.undelivered) this.settle(message as Payload, 'undelivered')
    for (const message of outcome.unknown) this.settle(message as Payload, 'unknown')
  }

  /** True when something happened that may end a session. */
  get disturbed(): boolean {
    const { crashes, markDowns, closes, expiries, forgeries } = this.used
    const { nodes } = this.plan
    const rivals = new Set(nodes.map(({ name }) => name)).size < nodes.length
    return rivals || crashes + markDowns + closes + expiries + forgeries > 0
  }

  /** The state that the step leads to. */
  finish(): WorldState {
    for (const id of this.#touchedLinks) {
      const link = this.#links[id - 1]
      if (link?.ends.every((end) => end.ended && end.owner <= STRANGER && end.out.length === 0))
        this.#links[id - 1] = null
    }
    while (this.#links.length > 0 && this.#links.at(-1) === null) this.#links.pop()
    return { nodes: this.#nodes, links: this.#links, used: this.used, ghost: this.#ghost, numbers: this.#numbers() }
  }

  /** What was not touched keeps its number. */
  #numbers(): PartNumbers {
    const { nodes, links, ghost } = this.before.numbers
    return {
      nodes: nodes.map((number, index) => (this.#touchedNodes.has(index) ? 0 : number)),
      links: this.#links.map((_, index) => (this.#touchedLinks.has(index + 1) ? 0 : (links[index] ?? 0))),
      ghost: ghost.map((number, index) => (this.#touchedRows.has(index) ? 0 : number)),
    }
  }
}

export function other(link: LinkState, end: End): End {
  return link.ends[0] === end ? link.ends[1] : link.ends[0]
}
