/**
 * The world of the model checker as plain data: everything that one state consists of.
 *
 * States are never changed: a step copies what it touches and shares the rest, so that a million of them fit into
 * memory and a part that did not change is compared by identity.
 */
import type { Budget } from '../../policies/policy.ts'
import type { SavedSession } from '../../session/session.ts'
import type { Verdict } from '../../wire/verdict.ts'
import type { Identity, Marks, SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import type { Bounds, Payload, Plan } from './plan.ts'

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
  | FailedItem
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

/** Verdicts, the first with this number, and how many of the other end's have come. */
export interface FailedItem {
  readonly type: 'failed'
  readonly first: number
  readonly verdicts: readonly Verdict[]
  readonly taken: number
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

/** `dropped`: a control word whose session is over. */
export type Fate = 'acked' | 'failed' | 'undelivered' | 'unknown' | 'dropped' | 'crashed'

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
    used: Object.fromEntries(Object.keys(plan.bounds).map((name) => [name, 0])) as Used,
    ghost: plan.nodes.map(() => []),
    numbers: { nodes: plan.nodes.map(() => 0), links: [], ghost: plan.nodes.map(() => 0) },
  }
}
