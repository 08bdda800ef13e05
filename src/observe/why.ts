/**
 * Why a peer is slow, in one sentence: what a dump and its pulse mean, as somebody would say it who knows the protocol.
 *
 * Pure. Looked at in the order in which one thing explains the next: without a link nothing else matters, a loop that stands still
 * explains everything that looks slow, and a handler that is behind explains why there is no credit. Every figure in a sentence is in
 * the dump; ages are lower bounds, and said so.
 */
import type { ConnectionDump } from '../index.ts'
import { creditOf, type Credit } from './credit.ts'
import type { Ages } from './pulse.ts'
import type { Durations } from './takes.ts'
import { bytes, counted, time } from './words.ts'

/** Stable: switch on it. The sentence is for people. */
export type Cause =
  | 'fine'
  | 'idle'
  | 'closed'
  | 'unreachable'
  | 'standby'
  | 'connecting'
  | 'loop-lag'
  | 'silent'
  | 'wait-cycle'
  | 'here-slow'
  | 'peer-slow'
  | 'link-full'
  | 'backlog'
  | 'flapping'
  | 'far'

/** Why a peer is slow, or that it is not. */
export interface Why {
  /** In one word, for machines. */
  readonly cause: Cause
  /** 0: nothing is wrong; 1: worth a look; 2: slow; 3: nothing moves. */
  readonly severity: 0 | 1 | 2 | 3
  /** In one sentence, for people. */
  readonly sentence: string
}

/** What else is known, beside the dump. */
export interface Surroundings {
  /** How the peer is called in sentences. */
  readonly name: string
  readonly ages: Ages
  readonly takes: Durations
  /** How long it is in its state, in ms. */
  readonly inStateMs: number
  /** How long no link has carried it: since the last one was lost, or since it was first seen; 0 while one does. In ms. */
  readonly unlinkedMs: number
  /** Links that were lost in the last minute. */
  readonly faultsLately: number
  /** How late timers of this process were in the last interval, in ms. */
  readonly loopLagMs: number
  /** How long a question of ours is not answered, in ms; 0: none is open. */
  readonly unansweredMs: number
  /** Names of our calls that wait for what stands behind messages which handlers hold here; empty: none does. */
  readonly cycle: readonly string[]
}

/** Below this an age is no news: acks travel, and handlers work. */
const BEHIND_MS = 1000
const LAG_MS = 200
/** Who takes so long for one message or call is slow, also while nothing waits: disks take a tenth of it, networks less. */
const SLOW_MS = 100
const HALTED_MS = 1000
const SILENT_MS = 2000
const FLAPS = 3
const FAR_MS = 250

export function why(dump: ConnectionDump, around: Surroundings): Why {
  return (
    unlinked(dump, around) ??
    halted(dump, around) ??
    cyclic(dump, around) ??
    slow(dump, around) ??
    lagging(around, LAG_MS) ??
    sluggish(dump, around) ??
    unsteady(dump, around)
  )
}

/** A link carries a session in these states, and in no other. */
export function isLinked(state: string): boolean {
  return state === 'open' || state === 'draining'
}

/** No link carries the session. */
function unlinked(dump: ConnectionDump, { name, inStateMs, unlinkedMs }: Surroundings): Why | null {
  const { state, lastFault, failures, queuedMessages, queuedBytes } = dump
  if (isLinked(state)) return null
  const fault = lastFault === null ? '' : `; last fault: ${withoutStop(lastFault)}`
  const waits =
    queuedMessages === 0
      ? ''
      : `; ${counted(queuedMessages, 'message')} (${bytes(queuedBytes)}) ${queuedMessages === 1 ? 'waits' : 'wait'} for it`
  if (state === 'closed') return say('closed', 1, `${name} is closed${fault}`)
  if (state === 'idle') return say('idle', 0, `${name} is not dialled: there is nothing to send${fault}`)
  if (failures > 0) {
    const tries = `${counted(failures, 'dial')} in a row failed`
    const since = `it has had no link for ${time(unlinkedMs)}`
    return say('unreachable', 3, `${name} cannot be reached: ${since}, ${tries}${fault}${waits}`)
  }
  if (state === 'standby') {
    const text = `${name} has no link for ${time(inStateMs)} and its session is kept${fault}${waits}`
    return say('standby', queuedMessages > 0 ? 3 : 1, text)
  }
  // Nobody waits for long yet.
  return say('connecting', inStateMs < BEHIND_MS ? 1 : 2, `${name} is ${state} for ${time(inStateMs)}${fault}${waits}`)
}

/** A reason is a sentence of its own; here it is a part of one. */
function withoutStop(reason: string): string {
  return reason.replace(/\.$/, '')
}

/** What explains all else. */
function halted({ link }: ConnectionDump, around: Surroundings): Why | null {
  const { name, unansweredMs } = around
  const lag = lagging(around, HALTED_MS)
  if (lag !== null) return lag
  if (link !== null && !link.paused && unansweredMs >= SILENT_MS && link.silentMs >= SILENT_MS) {
    return say('silent', 2, `nothing came from ${name} for ${time(link.silentMs)}: it is dead, stopped or cut off`)
  }
  return null
}

