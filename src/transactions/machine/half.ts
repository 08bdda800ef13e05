/**
 * One side's part of one transaction: as its caller has it (`Asked`), and as its server has it (`Served`). Plain data; what
 * happens to it is decided in exchange.ts. Whoever calls or serves extends it, so that a call is one object.
 */
import { NOWHERE } from '../../common/deadlines.ts'
import type { Deque } from '../../common/deque.ts'
import type { Incoming, InRecord } from './incoming.ts'
import type { OutPiece, Outgoing } from './outgoing.ts'
import type { CallFailure, CallReason, CallVerdict } from './words.ts'

/** A message of ours that is not acked: what can be taken back. */
export interface SentMessage {
  readonly bytes: number
  /** Nobody needs its ack soon. */
  isPatient?: boolean
}

/** What both sides are told, in the turn in which it happens. Must not throw. */
export interface HalfOwner {
  /** A part waits to be read, or nothing more will come. */
  onReadable(): void
  /** The other side has given up what it was sending. */
  onBroken(detail: string): void
  /** The other side wants no more of what is sent; or the transaction is over. */
  onUnwanted(): void
  /** There is room for parts again. */
  onWritable(): void
}

export interface AskedOwner extends HalfOwner {
  onReply(reply: InRecord): void
  onFailure(failure: CallFailure): void
  /** The answer to a cancel, when that comes before the outcome. */
  onVerdict(verdict: CallVerdict): void
}

export interface ServedOwner extends HalfOwner {
  /** The caller has cancelled, its time is up, or it is gone: `signal` fires. The handler goes on until it ends. */
  onAborted(reason: CallReason, detail: string): void
}

/** What is to be said by control words, a bit each. */
export const DUE = { CREDIT: 1, STOP: 2, RESET: 4, CANCEL: 8, VERDICT: 16 } as const

/** What identifies a call among all services: the type and version of its messages, and its priority. */
export interface CallKind {
  readonly type: number
  readonly version: number
  readonly priority: number
}

class Half {
  readonly kind: CallKind
  readonly lane: number
  /** 0 until it is sent; never used again in a session. */
  id = 0
  /** Made for what does not fit into one message, and for parts. */
  out: Outgoing | null = null
  incoming: Incoming | null = null
  /** When its time is up, in ms of the messenger's clock. */
  deadlineMs = Infinity
  /** Its place among the deadlines; see Deadlines. */
  place = NOWHERE
  /** Bits of `DUE`. */
  due = 0
  stopWhy = ''
  resetWhy = ''
  /** It stands among those that have something to send. */
  isReady = false
  /** Its reader has done with each part when `onReadable()` returns. */
  takesAtOnce = false
  /** A piece that there was no room for. */
  stuck: OutPiece | null = null
  /** Messages that are not acked, oldest first. */
  first: SentMessage | null = null
  others: Deque<SentMessage> | null = null

  constructor(kind: CallKind, lane: number) {
    this.kind = kind
    this.lane = lane
  }

  /** What it sends is one message: the other side's is the answer to it, and an ack of its own says nothing more. */
  get isPatient(): boolean {
    return this.out === null
  }
}

/** Messages of it that are not acked, oldest first: a list of its own, as whoever takes one back changes that. */
export function unacked({ first, others }: Pick<Half, 'first' | 'others'>): SentMessage[] {
  return first === null ? [] : [first, ...(others ?? [])]
}

/** The oldest of them is acked, or will never be. */
export function shiftFirst(half: Pick<Half, 'first' | 'others'>): void {
  half.first = half.others?.shift() ?? null
}

export abstract class Asked extends Half {
  abstract readonly owner: AskedOwner
  /** What goes with the request. */
  note: Uint8Array | null = null
  /** `over`: the caller has its outcome, and the handler may still run. */
  phase: 'waiting' | 'open' | 'over' | 'gone' = 'waiting'
  /** Whether and why it was cancelled, and the answer. */
  cancel: { readonly why: CallReason; readonly detail: string; verdict: CallVerdict | null } | null = null
  /** The request is in a message, which the peer may have. */
  isSent = false
  /** The peer has the request. */
  isKnown = false
  /** Bits of `DUE` that wait for that. */
  held = 0
  /** The first piece of the reply has come. */
  isAnswered = false
}

export abstract class Served extends Half {
  abstract readonly owner: ServedOwner
  note: Uint8Array
  /** `arriving`: its request is not whole. `ended`: the handler has ended, and its answer waits for room. */
  phase: 'arriving' | 'waiting' | 'running' | 'ended' | 'gone' = 'arriving'
  cancel: CallReason | null = null
  /** All of the caller's parts have come. */
  isWhole = false
  /** Why the caller has given up its parts; null: it has not. */
  brokenWhy: string | null = null
  /** The caller wants no parts. */
  isUnwanted = false
  verdict: CallVerdict = 'unheard'
  /** How it has failed: an answer that is sent, or that there was no room for. */
  failure: CallFailure | null = null
  /** What its answer is once its handler has ended, whatever that says: a part of it was lost on this side. */
  lost: CallFailure | null = null

  constructor(kind: CallKind, lane: number, id: number, note: Uint8Array) {
    super(kind, lane)
    this.id = id
    this.note = note
  }
}

/** What is left of its time, in whole ms; 0: it has no deadline. */
export function remainingOf({ deadlineMs }: Pick<Asked, 'deadlineMs'>, nowMs: number): number {
  return deadlineMs === Infinity ? 0 : Math.max(1, Math.min(Math.ceil(deadlineMs - nowMs), 0xffffffff))
}
