/**
 * What callers hand to `send()` and `deliver()`, and the check at the edge: wrong types from JavaScript throw at once.
 *
 * A message's bytes belong to the messenger from `send()` until it is acked: do not change them before.
 */
import { isBytes, localBytes } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import { describe, isPlain, onlyKnown } from '../common/options.ts'
import { PRIORITY } from '../wire/message.ts'
import type { OutboundMessage, Settle } from '../wire/message.ts'
import { lasting } from './chunk.ts'

/** A message to be sent. Only `type` is needed. */
export interface MessageInit {
  /** What the application agreed on: 0 to 65535. */
  readonly type: number
  /** Body of the message; typed messages put their encoding here. Default: none. */
  readonly front?: Uint8Array | string | null | undefined
  /** A second segment, rarely used. Default: none. */
  readonly middle?: Uint8Array | null | undefined
  /** Bulk data. Default: none. */
  readonly data?: Uint8Array | string | null | undefined
  /** 0 to 255; default 127. From 196 on it overtakes, below 64 it is overtaken; within a lane order is kept. */
  readonly priority?: number | undefined
  /** The application's correlation number, 0 to 2^53 - 1; default 0. */
  readonly tid?: number | undefined
  /** Version of the type's encoding, 0 to 65535; default 0. */
  readonly version?: number | undefined
  /**
   * How long it is wanted, in ms from now: above 0 to 86,400,000 (a day). Default: for as long as the connection lives. What is
   * on no link by then is taken back and never sent, with `INK_EXPIRED`; a `deliver()` ends by then in any case. The peer is told
   * what is left when it goes on a link: what waits longer there is given to no handler, and fails with `INK_EXPIRED`. A peer
   * that does not know of this, as one over Ceph's protocol, handles whatever comes.
   */
  readonly expiresMs?: number | undefined
}

/** The longest time that a message may be given: what lives longer needs no clock. */
const EXPIRES_MS_MAX = 24 * 3_600_000

const encoder = new TextEncoder()
const NO_BYTES = new Uint8Array(0)

/** The checked form that goes into a lane. `extension`: what a layer over sessions says with it. */
export function outboundMessage(
  init: MessageInit,
  settle: Settle | null,
  extension: Uint8Array | null = null,
): OutboundMessage {
  if (typeof init !== 'object' || (init as unknown) === null) {
    throw new InkwireError(
      'INK_BAD_ARGUMENT',
      `a message is an object such as { type: 17, data }, not ${describe(init)}`,
    )
  }
  const { type, priority = PRIORITY.DEFAULT, tid = 0, version = 0, expiresMs } = init
  // Behind the first look at its fields: V8 then knows its shape, and has to ask nobody for its prototype.
  if (Object.getPrototypeOf(init) === Object.prototype || isPlain(init)) checkNames(init)
  whole('type', type, 0xffff)
  whole('priority', priority, 255)
  whole('tid', tid, Number.MAX_SAFE_INTEGER)
  whole('version', version, 0xffff)
  if (expiresMs !== undefined) checkExpiry(expiresMs)
  const front = segment('front', init.front)
  const middle = segment('middle', init.middle)
  const data = segment('data', init.data)
  const frontBytes = front?.byteLength ?? 0
  const middleBytes = middle?.byteLength ?? 0
  const bytes = frontBytes + middleBytes + (data?.byteLength ?? 0) + (extension?.length ?? 0)
  return { type, version, priority, tid, front, middle, data, extension, bytes, frontBytes, middleBytes, settle }
}

const NAMES = ['type', 'front', 'middle', 'data', 'priority', 'tid', 'version', 'expiresMs'] as const

/**
 * What is misspelled would be sent without. Only of plain objects: an object of a class, such as a received message, may
 * have more. Spelled out, because every message passes here.
 */
function checkNames(init: MessageInit): void {
  for (const name in init) {
    switch (name) {
      case 'type':
      case 'front':
      case 'middle':
      case 'data':
      case 'priority':
      case 'tid':
      case 'version':
      case 'expiresMs':
        continue
      default:
        onlyKnown('a message', init, NAMES)
    }
  }
}

function whole(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return
  throw new InkwireError(
    'INK_BAD_ARGUMENT',
    `message.${name} must be a whole number from 0 to ${max}, not ${describe(value)}`,
  )
}

function checkExpiry(expiresMs: number): void {
  if (typeof expiresMs === 'number' && expiresMs > 0 && expiresMs <= EXPIRES_MS_MAX) return
  throw new InkwireError(
    'INK_BAD_ARGUMENT',
    `message.expiresMs must be above 0 and at most ${EXPIRES_MS_MAX} (a day), not ${describe(expiresMs)}`,
  )
}

function segment(name: string, value: unknown): Uint8Array | null {
  if (value === undefined || value === null) return null
  // What has none may be gone already, and V8 11 may say its old `length`; see isIntact.
  if (isBytes(value)) return value.byteLength === 0 ? NO_BYTES : lasting(localBytes(value))
  if (typeof value === 'string') return encoder.encode(value)
  throw new InkwireError('INK_BAD_ARGUMENT', `message.${name} must be a Uint8Array or a string, not ${describe(value)}`)
}

/** A timeout in ms from a caller; undefined stays so. */
export function checkTimeout(what: string, timeoutMs: unknown): number | undefined {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs >= 0)) return timeoutMs
  throw new InkwireError(
    'INK_BAD_ARGUMENT',
    `${what}: timeoutMs must be a number of milliseconds, not ${describe(timeoutMs)}`,
  )
}
