/** How much of what a peer lets us have under way is in use, and what waits for the rest. */
import type { ConnectionDump } from '../index.ts'

export interface Credit {
  /** What it lets us have under way at once. */
  readonly window: number
  /** What is on the link and is not acked, as far as credit is held for it. */
  readonly used: number
  /** What the peer has and has not finished. */
  readonly held: number
  readonly waiting: number
  readonly isUsedUp: boolean
}

/** Messages alone: bytes are used up when the next message would not fit, which shows as an empty window, too. */
export function creditOf({ lanes, creditFree, peerWindow, link }: ConnectionDump): Credit {
  const messages = lanes.slice(0, 3)
  const unacked = messages.reduce((sum, lane) => sum + lane.received - lane.processed, 0)
  const under = messages.reduce((sum, lane) => sum + lane.sent, 0)
  const waiting = messages.reduce((sum, lane) => sum + lane.queued - lane.sent, 0)
  const isUsedUp =
    link !== null && !link.blocked && waiting > 0 && (creditFree.messages === 0 || creditFree.bytes === 0)
  // Processes of earlier versions do not say how large it is.
  const window = peerWindow?.messages ?? under + creditFree.messages
  // What it has finished out of order is not acked, and gives its credit back all the same.
  const most = window - creditFree.messages
  return { window, used: Math.min(under, most), held: Math.min(unacked, most), waiting, isUsedUp }
}
