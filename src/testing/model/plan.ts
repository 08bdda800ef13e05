/**
 * What the model checker is asked to search: nodes, what each of them sends, and how often each thing may go wrong.
 *
 * Plain data, but for the rules of a wire protocol that has its own. What becomes of a plan is in state.ts.
 */
import type { Policy, PolicyKind } from '../../policies/policy.ts'
import type { OutboundMessage, Settle } from '../../wire/message.ts'
import type { SessionAnswer, SessionOffer, WireProtocol } from '../../wire/wire.ts'

/** A message that a node may send, in the order of its plan. */
export interface SendPlan {
  readonly bytes: number
  readonly priority: number
  /** Somebody waits for its ack, as `deliver()` does. */
  readonly awaited: boolean
  /** `failing`: its handler fails. `word`: a control word. Left out: a message that is handled. */
  readonly kind?: 'failing' | 'word'
}

export interface NodePlan {
  readonly name: string
  readonly policy: Policy
  /** The node that it connects to; null when it only listens. */
  readonly dials: number | null
  /** What others know of where it can be dialled: `open` works, `firewalled` always fails, `none` is not told. */
  readonly address: 'open' | 'firewalled' | 'none'
  readonly sends: readonly SendPlan[]
  /** Handlers that run at the same time; 0 when each finishes at once. */
  readonly concurrency: number
}

/** How often each thing may happen on one path. */
export interface Bounds {
  /** Dials of all nodes together. */
  readonly links: number
  readonly connects: number
  readonly cuts: number
  readonly crashes: number
  readonly markDowns: number
  readonly closes: number
  /** Deadlines of dials, promises, goodbyes and close() that fire although nothing is wrong. */
  readonly timeouts: number
  /** Sessions that are given up because their peer does not come back. */
  readonly expiries: number
  /** First flights that arrive twice. */
  readonly duplicates: number
  /** Dials that somebody else answers with an epoch of `Plan.lies`. */
  readonly lies: number
  /** First flights that somebody else makes up, in the name of the dialler, with an epoch of `Plan.lies`. */
  readonly forgeries: number
  /** First flights of `Plan.impostor`. */
  readonly disguises: number
  /** Links that are dialled beside the one that carries a session, for it to move there. */
  readonly moves: number
}

/** A wire protocol with rules of its own about arriving links; what it says on a link is the model's business. */
export interface ModelProtocol extends Pick<WireProtocol, 'capabilities' | 'arbitrate'> {
  /** What a dialler that is asked `again` offers next on the same link; null when it gives the link up. */
  again(offer: SessionOffer, say: unknown): SessionOffer | null
  /** Left out: as the native protocol. Else: no goodbye, no credit, one ack, and Wires that say things their own way. */
  readonly frames?: ModelFrames
}

/** The last attempt of an instance, if it was heard of after our last words on a link; else null. */
export type Heard = (instance: string) => number | null

/** What the Wires of a protocol do to offers and answers. `attempt` is a number above those of all earlier dials. */
export interface ModelFrames {
  /** The dialler asks; `pending` is a session that it asked for and never heard of. */
  ask(offer: SessionOffer, attempt: number, pending: string | null): SessionOffer
  /** The acceptor gets what was asked; `pending` are the sessions that its node asked for itself. */
  meet(asked: SessionOffer, pending: readonly string[], heardSince: Heard): SessionOffer
  attemptOf(asked: SessionOffer): number
  /** True when an acceptor under this policy adopts a link only when its dialler shows that the answer has come. */
  awaitsSign(policy: PolicyKind): boolean
  /** The dialler hears the answer. */
  hear(asked: SessionOffer, answer: SessionAnswer): SessionAnswer
}

export interface Plan {
  readonly name: string
  readonly nodes: readonly NodePlan[]
  readonly bounds: Bounds
  /** Left out: the native one, and the session's own rules. */
  readonly protocol?: ModelProtocol
  /** Received marks are also told before a handler has finished: more interleavings. */
  readonly earlyAcks: boolean
  /** A link takes no more while so many runs are on their way over it. Left out: it takes all there is. */
  readonly linkRuns?: number
  /** Links with lower ids than this take all there is: more is late on an old link than a new one takes at once. */
  readonly narrowFrom?: number
  /** The epochs that somebody makes up who is neither of the two. */
  readonly lies?: readonly number[]
  /** Who proves this name makes up first flights beside each dial; each dial is for a name then, and no other may reach it. */
  readonly impostor?: string
}

/** One message, the same object wherever it is. */
export interface Payload extends OutboundMessage {
  readonly sender: number
  /** Position among all that its node ever sends, from 0. */
  readonly index: number
  /** For stories and for comparing states. */
  readonly label: string
  readonly kind: SendPlan['kind']
  toJSON(): string
}

export function makePayload(sender: number, index: number, plan: SendPlan): Payload {
  const label = `${plan.kind === 'word' ? 'w' : 'm'}${sender}.${index + 1}`
  const settle: Settle | null = plan.awaited ? { acked: () => undefined, failed: () => undefined } : null
  return {
    type: 0,
    version: 0,
    tid: 0,
    front: null,
    middle: null,
    data: new Uint8Array(plan.bytes),
    extension: null,
    priority: plan.priority,
    bytes: plan.bytes,
    frontBytes: 0,
    middleBytes: 0,
    settle,
    sender,
    index,
    label,
    kind: plan.kind,
    toJSON: () => label,
  }
}

/** Whom a caller means who connects to this node: where there is an impostor, callers say so. */
export function nameAsked({ impostor, nodes }: Plan, dials: number): string | null {
  return impostor === undefined ? null : (nodes[dials]?.name ?? null)
}
