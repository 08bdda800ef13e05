/**
 * What this side says on links that are under way: what can be resumed and how much of it is here, what the peer may send
 * first, and what is final when the session moves. When one of them is adopted its path begins with that, and the others'
 * words count no more.
 *
 * Limit: a link each that the machine holds on to, two at the most.
 */
import type { Budget } from '../../policies/policy.ts'
import type { Grant, Marks, SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import type { Inbound } from '../inbound.ts'
import type { Effect, LinkId, MachineConfig } from '../machine.ts'
import { NO_MARKS } from '../out-lane.ts'
import type { Outbound } from '../outbound.ts'

export interface Offer {
  readonly link: LinkId
  /** What the peer of the link may send first. */
  readonly budget: Budget
  /** What it was told then of what is finished here. */
  readonly marks: readonly Marks[]
}

/** Who speaks; `channel` as in SessionConfig. */
export interface Speaker {
  readonly config: Pick<MachineConfig, 'policy' | 'role'> & { readonly channel: number }
  readonly inbound: Inbound
  readonly outbound: Outbound
}

/** Where the session stands when it says something. */
export interface Standing {
  /** The session that there is; null: none. */
  readonly session: string | null
  /** A link carries it. */
  readonly isCarried: boolean
}

type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>

const NONE: readonly Offer[] = []
const NOTHING: Budget = { messages: 0, bytes: 0 }

export class Offers {
  readonly #speaker: Speaker
  #all: readonly Offer[] = NONE

  constructor(speaker: Speaker) {
    this.#speaker = speaker
  }

  /** What is said on a link that is dialled. */
  offer({ link, ballot, fresh, resume, holdMs }: EffectOf<'dial'>, { session, isCarried }: Standing): SessionOffer {
    const { config, inbound } = this.#speaker
    const grant = this.#grant(isCarried)
    const marks = inbound.safeMarks()
    this.#note({ link, budget: grant.free, marks })
    const none = marks.map(() => NO_MARKS)
    const resumed = resume.map((id) => ({
      id,
      marks: id === session ? marks : none,
      // Of one that was only promised nothing can have come.
      unproven: id !== session || this.#isUnproven(),
    }))
    const { policy, channel, role } = config
    const move = holdMs === undefined ? null : { move: { holdMs } }
    const said = { ballot, channel, policy: policy.kind, fresh, resume: resumed, grant, ...move }
    return channel === 0 ? said : { ...said, counted: role === 'initiator' ? 'dialler' : 'acceptor' }
  }

  /** What is said on a link that was promised to its dialler. */
  answer({ link, id, resumed }: EffectOf<'answer'>, { session, isCarried }: Standing): SessionAnswer {
    const { config, inbound } = this.#speaker
    const grant = this.#grant(isCarried)
    const marks = resumed && id === session ? inbound.safeMarks() : []
    this.#note({ link, budget: grant.free, marks })
    return { id, resumed, marks, policy: config.policy.kind, grant }
  }

  /** What is said when the session moves to a link: the old one brings nothing more, so it is final. */
  final(link: LinkId): readonly Marks[] {
    const marks = this.#speaker.inbound.safeMarks()
    this.#note({ link, budget: NOTHING, marks })
    return marks
  }

  /**
   * What the peer may send first. One link at a time has credit (L9): while another one carries the session, what is late
   * there may still come, and here credit begins with the first ack.
   */
  #grant(isCarried: boolean): Grant {
    const grant = this.#speaker.inbound.held.offer()
    return isCarried ? { ...grant, free: NOTHING } : grant
  }

  #isUnproven(): boolean {
    const { inbound, outbound } = this.#speaker
    return outbound.lanes.every(untouched) && inbound.marks().every(untouched)
  }

  #note(offer: Offer): void {
    this.forget(offer.link)
    this.#all = this.#all.concat(offer)
  }

  forget(link: LinkId): void {
    if (this.#all.length > 0) this.#all = this.#all.filter((offer) => offer.link !== link)
  }

  /** What was said on the link that is adopted; all else is forgotten, and what was said of a session that does not continue. */
  take(link: LinkId, continues: boolean): Offer {
    const taken = this.#all.find((offer) => offer.link === link)
    this.#all = NONE
    const { budget, marks } = taken ?? { budget: this.#speaker.inbound.held.offer().free, marks: [] }
    return { link, budget, marks: continues ? marks : [] }
  }

  clear(): void {
    this.#all = NONE
  }

  /** All of it as plain data; see Session.save. */
  save(): readonly Offer[] {
    return this.#all
  }

  restore(saved: readonly Offer[]): void {
    this.#all = saved
  }
}

/** Nothing of it has come. */
function untouched({ received }: Pick<Marks, 'received'>): boolean {
  return received === 0
}
