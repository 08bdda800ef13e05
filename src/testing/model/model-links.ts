/** What links tell a connection of the model, as events of its session: as messenger/link-events.ts, without ports. */
import type { SessionEvent } from '../../session/event.ts'
import type { Session } from '../../session/session.ts'
import type { Identity, SessionOffer } from '../../wire/wire.ts'
import type { ModelWire } from './model-wire.ts'
import type { Scene } from './scene.ts'
import type { End, Item } from './state.ts'
import { identityOf } from './table.ts'

/** The connection that hears it. */
export interface LinksHost {
  readonly node: number
  readonly uid: number
  readonly session: Session
  readonly wire: ModelWire
  post(event: SessionEvent): void
}

export class ModelLinks {
  readonly #scene: Scene
  readonly #of: LinksHost

  constructor(scene: Scene, of: LinksHost) {
    this.#scene = scene
    this.#of = of
  }

  onOffer(link: number, end: End, peer: Identity, said: SessionOffer): void {
    const { node, uid, wire } = this.#of
    const { instance } = peer
    end.owner = uid
    end.peer = instance
    const replaced = this.#scene.endpoint(node).isGone(peer)
    const offer = wire.meet(said, end.since)
    end.since = []
    this.#of.post({ type: 'offer', link, instance, offer, replaced })
  }

  onOpened(
    link: number,
    end: End,
    { instance, answer: said, asked, attempt }: Extract<Item, { type: 'opened' }>,
  ): void {
    const { node, uid, wire, session } = this.#of
    const answer = asked === undefined ? said : wire.answered(asked, said)
    end.peer = instance
    // Only SERVER_IDENT has a number.
    if (asked?.resume.length === 0 && attempt !== undefined) wire.hear(instance, attempt)
    const peer = identityOf(this.#scene.plan, instance)
    const hasSession = session.machine.session !== null
    const heard = this.#scene.endpoint(node).disowned(uid, hasSession, link, peer, answer)
    if (heard?.event.type === 'fault') this.#lose(link, end)
    else this.#of.post(heard?.event ?? { type: 'opened', link, instance, answer })
  }

  /** As the dialler's wire: the offer was not taken, and is made anew or given up. */
  onAgain(link: number, end: End, offer: SessionOffer, say: unknown): void {
    const next = this.#of.wire.again(offer, say)
    if (next === null) this.#lose(link, end)
    else {
      const instance = this.#scene.instanceOf(this.#of.node)
      this.#scene.write(link, end, { type: 'offer', instance, offer: next })
    }
  }

  #lose(link: number, end: End): void {
    this.#scene.shut(link, end, false, true)
    this.#of.post({ type: 'fault', link, reason: 'the link is given up' })
  }
}
