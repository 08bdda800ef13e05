/** Where an arriving link of the model goes: to the connection that the real Endpoint says it means, or to one of its own. */
import type { Identity } from '../../wire/wire.ts'
import { BrokenLaw } from './broken-law.ts'
import type { Play } from './play.ts'
import type { End, Item } from './state.ts'
import { identityOf, note } from './table.ts'

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
    play.driver(index, existing).links.onOffer(link, end, peer, offer)
    return
  }
  const told = peer.addresses.length === 0 ? null : Number(peer.addresses[0])
  const driver = play.addDriver(index, 'responder', told, null)
  if (policy.kind !== 'lossy') note(play.node(index), driver.uid, { peer, standing: 'claims' })
  driver.links.onOffer(link, end, peer, offer)
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
