/** What an end of a model looks like from outside, after each step: what the laws are about, and what may happen next. */
import type { Asked, Served } from '../../../transactions/machine/half.ts'
import type { CallReason, CallVerdict } from '../../../transactions/machine/words.ts'
import type { End } from './end.ts'
import type { ModelAsked, ModelServed, Told } from './halves.ts'

/** One direction, as its sender has it. */
export interface OutflowSeen {
  readonly granted: number
  readonly used: number
  /** Something waits for credit, or for room. */
  readonly waits: boolean
  /** Nothing more is sent. */
  readonly isOver: boolean
}

/** And as its reader has it. */
export interface InflowSeen {
  readonly told: number
  readonly received: number
  readonly unread: number
  readonly owesCredit: boolean
}

interface HalfSeen {
  /** Of the call. */
  readonly key: number
  readonly session: number
  /** What its caller, or its handler, has done. */
  readonly did: readonly string[]
  /** Lengths of parts. */
  readonly sent: readonly number[]
  readonly parts: readonly number[]
  readonly takesParts: boolean
  readonly outflow: OutflowSeen | null
  readonly inflow: InflowSeen | null
}

export interface AskedSeen extends HalfSeen {
  readonly phase: Asked['phase']
  readonly told: readonly Told[]
  readonly verdicts: readonly CallVerdict[]
  readonly isCancelled: boolean
  /** What the server has said about that. */
  readonly verdict: CallVerdict | null
  readonly isOnLink: boolean
  readonly isBroken: boolean
}

export interface ServedSeen extends HalfSeen {
  readonly phase: Served['phase']
  readonly run: ModelServed['run']
  readonly aborts: readonly CallReason[]
  readonly isWhole: boolean
  readonly isBroken: boolean
}

export interface EndSeen {
  readonly asked: readonly AskedSeen[]
  readonly served: readonly ServedSeen[]
  readonly session: number
  /** By lane: something is queued. */
  readonly queued: readonly boolean[]
  readonly hasWords: boolean
  readonly isBusy: boolean
  readonly nowMs: number
  /** What it holds and counts: places of calls, alarms, bytes on their way. */
  readonly places: number
  readonly alarms: number
  readonly paced: number
}

export function seeEnd({ exchange, asked, served, session, queue, watched, admits, nowMs }: End): EndSeen {
  return {
    asked: asked.map((one) => seeAsked(one, exchange.parts.takesParts(one))),
    served: served.map((one) => seeServed(one, exchange.parts.takesParts(one))),
    session,
    queued: queue.lengths.map((length) => length > 0),
    hasWords: !exchange.words.isEmpty,
    isBusy: admits !== null,
    nowMs,
    places: exchange.places.size + exchange.serving.size,
    alarms: watched.size,
    paced: exchange.pump.paced,
  }
}

function seeAsked(asked: ModelAsked, takesParts: boolean): AskedSeen {
  const { phase, told, verdicts, cancel, isOnLink, isBroken } = asked
  const cancelled = { isCancelled: cancel !== null, verdict: cancel?.verdict ?? null }
  const heard = { told: [...told], verdicts: [...verdicts], isBroken }
  return { ...seeHalf(asked, takesParts), ...cancelled, ...heard, phase, isOnLink }
}

function seeServed(served: ModelServed, takesParts: boolean): ServedSeen {
  const { phase, run, aborts, isWhole, brokenWhy } = served
  return { ...seeHalf(served, takesParts), phase, run, aborts: [...aborts], isWhole, isBroken: brokenWhy !== null }
}

function seeHalf(half: ModelAsked | ModelServed, takesParts: boolean): HalfSeen {
  const { key, session, did, sent, parts, out, incoming, stuck } = half
  const outflow = out && {
    granted: out.granted,
    used: out.used,
    waits: out.waitingBytes > 0 || stuck !== null,
    isOver: out.life === 'over',
  }
  const inflow = incoming && {
    told: incoming.told,
    received: incoming.received,
    unread: incoming.unread,
    owesCredit: incoming.owesCredit,
  }
  return { key, session, did: [...did], sent: [...sent], parts: [...parts], takesParts, outflow, inflow }
}
