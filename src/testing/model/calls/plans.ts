/** What is searched of calls: each plan is small enough to come to an end, and has one kind of trouble more than the others. */
import { PRIORITY } from '../../../wire/message.ts'
import { CALLS } from '../../../transactions/machine/limits.ts'
import type { CallerDeed, HandlerDeed } from './deeds.ts'

/** More than any time that is waited for. */
export const TICK_MS = CALLS.verdictTimeoutMs

/** A call that may be made. */
export interface CallSort {
  /** Its caller may send parts. */
  readonly streams: boolean
  /** One tick is as long as it may take. */
  readonly timed: boolean
  readonly priority: number
}

export interface CallPlan {
  readonly name: string
  /** Made in this order, each once. */
  readonly calls: readonly CallSort[]
  /** What callers may do, and handlers beside beginning; each so often as it stands there, for each call. */
  readonly caller: readonly CallerDeed[]
  readonly handler: readonly HandlerDeed[]
  /** `at once`: what is queued goes on the link in the turn in which it is. `any time`: it waits until then. */
  readonly puts: 'at once' | 'any time'
  readonly words: 'at once' | 'any time'
  readonly acks: 'at once' | 'any time'
  readonly reads: 'at once' | 'later'
  /** Messages that a session's queue takes. */
  readonly roomMax: number
  /** Ticks of the caller's clock, and of the server's. */
  readonly ticks: readonly [caller: number, server: number]
  /** Sessions that may be lost, and whether the connection may end. */
  readonly losses: number
  readonly ends: number
  /** Messages whose bytes may be given away, at both ends together. */
  readonly spoils: number
  /** The server may have no more room from some moment on. */
  readonly quota: number
}

const UNARY: CallSort = { streams: false, timed: false, priority: PRIORITY.DEFAULT }
const TIMED: CallSort = { ...UNARY, timed: true }
const STREAM: CallSort = { ...UNARY, streams: true }
const URGENT: CallSort = { ...UNARY, priority: PRIORITY.HIGH }

const CALM = {
  calls: [UNARY],
  caller: [],
  handler: ['reply', 'throw'],
  puts: 'at once',
  words: 'at once',
  acks: 'at once',
  reads: 'at once',
  roomMax: Infinity,
  ticks: [0, 0],
  losses: 0,
  ends: 0,
  spoils: 0,
  quota: 0,
} as const

function plan(name: string, bounds: Partial<CallPlan>): CallPlan {
  return { name: `calls: ${name}`, ...CALM, ...bounds }
}

/** In `npm test`: each comes to its end there. */
export const SMALL_CALL_PLANS: readonly CallPlan[] = [
  plan('one, cancelled or given up, and the session is lost', {
    caller: ['cancel', 'give-up', 'discard'],
    handler: ['reply', 'throw', 'pass', 'remove'],
    puts: 'any time',
    losses: 1,
  }),
  plan('one with a deadline, which both clocks know', {
    calls: [TIMED],
    caller: ['cancel'],
    ...{ puts: 'any time', ticks: [2, 1] },
  }),
  plan('a server that may be full, and the connection ends', { caller: ['give-up'], ...{ quota: 1, ends: 1 } }),
  plan('parts of the caller that its handler throws away', {
    calls: [STREAM],
    caller: ['part', 'part', 'end'],
    handler: ['reply', 'hush'],
  }),
  plan('parts of the caller, which it gives up', {
    calls: [STREAM],
    caller: ['part', 'end', 'reset', 'cancel'],
    handler: ['reply'],
  }),
  plan('parts of the caller, which it discards', {
    calls: [STREAM],
    caller: ['part', 'part', 'end', 'discard'],
    handler: ['reply'],
  }),
  plan('parts of the handler that its caller discards', {
    caller: ['discard'],
    handler: ['reply', 'part', 'part'],
  }),
  plan('parts of the handler, which it gives up, or which its caller stops', {
    caller: ['stop'],
    handler: ['reply', 'throw', 'part', 'reset'],
  }),
]

/** For `npm run model`. */
export const LARGE_CALL_PLANS: readonly CallPlan[] = [
  plan('one with a deadline, which both clocks know, and a server that may be full', {
    calls: [TIMED],
    caller: ['cancel', 'give-up'],
    ...{ puts: 'any time', ticks: [2, 1], quota: 1 },
  }),
  plan('one, every end, words and acks at any time, and two sessions are lost', {
    caller: ['cancel', 'give-up', 'discard', 'stop'],
    handler: ['reply', 'throw', 'pass', 'remove', 'part'],
    ...{ puts: 'any time', words: 'any time', acks: 'any time' },
    losses: 2,
  }),
  plan('two with deadlines, which both clocks know, and a server that may be full', {
    calls: [TIMED, TIMED],
    caller: ['cancel', 'give-up'],
    ...{ puts: 'any time', ticks: [2, 1], quota: 1 },
  }),
  plan('parts both ways, both stops, both resets', {
    calls: [STREAM],
    caller: ['part', 'part', 'end', 'reset', 'stop'],
    handler: ['reply', 'throw', 'part', 'part', 'reset', 'stop'],
  }),
  plan('parts both ways, read late, cancelled, discarded', {
    calls: [STREAM],
    caller: ['part', 'part', 'read', 'read', 'end', 'cancel', 'discard'],
    handler: ['reply', 'part', 'part', 'read', 'read', 'hush'],
    reads: 'later',
  }),
  plan('parts of the caller behind a queue of one, words and acks at any time', {
    calls: [STREAM],
    caller: ['part', 'end', 'reset', 'cancel', 'discard'],
    handler: ['reply', 'throw', 'stop'],
    ...{ puts: 'any time', words: 'any time', acks: 'any time', roomMax: 1 },
  }),
  plan('parts both ways whose bytes are given away', {
    calls: [STREAM],
    caller: ['part', 'end', 'cancel', 'discard'],
    handler: ['reply', 'throw', 'part'],
    ...{ puts: 'any time', spoils: 2 },
  }),
  plan('a stream with a deadline, and the session is lost', {
    calls: [{ ...STREAM, timed: true }],
    caller: ['part', 'end', 'cancel', 'discard'],
    handler: ['reply', 'throw', 'part'],
    ...{ puts: 'any time', ticks: [2, 1], losses: 1 },
  }),
  plan('two, one of them urgent, every end, and the session is lost', {
    calls: [UNARY, URGENT],
    caller: ['cancel', 'give-up', 'discard'],
    ...{ puts: 'any time', losses: 1 },
  }),
  plan('two streams, one urgent, and the connection ends', {
    calls: [STREAM, { ...STREAM, priority: PRIORITY.HIGH }],
    caller: ['part', 'end', 'cancel'],
    handler: ['reply', 'throw', 'part'],
    ends: 1,
  }),
]
