/**
 * Links that arrived and do not carry a session: strangers, with a short time and little memory.
 *
 * Limits: a stranger has `handshakeTimeoutMs` until its offer. At most `halfOpenLinksMax` links are strangers, promised a
 * session, or told that they must go and not closed by their peers yet: what counts is what the transport holds. The oldest
 * make room for the newest, so that a flood cannot keep others out. Who has nothing to be told is reset, because a link
 * that closes in order is held for as long as its peer likes. Links that did carry a session and are closing are
 * bounded in parting.ts.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Link, LinkClosed } from '../transports/transport.ts'
import type { Identity, SessionAnswer, SessionOffer } from '../wire/wire.ts'
import { Alarm } from './alarm.ts'
import type { AlarmOwner } from './alarm.ts'
import { LinkPort } from './link-port.ts'
import type { PortKeeper, PortOwner } from './link-port.ts'
import { Parting } from './parting.ts'
import { linkContext } from './proven-peer.ts'
import type { Shared } from './shared.ts'

/** Who finds the connection for an offer. */
export type Route = (port: LinkPort, peer: Identity, offer: SessionOffer) => void

const TOO_MANY = 'too many links without a session; this was the oldest'

export class Acceptor implements PortOwner, PortKeeper, AlarmOwner {
  readonly #shared: Shared
  readonly #route: Route
  /** In order of arrival, each with its deadline in ms. */
  readonly #strangers = new Map<LinkPort, number>()
  /** With connections that decide about them, or have; the oldest first. */
  readonly #promised = new Set<LinkPort>()
  /** Told why they must go, and held until they have gone; the oldest first. */
  readonly #leaving = new Set<LinkPort>()
  /** The same, of links that carried sessions. */
  readonly #parting: Parting
  readonly #alarm: Alarm

  constructor(shared: Shared, route: Route) {
    this.#shared = shared
    this.#route = route
    this.#parting = new Parting(shared.limits)
    this.#alarm = new Alarm(shared.alarms, this)
  }

  /** Links without a session that the transport holds. */
  get size(): number {
    return this.#strangers.size + this.#promised.size + this.#leaving.size
  }

  /** A transport accepted a link at the address `local`. */
  accept(link: Link, local: string): void {
    this.#makeRoom()
    const context = linkContext(this.#shared.context(), link, link.remoteAddress)
    const port = new LinkPort(this.#shared.nextLink(), link, this.#shared.wire, 'acceptor', context, this)
    port.local = local
    this.#admit(port)
  }

  /** Ends every stranger. */
  shutdown(): void {
    for (const port of this.#strangers.keys()) port.reset()
    this.#strangers.clear()
    this.#alarm.clear()
  }

  // What is held, and for whom.

  readmit(port: LinkPort): void {
    this.#promised.delete(port)
    this.#makeRoom()
    this.#admit(port)
  }

  engaged(port: LinkPort): void {
    this.#promised.delete(port)
  }

  leaves(port: LinkPort): void {
    const isStranger = this.#strangers.delete(port) || this.#promised.delete(port)
    if (isStranger) this.#leaving.add(port)
    else if (!this.#leaving.has(port)) this.#parting.add(port)?.discard()
  }

  gone(port: LinkPort): void {
    this.#promised.delete(port)
    this.#leaving.delete(port)
    this.#parting.delete(port)
  }

  // What strangers do.

  onOffer(port: LinkPort, peer: Identity, offer: SessionOffer): void {
    this.#strangers.delete(port)
    this.#promised.add(port)
    this.#route(port, this.#shared.redials.located(peer, port.link), offer)
  }

  /** What the handshake wants to say (why authentication failed) goes out first. */
  onFault(port: LinkPort, _code: InkwireErrorCode, reason: string): void {
    if (!this.#strangers.has(port)) return
    port.reset()
    this.#strangers.delete(port)
    this.#shared.refusals.tell(port, reason)
  }

  onClosed(port: LinkPort, end: LinkClosed): void {
    if (this.#strangers.delete(port)) this.#shared.refusals.tell(port, end.message)
  }

  // A stranger is an acceptor's link: its wire tells none of these before an offer.
  onOpened(_port: LinkPort, _peer: Identity, _answer: SessionAnswer): void {}
  onYielded(): void {}
  onRejected(): void {}
  onConfirmed(): void {}
  onParted(): void {}
  onGoodbye(): void {}

  #admit(port: LinkPort): void {
    const { limits, runtime } = this.#shared
    const deadlineMs = runtime.clock.nowMs() + limits.handshakeTimeoutMs
    this.#strangers.set(port, deadlineMs)
    this.#alarm.ringBy(deadlineMs)
  }

  /** For one more. Who must go anyway goes first; of the others, strangers and promised links have half of the places. */
  #makeRoom(): void {
    const { halfOpenLinksMax } = this.#shared.limits
    if (this.size < halfOpenLinksMax) return
    const [leaving] = this.#leaving
    const [stranger] = this.#strangers.keys()
    const [promised] = this.#promised
    if (leaving !== undefined) this.#breakOff(this.#leaving, leaving)
    else if (promised !== undefined && (stranger === undefined || 2 * this.#promised.size > halfOpenLinksMax)) {
      this.#promised.delete(promised)
      promised.fault('INK_REFUSED', TOO_MANY)
    } else if (stranger !== undefined) this.#discard(stranger, TOO_MANY)
  }

  #breakOff(from: Set<LinkPort>, port: LinkPort): void {
    from.delete(port)
    port.discard()
  }

  #discard(port: LinkPort, reason: string): void {
    this.#strangers.delete(port)
    port.discard()
    this.#shared.refusals.tell(port, reason)
  }

  /** For the oldest: all have the same time. */
  rung(): void {
    const nowMs = this.#shared.runtime.clock.nowMs()
    for (const [port, deadlineMs] of this.#strangers) {
      if (deadlineMs > nowMs) {
        this.#alarm.ringBy(deadlineMs)
        return
      }
      this.#discard(port, 'no session was asked for within the handshake deadline')
    }
  }
}
