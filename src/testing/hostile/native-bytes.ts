/** What no wire of ours would write: frames of the native protocol with anything in them. */
import { crc32c } from '../../wire/crc32c.ts'
import { controlFrame } from '../../wire/native/control-frames.ts'
import { CHECKSUM_OFFSET, CONTROL_HEADER_BYTES, TAG } from '../../wire/native/format.ts'
import { words } from '../../wire/late/words.ts'

/** A frame with this tag and payload, and a checksum that is right. */
export function frame(tag: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  return controlFrame(tag, payload)
}

/** The header of a frame that claims so many bytes, none of which follow. */
export function claim(tag: number, bytes: number): Uint8Array {
  const head = controlFrame(tag, new Uint8Array(0))
  const view = new DataView(head.buffer)
  view.setUint32(4, bytes, true)
  view.setUint32(CHECKSUM_OFFSET, crc32c(head, 0, CHECKSUM_OFFSET), true)
  return head.subarray(0, CONTROL_HEADER_BYTES)
}

/** GOODBYE, AUTH_REJECTED: a reason as it is, whatever is in it. */
export function reason(tag: number, text: string): Uint8Array {
  return controlFrame(tag, words().Goodbye.encode({ reason: text }).finish())
}

/** REJECT with a code and a reason as they are. */
export function reject(code: string, text: string): Uint8Array {
  return controlFrame(TAG.REJECT, words().Reject.encode({ code, reason: text }).finish())
}

/** YIELD with any epoch, also one that is above the range. */
export function yieldAt(epoch: number): Uint8Array {
  return controlFrame(TAG.YIELD, words().Yield.encode({ epoch }).finish())
}
