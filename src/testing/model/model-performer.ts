/**
 * What the session of one connection of the model wants done: as messenger/performer.ts, on the scene. The laws about what
 * may be asked for at all (L2, L4, L8, L13) are held where it is done.
 */
import type { Action } from '../../session/action.ts'
import type { SessionEvent } from '../../session/event.ts'
import type { Session } from '../../session/session.ts'
import { EPOCH_MAX } from '../../wire/wire.ts'
import type { SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import { BrokenLaw } from './broken-law.ts'
import { Ended } from './ended.ts'
import type { ModelFlow } from './model-flow.ts'
import type { ModelWire } from './model-wire.ts'
import type { Scene } from './scene.ts'
import { NOBODY, STRANGER } from './state.ts'
import type { DriverState, End } from './state.ts'
import { bury, identityOf } from './table.ts'

/** The connection whose actions are done. */
export interface PerformerHost {
  readonly node: number
  readonly uid: number
  readonly state: Omit<DriverState, 'session'>
  readonly session: Session
  readonly wire: ModelWire
  readonly flow: ModelFlow
  react(event: SessionEvent): void
  flushLater(): void
  tellFailed(): void
  dropWords(): void
  end(): void
}

type ActionOf<T extends Action['type']> = Extract<Action, { type: T }>

export class ModelPerformer {
  readonly #scene: Scene
  readonly #of: PerformerHost
  /** The link that both sides have ended; null: none is left so now. */
  #ended: Ended | null = null

  constructor(scene: Scene, of: PerformerHost) {
    this.#scene = scene
    this.#of = of
  }

  /** What is done next is for this event. */
  begins({ type }: SessionEvent): void {
    this.#ended = type === 'parted' ? new Ended(this.#of.session) : null
  }

  perform(action: Action): void {
    const { node, uid, wire } = this.#of
    const end = 'link' in action ? this.#scene.endOf(action.link, node, uid) : null
    switch (action.type) {
      case 'dial':
        this.#dial(action.link, action.offer)
        break
      case 'answer':
        if (end) this.#answer(action.link, end, action.answer)
        break
      case 'again':
        if (end) this.#askAgain(action, end)
        break
      case 'confirm':
        if (end && wire.isConfirmed) this.#confirm(action, end)
        break
      case 'part':
        this.#of.flushLater()
        break
      case 'yield':
        if (end) this.#scene.write(action.link, end, { type: 'yield', epoch: action.epoch })
        if (end) this.#scene.shut(action.link, end, false, false)
        break
      case 'reject':
        if (end) this.#reject(action, end)
        break
      case 'goodbye':
        if (end) this.#goodbye(action, end)
        break
      case 'drop':
        if (end) this.#scene.shut(action.link, end, false, true)
        break
      case 'replaced':
        bury(this.#scene.node(node), uid, action.instance)
        break
      case 'adopt':
        this.#adopt(action.link, end)
        break
      case 'begun':
        this.#ended?.check(node)
        break
      case 'displace':
        this.#displace()
        break
      case 'remoteReset':
        this.#lawful(action.reason)
        this.#clearInbox()
        this.#handBack(action)
        break
      case 'closed':
        this.#end(action)
        break
    }
  }

  #dial(link: number, offer: SessionOffer): void {
    const { node, uid, wire, state } = this.#of
    const { target } = state
    if (target === null) {
      this.#of.react({ type: 'fault', link, reason: 'no address' })
      return
    }
    if (offer.ballot.epoch > EPOCH_MAX)
      throw new BrokenLaw(`node ${node} dials with epoch ${offer.ballot.epoch}, which nobody takes`)
    const made = this.#scene.addLink(link, node, uid, target)
    if (this.#scene.planOf(target).address === 'open') {
      const instance = this.#scene.instanceOf(node)
      this.#scene.write(link, made.ends[0], { type: 'offer', instance, offer: wire.ask(offer) })
      return
    }
    made.ends[1].ended = true
    made.ends[1].owner = NOBODY
    made.ends[1].out = [{ type: 'fin' }]
  }

  #answer(link: number, end: End, answer: SessionAnswer): void {
    const { node, wire } = this.#of
    const instance = this.#scene.instanceOf(node)
    if (wire.frames === undefined || wire.met === null) {
      this.#scene.write(link, end, { type: 'opened', instance, answer })
      return
    }
    // As SERVER_IDENT does: above our dials so far, below the next.
    const attempt = 2 * this.#scene.used.links + 1
    this.#scene.write(link, end, { type: 'opened', instance, answer, asked: wire.met, attempt })
    for (const driver of this.#scene.driversOf(node)) {
      if (driver.state.pending === wire.met.fresh) driver.state.pending = null
    }
    wire.hear(end.peer ?? '', wire.frames.attemptOf(wire.met))
    if (!wire.isConfirmed) this.#of.react({ type: 'confirmed', link })
  }

  /** The link belongs to nobody again, until its dialler offers anew. */
  #askAgain({ link, say }: ActionOf<'again'>, end: End): void {
    const { met } = this.#of.wire
    if (met === null) throw new BrokenLaw('a dialler is asked again that offered nothing')
    this.#scene.write(link, end, { type: 'again', say, offer: met })
    end.owner = STRANGER
    end.since = []
  }

  #confirm({ link, marks }: ActionOf<'confirm'>, end: End): void {
    this.#scene.write(link, end, { type: 'confirm', ...(marks !== null && { marks }) })
  }

  #reject({ link, code }: ActionOf<'reject'>, end: End): void {
    const said = code === 'INK_REFUSED' ? 'INK_REFUSED' : 'INK_INTERNAL'
    if (this.#of.wire.frames === undefined) this.#scene.write(link, end, { type: 'reject', code: said })
    this.#scene.shut(link, end, false, false)
  }

  #goodbye({ link, path }: ActionOf<'goodbye'>, end: End): void {
    if (path !== null) {
      this.#of.flow.writeVerdicts(link, end, path)
      this.#of.flow.writeAck(link, end, path, false)
    }
    if (this.#of.wire.frames === undefined) this.#scene.write(link, end, { type: 'goodbye' })
    this.#scene.shut(link, end, true, false)
  }

  #adopt(link: number, end: End | null): void {
    if (end === null || end.peer === null) return
    const { node, uid, session, state } = this.#of
    const peer = identityOf(this.#scene.plan, end.peer)
    const endpoint = this.#scene.endpoint(node)
    if (session.config.policy.kind !== 'lossy' && endpoint.isGone(peer))
      throw new BrokenLaw(`L8: node ${node} adopts a link of ${end.peer}, which was replaced`)
    endpoint.adopt(uid, peer)
    state.shown = true
    this.#of.flushLater()
    // Only the adopted link has a sink.
    for (const id of this.#scene.linksOf(node, uid)) {
      const mine = this.#scene.endOf(id, node, uid)
      if (mine) mine.sink = id === link
    }
  }

  #displace(): void {
    const { node, uid } = this.#of
    const over = this.#scene.endpoint(node).displaced(uid)
    if (over === undefined) return
    const reset = { type: 'markDown', cause: 'fault', code: 'INK_RESET', reason: 'dialled again' } as const
    this.#scene.driver(node, over).post(reset)
  }

  #end(action: ActionOf<'closed'>): void {
    const { node, uid, session, state } = this.#of
    // Whoever was refused before it had a session has lost none.
    const stillborn = action.cause === 'refused' && !state.shown
    if (session.config.policy.kind !== 'lossy' && action.cause !== 'local' && !stillborn)
      this.#lawful(`${action.code}: ${action.reason}`)
    this.#of.end()
    for (const link of this.#scene.linksOf(node, uid)) {
      const end = this.#scene.endOf(link, node, uid)
      if (end) this.#scene.shut(link, end, false, true)
    }
    this.#clearInbox()
    this.#handBack(action)
    this.#scene.removeDriver(node, uid)
  }

  /** What failed is known to have: it is in no outcome. */
  #handBack({ outcome }: ActionOf<'remoteReset' | 'closed'>): void {
    this.#of.tellFailed()
    this.#of.dropWords()
    this.#scene.handBack(outcome)
  }

  /** A lossless session may not end by itself. */
  #lawful(reason: string): void {
    if (this.#scene.disturbed) return
    const text = 'loses a session without crash, mark-down, close or expiry'
    throw new BrokenLaw(`L2/L4: node ${this.#of.node} ${text}: ${reason}`)
  }

  #clearInbox(): void {
    const { state, session, flow } = this.#of
    for (const held of state.inbox) if (!held.running) session.inbound.discard(flow.inboundOf(held))
    state.inbox = state.inbox.filter((held) => held.running)
  }
}
