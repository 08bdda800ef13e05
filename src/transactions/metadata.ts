/**
 * Metadata of a call: a small map of strings that travels with its request, such as a W3C trace context.
 *
 * Keys and values are what an HTTP header and gRPC carry, too, so that a bridge to those copies them as they are. They travel in
 * the note of an OPEN: a format (1), then for each entry the lengths of key (1) and value (2, little-endian) and both. What a
 * handler's own calls pass on by themselves is named here. A note that does not read as this, of a hostile peer or of a later
 * format, is an empty map: metadata tells about a call, and decides nothing of it. Costs nothing where there is none.
 */
import { InkwireError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import type { Metadata } from '../messenger/calls.ts'
import { CALLS } from './machine/limits.ts'

export const NO_METADATA: Metadata = Object.freeze(Object.create(null) as Metadata)

const FORMAT = 1
const LENGTHS_BYTES = 3
const KEY = /^[a-z0-9_.-]+$/
/** Nothing that would end a line of a header or of a log. */
const PRINTABLE = /^[ -~]*$/
/** What goes on to the calls that a handler makes: `tracestate` only with the `traceparent` that it came with. */
const PROPAGATED = ['traceparent', 'tracestate', 'baggage'] as const

const encoder = new TextEncoder()
/** A character for each byte: of UTF-8 it would drop a byte order mark. */
const decoder = new TextDecoder('latin1')

/**
 * The note of a call: what its caller gives, and what it inherits besides, as far as there is room. Null: nothing.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for what `given` cannot be.
 */
export function noteOf(what: string, given: unknown, inherited: Metadata): Uint8Array | null {
  if (given === undefined && inherited === NO_METADATA) return null
  const entries = given === undefined ? new Map<string, string>() : checked(what, given)
  inherit(entries, inherited)
  return entries.size === 0 ? null : encode(entries)
}

/** What a note says. It is frozen, and inherits no names from `Object`. */
export function metadataOf(note: Uint8Array): Metadata {
  if (note[0] !== FORMAT) return NO_METADATA
  const entries: Record<string, string> = Object.create(null) as Record<string, string>
  let count = 0
  for (let at = 1; at < note.length;) {
    const keyAt = at + LENGTHS_BYTES
    const valueAt = keyAt + note[at]!
    const end = valueAt + (note[at + 1]! | (note[at + 2]! << 8))
    // What is cut short within the lengths has an `end` that is no number.
    if (!(end <= note.length)) return NO_METADATA
    const key = decoder.decode(note.subarray(keyAt, valueAt))
    const value = decoder.decode(note.subarray(valueAt, end))
    if (!isKey(key) || !isValue(value) || key in entries || ++count > CALLS.metadataEntriesMax) return NO_METADATA
    entries[key] = value
    at = end
  }
  return count === 0 ? NO_METADATA : Object.freeze(entries)
}

/** What a call that is handed on does not get by inheritance. Undefined: nothing. */
export function notInherited(metadata: Metadata): Metadata | undefined {
  if (metadata === NO_METADATA) return undefined
  const passed: readonly string[] = PROPAGATED
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !passed.includes(key)))
}

function inherit(entries: Map<string, string>, inherited: Metadata): void {
  for (const key of PROPAGATED) {
    const value = inherited[key]
    if (value === undefined || entries.has(key) || entries.size === CALLS.metadataEntriesMax) continue
    if (key === 'tracestate' && !continues(entries, inherited)) continue
    // A peer's long baggage must not fail a call for which its maker has done nothing wrong.
    if (bytesOf(entries) + entryBytes(key, value) <= CALLS.noteBytesMax) entries.set(key, value)
  }
}

/** The call is in the trace that it inherits from. */
function continues(entries: ReadonlyMap<string, string>, inherited: Metadata): boolean {
  const parent = inherited['traceparent']
  return parent !== undefined && entries.get('traceparent') === parent
}

function checked(what: string, given: unknown): Map<string, string> {
  // A Map or Headers would be an object without a single key.
  if (typeof given !== 'object' || given === null || Symbol.iterator in given) {
    throw bad(what, `is an object of strings such as { traceparent }, not ${describe(given)}`)
  }
  const entries = new Map<string, string>()
  for (const [key, value] of Object.entries(given) as [string, unknown][]) {
    if (value === undefined) continue
    if (!isKey(key)) {
      const keys = `keys are 1 to ${CALLS.metadataKeyBytesMax} of a-z, 0-9, "_", "." and "-"`
      throw bad(what, `has a key ${describe(key)}: ${keys}`)
    }
    if (typeof value !== 'string') throw bad(what, `has strings as values; ${key} is ${describe(value)}`)
    if (!isValue(value)) {
      const values = `at most ${CALLS.metadataValueBytesMax} printable characters of ASCII`
      throw bad(what, `has values of ${values}; ${key} is not: encode it, as encodeURIComponent() does, or cut it`)
    }
    entries.set(key, value)
  }
  if (entries.size > CALLS.metadataEntriesMax) {
    throw bad(what, `has at most ${CALLS.metadataEntriesMax} entries, not ${entries.size}`)
  }
  const bytes = bytesOf(entries)
  if (bytes <= CALLS.noteBytesMax) return entries
  const counted = `counted with ${LENGTHS_BYTES} for each entry and 1 for all`
  throw bad(what, `is at most ${CALLS.noteBytesMax} bytes, ${counted}, not ${bytes}: send more in the body, or as data`)
}

function isKey(key: string): boolean {
  return key.length <= CALLS.metadataKeyBytesMax && KEY.test(key)
}

function isValue(value: string): boolean {
  return value.length <= CALLS.metadataValueBytesMax && PRINTABLE.test(value)
}

/** Of a checked entry, where a character is a byte. */
function entryBytes(key: string, value: string): number {
  return LENGTHS_BYTES + key.length + value.length
}

function bytesOf(entries: ReadonlyMap<string, string>): number {
  let bytes = 1
  for (const [key, value] of entries) bytes += entryBytes(key, value)
  return bytes
}

function encode(entries: ReadonlyMap<string, string>): Uint8Array {
  const note = new Uint8Array(bytesOf(entries))
  note[0] = FORMAT
  let at = 1
  for (const [key, value] of entries) {
    note[at] = key.length
    note[at + 1] = value.length
    note[at + 2] = value.length >>> 8
    encoder.encodeInto(key + value, note.subarray(at + LENGTHS_BYTES))
    at += entryBytes(key, value)
  }
  return note
}

function bad(what: string, text: string): InkwireError {
  return new InkwireError('INK_BAD_ARGUMENT', `${what}: metadata ${text}`)
}
