/** How a member joins a group: its options, checked once, with the reason of each default. */
import { badOption, numberOption, optionObject, whole, wholeOrInfinity } from '../common/options.ts'
import type { GroupTimes } from './machine/limits.ts'

export interface GroupOptions {
  /** True: who is no member may publish to it, through a member. The same at all members. Default false. */
  readonly open?: boolean | undefined
  /** A member that is silent for so long is suspected at the earliest, in ms, 50 to 600,000; default 1000. */
  readonly suspectAfterMs?: number | undefined
  /** A change of view that has not ended by then is begun anew, in ms, 50 to 600,000; default 1000. */
  readonly flushTimeoutMs?: number | undefined
  /** A member that holds up all others for so long is put out, in ms, 100 to 3,600,000 or Infinity: never; default 10,000. */
  readonly slowMs?: number | undefined
}

export interface ResolvedGroup {
  readonly isOpen: boolean
  readonly suspectAfterMs: number
  readonly times: GroupTimes
  /** What all members must agree on, as a text. */
  readonly config: string
}

const NAMES = ['open', 'suspectAfterMs', 'flushTimeoutMs', 'slowMs'] as const

export function resolveGroup(given: unknown): ResolvedGroup {
  const options = optionObject('join()', given, NAMES)
  const isOpen = options['open'] ?? false
  if (typeof isOpen !== 'boolean') throw badOption('join(): open is true or false')
  const suspectAfterMs = numberOption('join(): suspectAfterMs', options['suspectAfterMs'], whole(50, 600_000), 1000)
  const flushTimeoutMs = numberOption('join(): flushTimeoutMs', options['flushTimeoutMs'], whole(50, 600_000), 1000)
  const slowMs = numberOption('join(): slowMs', options['slowMs'], wholeOrInfinity(100, 3_600_000), 10_000)
  // Others are sooner to notice, as they need no patience of their own; a leave may need a change or two.
  const times = { flushTimeoutMs, aloneAfterMs: flushTimeoutMs / 2, leaveTimeoutMs: flushTimeoutMs * 4, slowMs }
  return { isOpen, suspectAfterMs, times, config: JSON.stringify({ open: isOpen }) }
}
