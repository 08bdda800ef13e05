/**
 * Links that arrived and do not belong to a connection yet: strangers, with a short time and little memory.
 *
 * Limits: a stranger has `handshakeTimeoutMs` until its offer; there are at most `halfOpenLinksMax`, and the oldest makes
 * room for the newest, so that a flood of silent links cannot keep others out.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Link, LinkClosed } from '../transports/transport.ts'
import type { Identity, SessionAnswer, SessionOffer } from '../wire/wire.ts'
import { LinkPort } from './link-port.ts'
import type { PortOwner } from './link-port.ts'
import type { World } from './world.ts'

/** Who finds the connection for an offer. */
export type Route = (port: LinkPort, peer: Identity, offer: SessionOffer) => void

export class Acceptor implements PortOwner {
  readonly #world: World
  readonly #route: Route
  /** In order of arrival, each with its deadline in ms. */
  readonly #strangers = new Map<LinkPort, number>()
  #timer: unknown = null

  constructor(world: World, route: Route) {
    this.#world = world
    this.#route = route
  }

  get size(): number {
    return this.#strangers.size
  }

  /** A transport accepted a link. */
  accept(link: Link): void {
    const { limits, runtime, wire } = this.#world
    if (this.#strangers.size >= limits.halfOpenLinksMax) {
      const oldest = this.#strangers.keys().next().value
      if (oldest !== undefined) this.#refuse(oldest, 'too many links without a session; this was the oldest')
    }
    const context = { ...this.#world.context(), target: link.remoteAddress }
    const port = new LinkPort(this.#world.nextLink(), link, wire, 'acceptor', context, this)
    this.#strangers.set(port, runtime.clock.nowMs() + limits.handshakeTimeoutMs)
    this.#arm()
  }

  /** Ends every stranger. */
  shutdown(): void {
    for (const port of this.#strangers.keys()) port.reset()
    this.#strangers.clear()
    this.#world.runtime.clock.clearTimer(this.#timer)
  }

  readmit(port: LinkPort): void {
    const { limits, runtime } = this.#world
    this.#strangers.set(port, runtime.clock.nowMs() + limits.handshakeTimeoutMs)
    this.#arm()
  }

  onOffer(port: LinkPort, peer: Identity, offer: SessionOffer): void {
    this.#strangers.delete(port)
    this.#route(port, peer, offer)
  }

  onFault(port: LinkPort, _code: InkwireErrorCode, reason: string): void {
    this.#refuse(port, reason)
  }

  onClosed(port: LinkPort, end: LinkClosed): void {
    if (this.#strangers.delete(port)) this.#report(port, end.message)
  }

  // A stranger is an acceptor's link: its wire tells none of these before an offer.
  onOpened(_port: LinkPort, _peer: Identity, _answer: SessionAnswer): void {}
  onYielded(): void {}
  onRejected(): void {}
  onConfirmed(): void {}
  onGoodbye(): void {}

  /** What the handshake wants to say (why authentication failed) goes out first. */
  #refuse(port: LinkPort, reason: string): void {
    if (!this.#strangers.delete(port)) return
    port.close()
    this.#report(port, reason)
  }

  #report(port: LinkPort, reason: string): void {
    this.#world.report({ type: 'linkRefused', address: port.link.remoteAddress, reason })
  }

  /** One timer, for the oldest: all have the same time. */
  #arm(): void {
    if (this.#timer !== null) return
    const first = this.#strangers.values().next().value
    if (first === undefined) return
    const { clock } = this.#world.runtime
    this.#timer = clock.setTimer(() => {
      this.#timer = null
      this.#expire(clock.nowMs())
      this.#arm()
    }, first - clock.nowMs())
  }

  #expire(nowMs: number): void {
    for (const [port, deadlineMs] of this.#strangers) {
      if (deadlineMs > nowMs) return
      this.#refuse(port, 'no session was asked for within the handshake deadline')
    }
  }
}
