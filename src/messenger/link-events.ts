/**
 * What the links of one connection tell, as events of its session; and what its caller hears of links that come to nothing.
 *
 * Who answered is held against the table of all sessions first: a link that is not, or may not be, our peer's is given up
 * here, and the session hears of it as a fault or a refusal. A link that the connection does not hold any more says nothing.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import { disowned } from '../session/endpoint/answered.ts'
import type { Member } from '../session/endpoint/member.ts'
import type { SessionEvent } from '../session/event.ts'
import { regardOf } from '../session/holdings.ts'
import type { Session } from '../session/session.ts'
import type { LinkClosed } from '../transports/transport.ts'
import type { Identity, Marks, SessionAnswer, SessionOffer } from '../wire/wire.ts'
import type { Caller } from './caller.ts'
import type { DialTarget } from './dial-target.ts'
import type { LinkPort, PortOwner } from './link-port.ts'
import type { LinkRecord } from './link-record.ts'
import type { Paths } from './paths.ts'
import type { PortSet } from './port-set.ts'
import type { Neighbour, Shared } from './shared.ts'

/** Whose links they are. */
export interface LinkHolder extends Neighbour {
  readonly session: Session
  readonly caller: Pick<Caller, 'notices'>
  readonly ports: Pick<PortSet, 'holds' | 'with'>
  readonly links: LinkRecord
  readonly target: DialTarget
  readonly paths: Paths
  post(event: SessionEvent): void
  /** Ends a link at once. */
  drop(link: number): void
}

export class LinkEvents implements PortOwner {
  readonly #shared: Shared
  readonly #holder: LinkHolder

  constructor(shared: Shared, holder: LinkHolder) {
    this.#shared = shared
    this.#holder = holder
  }

  onLinked(port: LinkPort): void {
    this.#holder.paths.auto?.linked(port)
  }

  onOffer(port: LinkPort, peer: Identity, offer: SessionOffer): void {
    port.peer = peer
    const replaced = this.#shared.table.isGone(peer)
    this.#holder.post({ type: 'offer', link: port.id, instance: peer.instance, offer, replaced })
  }

  onOpened(port: LinkPort, said: Identity, answer: SessionAnswer): void {
    const peer = this.#shared.redials.located(said, port.link)
    port.peer = peer
    const { capabilities } = port.wire
    if (this.#refuses(port, peer, answer)) return
    this.#holder.paths.told(port)
    this.#holder.post({ type: 'opened', link: port.id, instance: peer.instance, answer, capabilities })
  }

  onYielded(port: LinkPort, peer: Identity | null, epoch: number): void {
    if (!this.#refuses(port, peer, null)) this.#holder.post({ type: 'yielded', link: port.id, epoch })
  }

  onRejected(port: LinkPort, peer: Identity | null, code: InkwireErrorCode, reason: string): void {
    if (!this.#refuses(port, peer, null)) this.#refused(port, code, reason)
  }

  /** A refusal for good ends the connection, unless it has other places to look for its peer. */
  #refused(port: LinkPort, code: InkwireErrorCode, reason: string): void {
    const { session, target, ports } = this.#holder
    const regard = regardOf(session.machine.state, port.id)
    if (code !== 'INK_REFUSED' && regard === 'carries' && ports.holds(port) && target.refused()) this.lose(port, reason)
    else this.#holder.post({ type: 'rejected', link: port.id, code, reason })
  }

  /** True when who answered is not our peer, or may not be. */
  #refuses(port: LinkPort, peer: Identity | null, answer: SessionAnswer | null): boolean {
    const { table } = this.#shared
    const member: Member = this.#holder
    const asked = {
      member,
      self: this.#shared.context().self,
      hasSession: this.#holder.session.machine.session !== null,
    }
    const heard = peer === null ? null : disowned(table, asked, port.id, peer, answer)
    if (heard === null) return false
    const { event, doubt } = heard
    if (doubt !== null) this.#doubt(port, doubt, event.reason)
    if (event.type === 'fault') this.lose(port, event.reason)
    else this.#refused(port, event.code, event.reason)
    return true
  }

  onConfirmed(port: LinkPort, marks: readonly Marks[] | null): void {
    this.#holder.post({ type: 'confirmed', link: port.id, capabilities: port.wire.capabilities, marks })
  }

  onParted(port: LinkPort, epoch: number, stays: boolean): void {
    this.#holder.post({ type: 'parted', link: port.id, epoch, stays })
  }

  /** The peer says that it is there from now on, seen from this link as its first words were. A claim, as those. */
  onRelocated(port: LinkPort, addresses: readonly string[]): void {
    const { redials, table } = this.#shared
    if (port.peer === null) return
    const before = redials.located(port.peer, port.link)
    const now = redials.located({ ...before, addresses }, port.link)
    // What was said when a link began that is kept ready is old, too.
    for (const one of this.#holder.ports.with(before)) one.peer = redials.located({ ...before, addresses }, one.link)
    const left = before.addresses.filter((address) => !now.addresses.includes(address))
    table.told(this.#holder, now.addresses)
    this.#holder.target.relocated(port, left)
    this.#holder.paths.auto?.relocated(port, left)
    this.#holder.paths.look()
  }

  onGoodbye(port: LinkPort, reason: string): void {
    this.#holder.post({ type: 'goodbye', link: port.id, code: 'INK_PEER_CLOSED', reason })
  }

  onFault(port: LinkPort, code: InkwireErrorCode, reason: string): void {
    if (code === 'INK_AUTH_REFUSED' && port.role === 'dialler') this.#doubt(port, code, reason)
    this.lose(port, reason)
  }

  onClosed(port: LinkPort, end: LinkClosed): void {
    const { ports, caller, target } = this.#holder
    if (!ports.holds(port)) return
    if (end.end === 'refused' && target.isNews) caller.notices.unanswered(target.address ?? '')
    if (end.end === 'distrusted') this.#doubt(port, 'INK_AUTH_REFUSED', end.message)
    this.lose(port, end.message)
  }

  /** A link is of no use any more. */
  lose(port: LinkPort, reason: string): void {
    const { ports, links, session, paths, target } = this.#holder
    if (!ports.holds(port)) return
    const regard = regardOf(session.machine.state, port.id)
    if (session.machine.state.name === 'draining' || regard === 'spare') links.count(reason)
    else if (regard === 'carries') links.fault(port, reason)
    paths.lost(port.id, reason)
    target.lost(port)
    this.#holder.drop(port.id)
    this.#holder.post({ type: 'fault', link: port.id, reason })
  }

  /** The application hears once in a row that somebody else answers. */
  #doubt(port: LinkPort, code: InkwireErrorCode, reason: string): void {
    const { ports, links, caller } = this.#holder
    const isNews = this.#holder.session.machine.failures === 0 || links.lastFault !== reason
    if (isNews && ports.holds(port)) caller.notices.doubted(code, reason)
  }
}
