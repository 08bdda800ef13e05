/**
 * What the two halves of an endpoint say to each other, and the key of the time in which both are connected.
 *
 * READY: this end's application has finished with what was before; the number of this attempt, and the pair of attempts
 * under which this end was connected last. LEAVE: this end is not connected any more, though the session lives on.
 */
import { InkwireError } from '../../common/errors.ts'

const READY = 1
const LEAVE = 2
const READY_BYTES = 14

/** The attempts of both ends under which they were connected; each end counts its own, from 1. 0: nobody minds there. */
export interface Attempts {
  readonly mine: number
  readonly yours: number
}

export type EndpointWord =
  { readonly kind: 'ready'; readonly attempt: number; readonly last: Attempts | null } | { readonly kind: 'leave' }

export function encodeWord(word: EndpointWord): Uint8Array {
  if (word.kind === 'leave') return Uint8Array.of(LEAVE)
  const bytes = new Uint8Array(READY_BYTES)
  const view = new DataView(bytes.buffer)
  bytes[0] = READY
  view.setUint32(1, word.attempt, true)
  if (word.last === null) return bytes
  bytes[5] = 1
  view.setUint32(6, word.last.mine, true)
  view.setUint32(10, word.last.yours, true)
  return bytes
}

/** Throws `INK_INCOMPATIBLE` for what is no word. `mine` of the result is the speaker's. */
export function decodeWord(bytes: Uint8Array): EndpointWord {
  if (bytes.length === 1 && bytes[0] === LEAVE) return { kind: 'leave' }
  if (bytes.length !== READY_BYTES || bytes[0] !== READY || bytes[5]! > 1) {
    throw new InkwireError('INK_INCOMPATIBLE', `the peer says ${bytes.length} bytes of an endpoint that are no word`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const last = bytes[5] === 0 ? null : { mine: view.getUint32(6, true), yours: view.getUint32(10, true) }
  return { kind: 'ready', attempt: view.getUint32(1, true), last }
}

/** The same from the other end. */
export function turned(attempts: Attempts | null): Attempts | null {
  return attempts === null ? null : { mine: attempts.yours, yours: attempts.mine }
}

export function sameAttempts(a: Attempts | null, b: Attempts | null): boolean {
  return a?.mine === b?.mine && a?.yours === b?.yours
}

/** One text for both ends. */
export function keyOf(instance: string, peer: string, { mine, yours }: Attempts): string {
  const [own, other] = [`${instance}:${mine}`, `${peer}:${yours}`]
  return own < other ? `${own}+${other}` : `${other}+${own}`
}
