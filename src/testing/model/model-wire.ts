/**
 * What the Wires of one connection of the model make of offers and answers, and remember of them, where a protocol says
 * things its own way (Plan.protocol.frames); the native one says what the session says.
 */
import type { PolicyKind } from '../../policies/policy.ts'
import type { SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import type { Heard, ModelFrames } from './plan.ts'
import type { Scene } from './scene.ts'
import type { DriverState } from './state.ts'
import { lookup } from './table.ts'

export class ModelWire {
  readonly #scene: Scene
  readonly #node: number
  readonly #state: Pick<DriverState, 'pending'>
  readonly #policy: PolicyKind
  readonly frames: ModelFrames | undefined
  /** The offer that is decided about, as it was asked. */
  met: SessionOffer | null = null

  constructor(scene: Scene, node: number, state: Pick<DriverState, 'pending'>, policy: PolicyKind) {
    this.#scene = scene
    this.#node = node
    this.#state = state
    this.#policy = policy
    this.frames = scene.plan.protocol?.frames
  }

  /** The dialler says when it adopts a link. Else an answered link is the session's at once. */
  get isConfirmed(): boolean {
    return this.frames?.awaitsSign(this.#policy) ?? true
  }

  /** What the dialler asks. */
  ask(offer: SessionOffer): SessionOffer {
    if (this.frames === undefined) return offer
    const asked = this.frames.ask(offer, 2 * this.#scene.used.links, this.#state.pending ?? null)
    this.#remember(asked)
    return asked
  }

  /** What it asks next on the same link, when it was told something; null: it gives the link up. */
  again(offer: SessionOffer, say: unknown): SessionOffer | null {
    const next = this.#scene.plan.protocol?.again(offer, say) ?? null
    if (next !== null && this.frames !== undefined) this.#remember(next)
    return next
  }

  /** A session that does not exist yet is asked for by the same name until it is answered. */
  #remember(asked: SessionOffer): void {
    this.#state.pending = asked.resume.length === 0 && asked.policy !== 'lossy' ? asked.fresh : null
  }

  /** What was asked arrives. `since`: instances that this node heard of since it last spoke there. */
  meet(asked: SessionOffer, since: readonly string[]): SessionOffer {
    this.met = asked
    if (this.frames === undefined) return asked
    const pending = this.#scene.driversOf(this.#node).map((driver) => driver.state.pending ?? '')
    return this.frames.meet(asked, pending, this.#heardSince(since))
  }

  #heardSince(since: readonly string[]): Heard {
    const { heard } = this.#scene.node(this.#node)
    return (instance) => (since.includes(instance) ? (lookup(heard, instance) ?? null) : null)
  }

  /** The dialler hears what it was answered. */
  answered(asked: SessionOffer, said: SessionAnswer): SessionAnswer {
    this.#state.pending = null
    return this.frames?.hear(asked, said) ?? said
  }

  /** An instance took part in an establishment. */
  hear(instance: string, attempt: number): void {
    if (this.#policy !== 'lossy') this.#scene.hear(this.#node, instance, attempt)
  }
}
