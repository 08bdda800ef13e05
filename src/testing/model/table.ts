/**
 * Which connection is meant, in the model: the real Endpoint, made anew from plain data for every question. Addresses are
 * node numbers, and an instance begins with the number of its node.
 */
import { disowned } from '../../session/endpoint/answered.ts'
import type { Disowned } from '../../session/endpoint/answered.ts'
import { Endpoint } from '../../session/endpoint/endpoint.ts'
import type { Member, Wish } from '../../session/endpoint/member.ts'
import type { Identity, SessionAnswer } from '../../wire/wire.ts'
import type { Plan } from './plan.ts'
import { instanceName } from './state.ts'
import type { NodeState, TableEntry } from './state.ts'

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
  readonly #self: Identity

  constructor(plan: Plan, index: number, node: NodeState) {
    this.#node = node
    this.#self = identityOf(plan, instanceName(index, node.instance))
    const { policy } = plan.nodes[index] as Plan['nodes'][number]
    for (const entry of node.table) this.#enter(policy, entry)
    for (const [name, instance] of node.gone) this.#endpoint.bury(name, instance)
  }

  #enter(policy: Member['policy'], { uid, role, dialled, expectName, life, peer, standing }: TableEntry): void {
    const more = { channel: 0, expectType: null, address: '' }
    const member = { uid, policy, role, expectName, life, ...more }
    this.#members.set(uid, member)
    this.#endpoint.add(member, dialled === null ? [] : [`${dialled}`])
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

  /** What a session of this node hears of a link whose peer may not be its own. */
  disowned(uid: number, hasSession: boolean, link: number, peer: Identity, answer: SessionAnswer): Disowned | null {
    const member = this.#members.get(uid)
    if (member === undefined) return null
    return disowned(this.#endpoint, { member, self: this.#self, hasSession }, link, peer, answer)
  }

  /** As Endpoint.adopt, and noted. */
  adopt(uid: number, peer: Identity): void {
    const member = this.#members.get(uid)
    if (member === undefined) return
    note(this.#node, uid, { peer, standing: 'has' })
    this.#endpoint.adopt(member, peer)
  }

  displaced(uid: number): number | undefined {
    const member = this.#members.get(uid)
    return member === undefined ? undefined : this.#endpoint.displaced(member)?.uid
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
