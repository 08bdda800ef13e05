/** The model's connection table: as session/endpoint, on plain data. Addresses are node numbers. */
import type { SessionOffer } from '../../wire/wire.ts'
import type { Play } from './play.ts'
import type { End, NodeState } from './state.ts'

export function lookup<Key>(pairs: readonly [Key, number][], key: Key): number | undefined {
  return pairs.find(([known]) => known === key)?.[1]
}

/** The connection that an arriving link of this peer belongs to. */
export function find(node: NodeState, instance: string, name: string, address: number | null): number | undefined {
  const { byInstance, byAddress, byName } = node.table
  const dialled = address === null ? undefined : lookup(byAddress, address)
  return lookup(byInstance, instance) ?? dialled ?? lookup(byName, name)
}

export function bindAddress(node: NodeState, uid: number, address: number): void {
  const { table } = node
  if (lookup(table.byAddress, address) === undefined) table.byAddress.push([address, uid])
}

/** The peer of this connection is this one. A lossy connection (no name) is found by its instance only. */
export function identify(
  node: NodeState,
  uid: number,
  instance: string,
  name: string | null,
  address: number | null,
): void {
  const { table } = node
  table.byInstance = replace(table.byInstance, instance, uid)
  if (name === null) return
  table.byName = replace(table.byName, name, uid)
  if (address !== null) bindAddress(node, uid, address)
}

function replace(pairs: readonly [string, number][], key: string, uid: number): [string, number][] {
  return [...pairs.filter(([known, owner]) => known !== key && owner !== uid), [key, uid]]
}

export function bury(node: NodeState, instance: string): void {
  if (!node.gone.includes(instance)) node.gone.push(instance)
}

/** An arriving link finds its connection, or gets one; see Messenger. */
export function route(play: Play, link: number, end: End, instance: string, offer: SessionOffer): void {
  const index = end.node
  const { policy } = play.planOf(index)
  const peerNode = Number(instance.split('#')[0])
  const { name, address } = play.planOf(peerNode)
  const told = address === 'none' ? null : peerNode
  if (isLate(play, index, offer.fresh)) {
    play.write(link, end, { type: 'reject', code: 'INK_REFUSED' })
    play.shut(link, end, false, false)
    return
  }
  const existing = policy.kind === 'lossy' ? undefined : find(play.node(index), instance, name, told)
  if (existing !== undefined) {
    play.driver(index, existing).onOffer(link, end, instance, offer)
    return
  }
  const driver = play.addDriver(index, 'responder', told)
  if (policy.kind !== 'lossy') identify(play.node(index), driver.uid, instance, name, told)
  driver.onOffer(link, end, instance, offer)
}

/** A late copy of an offer; it is remembered only where there may be one, for the sake of fewer states. */
function isLate(play: Play, index: number, fresh: string): boolean {
  if (play.plan.bounds.duplicates === 0 || play.plan.protocol !== undefined) return false
  const { claimed } = play.node(index)
  if (claimed.includes(fresh)) return true
  claimed.push(fresh)
  return false
}
