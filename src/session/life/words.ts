/**
 * What the two halves of an endpoint say to each other, and the key of the time in which both are connected.
 *
 * READY: this end's application has finished with what was before; the number of this attempt, and the pair of attempts
 * under which this end was connected last. LEAVE: this end is not connected any more, though the session lives on.
 */
import { InkwireError } from '../../common/errors.ts'
import { FieldReader, FieldWriter } from '../../common/fields.ts'

const READY = 1
const LEAVE = 2

/** The attempts of both ends under which they were connected; each end counts its own, from 1. 0: nobody minds there. */
export interface Attempts {
  readonly mine: number
  readonly yours: number
}

const NONE: Attempts = { mine: 0, yours: 0 }

export type EndpointWord =
  { readonly kind: 'ready'; readonly attempt: number; readonly last: Attempts | null } | { readonly kind: 'leave' }

export function encodeWord(word: EndpointWord): Uint8Array {
  if (word.kind === 'leave') return Uint8Array.of(LEAVE)
  const { mine, yours } = word.last ?? NONE
  const out = new FieldWriter().uint8(READY).uint32(word.attempt)
  return out
    .uint8(word.last === null ? 0 : 1)
    .uint32(mine)
    .uint32(yours)
    .take()
}

/** Throws `INK_INCOMPATIBLE` for what is no word. `mine` of the result is the speaker's. */
export function decodeWord(bytes: Uint8Array): EndpointWord {
  const from = new FieldReader(bytes)
  const kind = from.uint8()
  if (kind === LEAVE && from.isAtEnd) return { kind: 'leave' }
  const [attempt, hasLast] = [from.uint32(), from.uint8()]
  const last = { mine: from.uint32(), yours: from.uint32() }
  if (kind !== READY || hasLast > 1 || !from.isAtEnd) {
    throw new InkwireError('INK_INCOMPATIBLE', `the peer says ${bytes.length} bytes of an endpoint that are no word`)
  }
  return { kind: 'ready', attempt, last: hasLast === 0 ? null : last }
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
