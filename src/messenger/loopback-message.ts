/** A message that a messenger sends to itself, as it arrives: stamped and numbered as any other, with bytes of its own. */
import { InboundMessage, laneOf } from '../wire/message.ts'
import type { OutboundMessage } from '../wire/message.ts'
import type { Stamps } from './stamps.ts'

/** The segments are copied: the sender has its bytes back when `send()` returns. */
export function arriving(out: OutboundMessage, seq: number, stamps: Stamps): InboundMessage {
  const { clock } = stamps
  clock.tick(stamps.wallMs())
  const body = new Uint8Array(out.bytes)
  let at = 0
  for (const part of [out.front, out.middle, out.data]) {
    if (part === null) continue
    body.set(part, at)
    at += part.length
  }
  const { type, version, priority, tid } = out
  const front = out.front?.length ?? 0
  const middle = out.middle?.length ?? 0
  return new InboundMessage(
    type,
    version,
    priority,
    tid,
    seq,
    laneOf(priority),
    clock.ms,
    clock.counter,
    body.buffer,
    0,
    front,
    middle,
    out.bytes - front - middle,
  )
}
