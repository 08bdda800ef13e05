/**
 * Which connection is meant, in the model: the real Endpoint, made anew from plain data for every question. Addresses are
 * node numbers, and an instance begins with the number of its node.
 */
import { Endpoint } from '../../session/endpoint/endpoint.ts'
import type { Member, Wish } from '../../session/endpoint/member.ts'
import type { Identity } from '../../wire/wire.ts'
import type { Play } from './play.ts'
import type { End, Item, NodeState, Plan, TableEntry } from './state.ts'
import { BrokenLaw } from './broken-law.ts'

interface ModelMember extends Member {
  readonly uid: number
}

export function lookup<Key>(pairs: readonly [Key, number][], key: Key): number | undefined {
  return pairs.find(([known]) => known === key)?.[1]
}

/** Who an instance is, as it proves and says. */
export function identityOf(plan: Plan, instance: string): Identity {
  const node = Number(instance.split('#')[0])
  const { name = '', address = 'none' } = plan.nodes[node] ?? {}
  return { name, instance, addresses: address === 'none' ? [] : [`${node}`] }
}

/** The endpoint of a node, to be asked. */
export class ModelEndpoint {
  readonly #members = new Map<number, ModelMember>()
  readonly #endpoint = new Endpoint<ModelMember>(100)
  readonly #node: NodeState

  constructor(plan: Plan, index: number, node: NodeState) {
    this.#node = node
    const { policy } = plan.nodes[index] as Plan['nodes'][number]
    for (const entry of node.table) this.#enter(policy, entry)
    for (const [name, instance] of node.gone) this.#endpoint.bury(name, instance)
  }

  #enter(policy: Member['policy'], { uid, role, dialled, expectName, life, peer, standing }: TableEntry): void {
    const more = { channel: 0, expectType: null, address: '' }
    const member = { uid, policy, role, expectName, life, ...more }
    this.#members.set(uid, member)
    this.#endpoint.add(member, dialled === null ? null : `${dialled}`)
    if (peer !== null && standing === 'claims') this.#endpoint.claim(member, peer)
    if (peer !== null && standing === 'has') this.#endpoint.adopt(member, peer)
  }

  meant(peer: Identity): number | undefined {
    return this.#endpoint.meant(peer, 0)?.uid
  }

  wanted(address: number, name: string | null): number | undefined {
    const wish: Wish = { type: null, name, policy: null, kind: 'peer' }
    return this.#endpoint.wanted(`${address}`, wish)?.uid
  }

  isGone(peer: Identity): boolean {
    return this.#endpoint.isGone(peer)
  }

  /** Whether who answered is somebody else, or cannot be had: `now` while that may change, `for good` when not. */
  refuses(uid: number, peer: Identity): 'now' | 'for good' | null {
    const member = this.#members.get(uid)
    if (member === undefined) return null
    const refused = this.#endpoint.stranger(member, peer, '') ?? this.#endpoint.rival(member, peer)
    return refused === null ? null : refused.final ? 'for good' : 'now'
  }

  /** As Endpoint.adopt, and noted. */
  adopt(uid: number, peer: Identity): number | undefined {
    const member = this.#members.get(uid)
    if (member === undefined) return undefined
    note(this.#node, uid, { peer, standing: 'has' })
    return this.#endpoint.adopt(member, peer)?.uid
  }
}

/** Changes what the node knows of one of its connections. */
export function note(node: NodeState, uid: number, change: Partial<TableEntry>): void {
  node.table = node.table.map((entry) => (entry.uid === uid ? { ...entry, ...change } : entry))
}

export function bury(node: NodeState, uid: number, instance: string): void {
  const name = node.table.find((entry) => entry.uid === uid)?.peer?.name ?? ''
  if (!node.gone.some((known) => known[0] === name && known[1] === instance)) node.gone.push([name, instance])
}

/** An arriving link finds its connection, or gets one; see Messenger. */
export function route(play: Play, link: number, end: End, item: Extract<Item, { type: 'offer' }>): void {
  const index = end.node
  const { policy } = play.planOf(index)
  const { offer } = item
  const peer = { ...identityOf(play.plan, item.instance), ...(item.proves !== undefined && { name: item.proves }) }
  if (isLate(play, index, offer.fresh)) {
    play.write(link, end, { type: 'reject', code: 'INK_REFUSED' })
    play.shut(link, end, false, false)
    return
  }
  const existing = policy.kind === 'lossy' ? undefined : play.endpoint(index).meant(peer)
  if (existing !== undefined) {
    if (item.proves !== undefined) checkOwn(play, index, existing, peer)
    play.driver(index, existing).onOffer(link, end, peer, offer)
    return
  }
  const told = peer.addresses.length === 0 ? null : Number(peer.addresses[0])
  const driver = play.addDriver(index, 'responder', told, null)
  if (policy.kind !== 'lossy') note(play.node(index), driver.uid, { peer, standing: 'claims' })
  driver.onOffer(link, end, peer, offer)
}

/** Who proves one name reaches nothing that is another's. */
function checkOwn(play: Play, index: number, uid: number, { name }: Identity): void {
  const entry = play.node(index).table.find((one) => one.uid === uid)
  const whose = entry?.peer?.name ?? entry?.expectName ?? name
  if (whose !== name) throw new BrokenLaw(`L14: node ${index} lets ${name} into its session with ${whose}`)
}

/** A late copy of an offer; it is remembered only where there may be one, for the sake of fewer states. */
function isLate(play: Play, index: number, fresh: string): boolean {
  if (play.plan.bounds.duplicates === 0 || play.plan.protocol !== undefined) return false
  const { claimed } = play.node(index)
  if (claimed.includes(fresh)) return true
  claimed.push(fresh)
  return false
}
