/**
 * The world of the model checker as plain data: what a plan asks for, and everything that one state consists of.
 *
 * States are never changed: a step copies what it touches and shares the rest, so that a million of them fit into
 * memory and a part that did not change is compared by identity.
 */
import type { Policy, PolicyKind } from '../../policies/policy.ts'
import type { SavedSession } from '../../session/session.ts'
import type { OutboundMessage, Settle } from '../../wire/message.ts'
import type { Budget } from '../../policies/policy.ts'
import type { Identity, Marks, SessionAnswer, SessionOffer, WireProtocol } from '../../wire/wire.ts'

/** A message that a node may send, in the order of its plan. */
export interface SendPlan {
  readonly bytes: number
  readonly priority: number
  /** Somebody waits for its ack, as `deliver()` does. */
  readonly awaited: boolean
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
  toJSON(): string
}

export function makePayload(sender: number, index: number, plan: SendPlan): Payload {
  const label = `m${sender}.${index + 1}`
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
    toJSON: () => label,
  }
}

/** A reading of a hybrid clock. All readings are written alike: the clock is checked, but no states differ by it. */
export class Stamp {
  readonly counter: number

  constructor(counter: number) {
    this.counter = counter
  }

  toJSON(): string {
    return ''
  }
}

/** What is on its way over a link: frames, not bytes. */
export type Item =
  /** `proves`: it is somebody else's, who wears that instance and its address under a name of his own. */
  | { readonly type: 'offer'; readonly instance: string; readonly offer: SessionOffer; readonly proves?: string }
  /** With what was asked, as the dialler would remember it, where the protocol needs it. */
  | {
      readonly type: 'opened'
      readonly instance: string
      readonly answer: SessionAnswer
      readonly asked?: SessionOffer
      readonly attempt?: number
    }
  | { readonly type: 'yield'; readonly epoch: number }
  | { readonly type: 'reject'; readonly code: 'INK_REFUSED' | 'INK_INTERNAL' }
  /** The offer that it answers comes along, as the dialler would remember it. */
  | { readonly type: 'again'; readonly say: unknown; readonly offer: SessionOffer }
  | { readonly type: 'confirm'; readonly marks?: readonly Marks[] }
  /** No message follows on this link, for the sake of the link with this epoch. */
  | { readonly type: 'end'; readonly epoch: number; readonly stays: boolean }
  | DataItem
  | { readonly type: 'ack'; readonly marks: readonly Marks[]; readonly credit: Budget }
  | { readonly type: 'goodbye' }
  | { readonly type: 'fin' }

export interface DataItem {
  readonly type: 'data'
  readonly lane: number
  readonly firstSeq: number
  readonly received: number
  readonly processed: number
  readonly ackNow: boolean
  readonly stamp: Stamp
  readonly messages: readonly Payload[]
  /** Part of the one message; length 0 means whole messages. */
  readonly chunkOffset: number
  readonly chunkLength: number
}

/** A message of which some chunks are at an end of a link. */
export interface Assembly {
  readonly payload: Payload
  readonly seq: number
  readonly filledBytes: number
  readonly skipped: boolean
}

/** Nobody listens at this end any more. */
export const NOBODY = -1
/** A link that arrived and whose offer was not read. */
export const STRANGER = 0

export interface End {
  node: number
  /** The connection that it belongs to, or NOBODY, or STRANGER. */
  owner: number
  /** It carries the session of its owner: data counts. */
  sink: boolean
  /** It was closed here, or heard that the link is over: what comes is not read, what is written goes nowhere. */
  ended: boolean
  /** Its last words may be lost. */
  wasReset: boolean
  /** The peer's instance, once known. */
  peer: string | null
  /** Instances that this node heard of since it last spoke here, where the protocol needs it and while nobody owns it. */
  since: readonly string[]
  /** What it wrote and the other end has not read, oldest first. */
  out: Item[]
  assembling: (Assembly | null)[]
}

export interface LinkState {
  cut: boolean
  /** 0: the dialler's end, 1: the acceptor's. */
  ends: [End, End]
}

/** A received message that a handler has or will get. */
export interface Held {
  readonly payload: Payload
  readonly seq: number
  readonly lane: number
  readonly generation: number
  readonly running: boolean
}

export interface DriverState {
  readonly uid: number
  readonly role: 'initiator' | 'responder'
  target: number | null
  shown: boolean
  life: 'running' | 'closing'
  /** A session that it asked for and never heard of, where the protocol asks for it again. */
  pending?: string | null
  inbox: Held[]
  session: SavedSession
}

/** What the endpoint of a node knows of one connection, oldest first. */
export interface TableEntry {
  readonly uid: number
  readonly role: 'initiator' | 'responder'
  /** The node that connect() was called for. */
  readonly dialled: number | null
  readonly expectName: string | null
  readonly life: 'running' | 'closing'
  readonly peer: Identity | null
  readonly standing: 'waits' | 'claims' | 'has'
}

export interface NodeState {
  instance: number
  nextDriver: number
  gone: (readonly [name: string, instance: string])[]
  /** Fresh session ids that were offered to it, where first flights may arrive twice. */
  claimed: string[]
  /** The last attempt of each instance that took part in an establishment, where the protocol needs it. */
  heard: [instance: string, attempt: number][]
  drivers: DriverState[]
  table: readonly TableEntry[]
  /** Messages sent so far. */
  sent: number
  clock: Stamp
}

export type Fate = 'acked' | 'undelivered' | 'unknown' | 'crashed'

/** What no node knows, but the laws speak of; one entry per message of a sender. */
export interface GhostEntry {
  /** The connection that it was sent on. */
  readonly via: string
  readonly delivered: boolean
  readonly finished: boolean
  readonly fate: Fate | null
}

export type Used = { -readonly [Name in keyof Bounds]: number }

/** What the checker calls the parts of a state, so that equal parts are written down once; 0: not looked up yet. */
export interface PartNumbers {
  readonly nodes: number[]
  readonly links: number[]
  readonly ghost: number[]
}

export interface WorldState {
  nodes: NodeState[]
  /** Link number n is at n - 1; null where it is over. */
  links: (LinkState | null)[]
  used: Used
  ghost: GhostEntry[][]
  readonly numbers: PartNumbers
}

export function instanceName(node: number, instance: number): string {
  return `${node}#${instance}`
}

export function initialState(plan: Plan): WorldState {
  return {
    nodes: plan.nodes.map(() => ({
      instance: 1,
      nextDriver: 1,
      gone: [],
      claimed: [],
      heard: [],
      drivers: [],
      table: [],
      sent: 0,
      clock: new Stamp(0),
    })),
    links: [],
    used: {
      links: 0,
      connects: 0,
      cuts: 0,
      crashes: 0,
      markDowns: 0,
      closes: 0,
      timeouts: 0,
      expiries: 0,
      duplicates: 0,
      lies: 0,
      forgeries: 0,
      disguises: 0,
      moves: 0,
    },
    ghost: plan.nodes.map(() => []),
    numbers: { nodes: plan.nodes.map(() => 0), links: [], ghost: plan.nodes.map(() => 0) },
  }
}
