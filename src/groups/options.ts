/** What callers of groups hand over, checked at the edge, with the reason of each default. */
import { isBytes } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import {
  badOption,
  describe,
  numberOption,
  onlyKnown,
  optionObject,
  whole,
  wholeOrInfinity,
} from '../common/options.ts'
import { signalOf } from '../common/signal-option.ts'
import { configOf } from './config.ts'
import { GROUPS, type GroupTimes } from './machine/limits.ts'
import type { Quorum, TieBreak } from './machine/quorum.ts'
import type { GroupState } from './state.ts'
import type { Order, PublishInit, PublishOptions, Urgency } from './terms.ts'
import { readTicket, type Ticket } from './ticket.ts'

/** Options of `join()`. */
export interface GroupOptions {
  /** True: who is no member may publish to it, through a member. The same at all members. Default false. */
  readonly open?: boolean | undefined
  /** Which views may act. The same at all members. Left out: every view is primary. */
  readonly quorum?: QuorumOptions | undefined
  /** How the state of the group is given to who joins. All members have it, or none. Left out: whoever joins begins with nothing. */
  readonly state?: GroupState | undefined
  /** A member that is silent for so long is suspected at the earliest, in ms, 50 to 600,000; default 1000. */
  readonly suspectAfterMs?: number | undefined
  /** A change of view that has not ended by then is begun anew, in ms, 50 to 600,000; default 1000. */
  readonly flushTimeoutMs?: number | undefined
  /** A member that holds up all others for so long is put out, in ms, 100 to 3,600,000 or Infinity: never; default 10,000. */
  readonly slowMs?: number | undefined
}

/** Which views may act, by votes. */
export interface QuorumOptions {
  /** By entity name: 0 to 1000. A view is primary with more than half of all votes. */
  readonly votes: Readonly<Record<string, number>>
  /** After a start no view is primary before one had all names, or somebody who was in such a one. Default false; with `twoNode` true. */
  readonly waitForAll?: boolean | undefined
  /** Which of two halves is primary: that with the lowest name, the highest, or this one. Default: neither. */
  readonly tieBreak?: 'lowest' | 'highest' | { readonly name: string } | undefined
  /**
   * The majority is one of the votes in the last primary view, so that a group may shrink step by step, with `tieBreak` to one. A process
   * that starts again counts only when it was in a primary view, or in one of all names. Not with `twoNode`. Default false.
   */
  readonly lastManStanding?: boolean | undefined
  /**
   * Of two names one is enough. Both sides of a partition are primary then: only where something else fences one of
   * them. Default false.
   */
  readonly twoNode?: boolean | undefined
}

export interface ResolvedGroup {
  readonly isOpen: boolean
  readonly quorum: Quorum | null
  readonly state: GroupState | null
  readonly suspectAfterMs: number
  readonly times: GroupTimes
  /** What all members must agree on, as a text. */
  readonly config: string
}

const ORDERS: readonly Order[] = ['fifo', 'agreed', 'safe']
const URGENCIES: readonly Urgency[] = ['high', 'medium', 'low']
const TYPE_MAX = 65_535
const NO_BYTES = new Uint8Array(0)
const encoder = new TextEncoder()
const VOTES_MAX = 1000
const NAMES = ['open', 'quorum', 'state', 'suspectAfterMs', 'flushTimeoutMs', 'slowMs'] as const

export function resolveGroup(given: unknown): ResolvedGroup {
  const options = optionObject('join()', given, NAMES)
  const isOpen = options['open'] ?? false
  if (typeof isOpen !== 'boolean') throw badOption('join(): open is true or false')
  const quorum = options['quorum'] === undefined ? null : quorumOption(options['quorum'])
  const state = options['state'] === undefined ? null : stateOption(options['state'])
  const suspectAfterMs = numberOption('join(): suspectAfterMs', options['suspectAfterMs'], whole(50, 600_000), 1000)
  const flushTimeoutMs = numberOption('join(): flushTimeoutMs', options['flushTimeoutMs'], whole(50, 600_000), 1000)
  const slowMs = numberOption('join(): slowMs', options['slowMs'], wholeOrInfinity(100, 3_600_000), 10_000)
  // Others are sooner to notice, as they need no patience of their own; a leave may need a change or two.
  const times = { flushTimeoutMs, aloneAfterMs: flushTimeoutMs / 2, leaveTimeoutMs: flushTimeoutMs * 4, slowMs }
  const config = configOf(isOpen, state !== null, quorum)
  return { isOpen, quorum, state, suspectAfterMs, times, config }
}

/** Whether words of a group have room for it. A messenger's own name is shorter; peers may have other ideas. */
export function isName(name: string): boolean {
  return encoder.encode(name).length <= GROUPS.nameBytesMax
}

