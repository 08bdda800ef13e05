/** One member in a world of group machines, and the small limits and short times that bring troubles close together. */
import type { GroupLimits, GroupTimes } from '../../groups/machine/limits.ts'
import { GroupMachine } from '../../groups/machine/machine.ts'

export const SMALL_LIMITS: GroupLimits = {
  pieceBytes: 8,
  windowBytes: 1500,
  windowEntries: 12,
  senderBytes: 600,
  senderEntries: 5,
  assemblyBytesMax: 60,
}

export const SHORT_TIMES: GroupTimes = {
  flushTimeoutMs: 700,
  aloneAfterMs: 220,
  leaveTimeoutMs: 1500,
  slowMs: 1200,
}

/** One member in the world. */
export class WorldMember {
  readonly id: string
  machine: GroupMachine
  isAlive = true
  isFrozen = false
  isReading = true
  unread = 0
  published = 0
  views = 0
  moves = 0

  constructor(id: string, limits: GroupLimits, times: GroupTimes, nowMs: number) {
    this.id = id
    this.machine = new GroupMachine({ self: id, limits, times, nowMs })
  }
}
