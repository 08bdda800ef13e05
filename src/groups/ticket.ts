/** What a member takes along into another process, as bytes: its place in the view, and what it is in its group. */
import { FieldReader, FieldWriter } from '../common/fields.ts'
import { KEY_BYTES } from './key.ts'
import { GROUPS } from './machine/limits.ts'
import { readStandstill, writeStandstill, type Standstill } from './machine/standstill.ts'

const VERSION = 1

export interface Ticket {
  readonly key: Uint8Array
  readonly config: string
  /** How long the others keep its place, in ms. */
  readonly holdMs: number
  /** Its next message. */
  readonly next: number
  /** As it brings it into a change of view. */
  readonly account: Uint8Array
  readonly stand: Standstill
}

export function ticketBytes({ key, config, holdMs, next, account, stand }: Ticket): Uint8Array {
  const out = new FieldWriter().uint8(VERSION).raw(key).text(config).uint32(holdMs).uint48(next)
  out.bytes(account)
  writeStandstill(out, stand)
  return out.take()
}

/** Null: it is none. */
export function readTicket(bytes: Uint8Array): Ticket | null {
  const from = new FieldReader(bytes.slice())
  if (from.uint8() !== VERSION) return null
  const [key, config, holdMs, next] = [from.raw(KEY_BYTES), from.text(), from.uint32(), from.uint48()]
  const [account, stand] = [from.bytes(GROUPS.accountBytesMax), readStandstill(from)]
  if (!from.isAtEnd) return null
  return { key, config, holdMs, next, account, stand }
}
