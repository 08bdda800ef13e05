/**
 * Carries out what the session of one connection wants done, in its order, and decides nothing.
 *
 * It is the only one who dials, promises, confirms, refuses and ends links, puts the session on one, and takes the connection
 * apart when it is over.
 */
import { toHex } from '../common/bytes.ts'
import type { HeldShare } from '../policies/held-budget.ts'
import type { Action } from '../session/action.ts'
import type { Given } from '../session/event.ts'
import type { Identity, SessionOffer } from '../wire/wire.ts'
import type { Caller } from './caller.ts'
import type { Inbox } from './inbox.ts'
import type { LinkEvents, LinkHolder } from './link-events.ts'
import { LinkPort } from './link-port.ts'
import { accountOf } from './name-quota.ts'
import { peerOf } from './peer.ts'
import type { Paths } from './paths.ts'
import type { PortSet } from './port-set.ts'
import { linkContext } from './proven-peer.ts'
import type { ReactorOwner } from './reactor.ts'
import type { ConnectionHost } from './service-host.ts'
import type { Shared } from './shared.ts'
import type { TurnOwner, Turns } from './turns.ts'

/** The connection. */
export interface PerformerParts extends LinkHolder, TurnOwner {
  readonly caller: Caller
  readonly ports: PortSet
  readonly events: LinkEvents
  readonly inbox: Inbox
  readonly host: ConnectionHost
  readonly turns: Turns
  readonly paths: Paths
  readonly held: HeldShare
  /** Under which name it counts; null when a caller wants it. */
  readonly account: string | null
}

export class Performer implements ReactorOwner {
  readonly #shared: Shared
  readonly #of: PerformerParts
  /** For the next session that is offered: few events offer one, and an id costs more than the rest of what they are given. */
  #freshId: string | null = null

  constructor(shared: Shared, of: PerformerParts) {
    this.#shared = shared
    this.#of = of
  }

  /** The world as it is now. */
  input(): Given {
    const { clock, random } = this.#shared.runtime
    const { target } = this.#of
    this.#freshId ??= toHex(random.bytes(16))
    return {
      nowMs: clock.nowMs(),
      random: random.next(),
      freshId: this.#freshId,
      freshLink: this.#shared.nextLink(),
      canDial: target.isOpen,
      places: target.size,
      handling: this.#of.isHandling,
    }
  }

  perform(action: Action): void {
    switch (action.type) {
      case 'dial':
        this.#dial(action.link, action.offer)
        break
      case 'answer': {
        const { link, answer } = action
        const peer = this.#of.ports.answer(link, answer)
        if (peer !== null)
          this.#shared.table.partners.promised(this.#of, answer.id, peer, this.#of.session.machine.session)
        break
      }
      case 'confirm':
        // The flow writes it, together with the first data.
        this.#of.ports.get(action.link)?.wire.confirm(action.marks)
        break
      case 'part':
        this.#of.flow.schedule()
        break
      case 'yield':
        this.#of.ports.dismiss(action.link, (port) => port.wire.yield(action.epoch))
        break
      case 'reject':
        this.#of.ports.dismiss(action.link, (port) => {
          port.wire.reject(action.code, action.reason)
          // Whether the connection lives on (somebody else claims its peer's name) or was made for this link alone.
          this.#shared.refusals.tell(port, `${port.peer?.name ?? 'a peer'}: ${action.reason}`)
        })
        break
      case 'again':
        this.#of.ports.release(action.link)?.giveBack(action.say)
        break
      case 'goodbye':
        this.#of.flow.goodbye(this.#of.ports.get(action.link), action.reason, action.path)
        break
      case 'drop':
        this.#of.links.dropped(this.#of.ports.get(action.link), action.cause, action.reason)
        this.#of.paths.dropped(action.link, action.cause, action.reason)
        this.drop(action.link)
        break
      case 'replaced':
        // Whoever was confirmed before had the name that the session has.
        this.#shared.table.bury(this.#of.caller.peer.name ?? '', action.instance)
        break
      case 'adopt':
        this.#adopt(action)
        break
      case 'begun':
        this.#of.links.began(action.how)
        this.#of.caller.begun(action)
        break
      case 'displace':
        this.#shared.table.displaced(this.#of)?.giveUp('INK_RESET', 'the client dialled again')
        break
      case 'remoteReset':
        this.#clearInbox()
        this.#of.caller.remoteReset(action)
        break
      case 'closed':
        if (action.cause === 'refused') this.#of.links.count(action.reason)
        this.#end()
        this.#of.caller.ended(action)
        break
    }
  }

  #dial(id: number, offer: SessionOffer): void {
    this.#freshId = null
    const { paths, target } = this.#of
    const link = offer.move === undefined ? target.dial(this.#of.session.machine.failures) : paths.dial(id)
    if (typeof link === 'string') {
      if (offer.move === undefined) this.#of.links.fault(undefined, link)
      else paths.lost(id, link)
      this.#of.post({ type: 'fault', link: id, reason: link })
      return
    }
    const context = linkContext(this.#shared.context(), link, paths.addressOf(id) ?? target.address)
    const port = new LinkPort(id, link, this.#shared.wire, 'dialler', context, this.#of.events)
    this.#of.ports.add(port)
    port.wire.open({ ...offer, resume: this.#shared.table.partners.known(this.#of, offer.resume) })
    port.flushHandshake()
  }

  drop(link: number): void {
    if (this.#of.flow.port?.id === link) this.#of.flow.detach()
    this.#of.ports.drop(link)
  }

  #adopt(action: Extract<Action, { type: 'adopt' }>): void {
    const port = this.#of.ports.get(action.link)
    if (port === undefined || port.peer === null) return
    const { peer } = port
    this.#shared.table.adopt(this.#of, peer)
    this.#shared.table.partners.agreed(this.#of, this.#of.session.machine.session ?? '', peer)
    this.#know(peer, port)
    this.#of.caller.shown = true
    this.#of.flow.attach(port)
    this.#shared.services.adopted(this.#of.host, { resumed: action.continues, note: port.wire.note })
    this.#of.caller.returns.withdrawUnfit()
  }

  #know(peer: Identity, port: LinkPort): void {
    this.#of.target.met(peer, port)
    this.#of.held.belongTo(accountOf(peer))
    this.#of.caller.peer = peerOf(peer, this.#of.target.address ?? port.link.remoteAddress)
  }

  #end(): void {
    this.#of.caller.life = 'closed'
    this.#of.flow.detach()
    this.#of.ports.abandon()
    this.#clearInbox()
    this.#of.held.close()
    this.#shared.table.remove(this.#of)
    if (this.#of.account !== null) this.#shared.quota.left(this.#of.account, this.#of.session.isUseful)
    this.#of.turns.end()
    this.#of.reactor.complete()
  }

  #clearInbox(): void {
    for (const message of this.#of.inbox.clear()) this.#of.flow.drop(message)
  }
}