/** A ticket that this messenger can go on with. */
export function checkResume(
  bytes: unknown,
  options: unknown,
  name: string,
): { readonly resolved: ResolvedGroup; readonly from: Ticket } {
  const from = isBytes(bytes) ? readTicket(bytes) : null
  if (from === null) throw bad('resume(): a ticket of group.move()', bytes)
  const resolved = resolveGroup(options)
  if (!from.stand.self.startsWith(`${name}/`)) {
    throw new InkwireError(
      'INK_BAD_ARGUMENT',
      `resume(): ${from.stand.self} goes on under its own name, not as ${name}`,
    )
  }
  if (from.config !== resolved.config) {
    throw badOption('resume(): open, quorum and state are as they were where the member comes from')
  }
  return { resolved, from }
}

export function checkMove(options: unknown): { readonly holdMs: number; readonly signal: AbortSignal | undefined } {
  const given = optionObject('move()', options, ['holdMs', 'signal'])
  const holdMs = numberOption('move(): holdMs', given['holdMs'], whole(100, 600_000), 10_000)
  return { holdMs, signal: signalOf('move()', given, ['holdMs', 'signal']) }
}

/** What is to be published, checked. */
interface Publishing {
  readonly type: number
  readonly data: Uint8Array
  readonly order: Order
  readonly urgency: Urgency
  readonly view: string | undefined
  readonly primary: boolean
  readonly signal: AbortSignal | undefined
}

export function checkPublish(message: PublishInit, options: PublishOptions): Publishing {
  onlyKnown('publish()', message, ['type', 'data'])
  const signal = signalOf('publish()', options, ['order', 'urgency', 'view', 'primary', 'signal'])
  const { type, data = NO_BYTES } = message
  const { order = 'agreed', urgency = 'medium', view, primary = false } = options
  if (!Number.isInteger(type) || type < 0 || type > TYPE_MAX) throw bad(`publish(): type is 0 to ${TYPE_MAX}`, type)
  if (!isBytes(data)) throw bad('publish(): data is a Uint8Array', data)
  if (!ORDERS.includes(order)) throw bad("publish(): order is 'fifo', 'agreed' or 'safe'", order)
  if (!URGENCIES.includes(urgency)) throw bad("publish(): urgency is 'high', 'medium' or 'low'", urgency)
  if (data.length > GROUPS.messageBytesMax) {
    const text = `publish(): ${data.length} bytes; the limit is ${GROUPS.messageBytesMax}`
    throw new InkwireError('INK_MESSAGE_TOO_LARGE', text)
  }
  return { type, data, order, urgency, view, primary, signal }
}

function bad(text: string, given: unknown): InkwireError {
  return new InkwireError('INK_BAD_ARGUMENT', `${text}, not ${describe(given)}`)
}

function quorumOption(given: unknown): Quorum {
  const options = optionObject('join(): quorum', given, [
    'votes',
    'waitForAll',
    'tieBreak',
    'twoNode',
    'lastManStanding',
  ])
  const votes = Object.entries(optionObject('join(): quorum.votes', options['votes'], 'any')).map(
    ([name, count]) => [name, numberOption(`join(): quorum.votes of ${name}`, count, whole(0, VOTES_MAX), 1)] as const,
  )
  if (votes.every(([, count]) => count === 0)) throw badOption('join(): quorum.votes names no member that has a vote')
  const twoNode = flag('quorum.twoNode', options['twoNode'], false)
  if (twoNode && votes.length !== 2) throw badOption('join(): quorum.twoNode is for two names')
  const lastManStanding = flag('quorum.lastManStanding', options['lastManStanding'], false)
  if (twoNode && lastManStanding) throw badOption('join(): quorum has twoNode or lastManStanding, not both')
  if (lastManStanding && votes.length > GROUPS.votersMax) {
    throw badOption(`join(): quorum.lastManStanding is for ${GROUPS.votersMax} names at most`)
  }
  const waitForAll = flag('quorum.waitForAll', options['waitForAll'], twoNode || lastManStanding)
  const tieBreak = tieBreakOption(options['tieBreak'])
  // In one order, whatever the order of writing: members compare it.
  votes.sort(([one], [other]) => (one < other ? -1 : 1))
  return { votes: new Map(votes), waitForAll, tieBreak, twoNode, lastManStanding }
}

function tieBreakOption(given: unknown): TieBreak {
  if (given === undefined) return 'none'
  if (given === 'lowest' || given === 'highest') return given
  const { name } = (typeof given === 'object' && given !== null ? given : {}) as { readonly name?: unknown }
  if (typeof name !== 'string') throw badOption("join(): quorum.tieBreak is 'lowest', 'highest' or { name }")
  return { name }
}

function flag(what: string, given: unknown, fallback: boolean): boolean {
  if (given === undefined) return fallback
  if (typeof given !== 'boolean') throw badOption(`join(): ${what} is true or false`)
  return given
}

function stateOption(given: unknown): GroupState {
  const { get, set } = (given ?? {}) as Partial<Record<'get' | 'set', unknown>>
  if (typeof get !== 'function' || typeof set !== 'function') throw badOption('join(): state is { get(), set(parts) }')
  return given as GroupState
}