/** Our own loop: above a second it makes everybody look slow; less than that explains only what nothing else does. */
function lagging({ loopLagMs }: Surroundings, fromMs: number): Why | null {
  if (loopLagMs < fromMs) return null
  const text = `this process itself is slow: its event loop stood still for ${time(loopLagMs)} in the last interval`
  return say('loop-lag', 2, text)
}

/** Nobody moves before another one does: said before what it looks like, handlers that are slow. */
function cyclic({ heldMessages, window }: ConnectionDump, { name, cycle }: Surroundings): Why | null {
  if (cycle.length === 0 || heldMessages === 0) return null
  const calls = `${cycle.length === 1 ? 'the call' : 'calls'} ${cycle.join(', ')} to ${name}`
  const held = `handlers hold ${heldMessages} of the ${window.messages} messages that it may have under way`
  return say('wait-cycle', 3, `${calls} cannot be answered: here ${held}, and may wait for these very calls`)
}

/** Somebody is behind: we, its handlers, or the network. */
function slow(dump: ConnectionDump, around: Surroundings): Why | null {
  const { name, ages } = around
  const { link, heldMessages, heldBytes, window, waitingMessages, runningHandlers } = dump
  if (link?.paused === true || ages.hereMs >= BEHIND_MS) {
    const held = `${heldMessages} of ${window.messages} messages (${bytes(heldBytes)} of ${bytes(window.bytes)})`
    const work = `${waitingMessages} wait, ${counted(runningHandlers, 'handler')} ${runningHandlers === 1 ? 'runs' : 'run'}`
    const behind = ages.hereMs > 0 ? ` at least ${time(ages.hereMs)} behind` : ''
    const read = link?.paused === true ? ', and its link is not read' : ''
    return say(
      'here-slow',
      2,
      `our handlers of ${name} are${behind === '' ? ' full' : behind}: they hold ${held}${read}; ${work}`,
    )
  }
  const credit = creditOf(dump)
  if (ages.peerMs >= BEHIND_MS || (credit.isUsedUp && credit.held > 0)) return peerSlow(credit, around)
  if (link?.blocked === true && ages.queuedMs > 0) {
    const queued = `${counted(dump.queuedMessages, 'message')} (${bytes(dump.queuedBytes)}) wait`
    return say(
      'link-full',
      2,
      `the link to ${name} takes no more: ${queued}, the oldest for at least ${time(ages.queuedMs)}`,
    )
  }
  if (ages.queuedMs >= BEHIND_MS) {
    const text = `${counted(dump.queuedMessages, 'message')} for ${name} (${bytes(dump.queuedBytes)}) wait, the oldest for at least`
    return say('backlog', 2, `${text} ${time(ages.queuedMs)}: more is sent than the link carries`)
  }
  return null
}

function peerSlow(credit: Credit, { name, ages }: Surroundings): Why {
  const behind = ages.peerMs > 0 ? `at least ${time(ages.peerMs)} behind` : 'full'
  const held = credit.isUsedUp
    ? `${credit.held} of ${credit.window} credits are held by ${name}`
    : `${name} holds ${counted(credit.held, 'message')}, ${credit.window - credit.held} of ${credit.window} credits are left`
  const waits =
    credit.waiting === 0
      ? ''
      : `, and ${counted(credit.waiting, 'message')} ${credit.waiting === 1 ? 'waits' : 'wait'} here`
  return say('peer-slow', 2, `${name} is alive, its handlers are ${behind}, ${held}${waits}`)
}

/** Nobody is behind, and everything takes long. */
function sluggish({ link }: ConnectionDump, { name, takes }: Surroundings): Why | null {
  const { peerMs, hereMs, callMs } = takes
  const far = 2 * (link?.rttMs ?? 0)
  const isSlow = (ms: number): boolean => ms >= SLOW_MS && ms >= far
  if (isSlow(peerMs)) return say('peer-slow', 1, `${name} keeps up, and takes about ${time(peerMs)} for a message`)
  if (isSlow(callMs)) return say('peer-slow', 1, `${name} keeps up, and takes about ${time(callMs)} for a call of ours`)
  if (isSlow(hereMs)) {
    return say('here-slow', 1, `our handlers keep up with ${name}, and take about ${time(hereMs)} for a message`)
  }
  return null
}

/** It moves, and may not for long. */
function unsteady(dump: ConnectionDump, { name, faultsLately, inStateMs }: Surroundings): Why {
  const { link, lastFault } = dump
  if (faultsLately >= FLAPS) {
    const text = `the link to ${name} was lost ${faultsLately} times in the last minute; last fault: ${withoutStop(lastFault ?? 'none')}`
    return say('flapping', 1, text)
  }
  const rtt = link?.rttMs ?? null
  if (rtt !== null && rtt >= FAR_MS) return say('far', 1, `${name} is far away: it answers after ${time(rtt)}`)
  const away = rtt === null ? '' : `, answers within ${time(rtt)}`
  return say('fine', 0, `${name} is fine: ${dump.state} for ${time(inStateMs)}${away}; nobody waits for long`)
}

function say(cause: Cause, severity: Why['severity'], sentence: string): Why {
  return { cause, severity, sentence }
}
