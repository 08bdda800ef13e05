/**
 * The payload of ACK, written where it goes and read where it lies.
 *
 * It is the one control frame that comes again and again: with many connections each burst has one of its own. So no objects are
 * made for its numbers. The bytes are those that protobufjs makes of control.proto, which a test holds. What has another form
 * (fields left out or in another order, ones of a later version, marks that cannot be) is none of this file's, and left to it.
 */
import { invariant } from '../../common/errors.ts'
import type { Budget } from '../../policies/policy.ts'
import { CONTROL_LANE, LANES } from '../message.ts'
import type { Marks } from '../terms.ts'
import { readUint32, writeUint32 } from './bytes.ts'

const WORD = 2 ** 32

/** First bytes of fields: of an Ack, of what has two Sequences (Marks and Budget), and of a Sequence. */
const FIELD = { MARKS: 0x0a, CREDIT: 0x12, CONTROL: 0x1a, FIRST: 0x0a, SECOND: 0x12, LOW: 0x0d, HIGH: 0x15 } as const
/** What a field of other fields begins with, and what a half of a number takes. */
const HEAD_BYTES = 2
const HALF_BYTES = 5

export interface Ack {
  readonly marks: readonly Marks[]
  readonly credit: Budget
}

/** How much `writeAck` writes. */
export function ackBytes(lanes: readonly Marks[], credit: Budget): number {
  let bytes = HEAD_BYTES + pairBytes(credit.messages, credit.bytes)
  for (let lane = 0; lane < lanes.length; lane++) bytes += HEAD_BYTES + marksBytes(lanes[lane]!)
  return bytes
}

/** Writes an ack at `at`. The marks of control words stand behind the credit. */
export function writeAck(
  bytes: Uint8Array,
  at: number,
  lanes: readonly Marks[],
  { messages, bytes: most }: Budget,
): void {
  for (let lane = 0; lane < Math.min(lanes.length, LANES); lane++) at = writeMarks(bytes, at, FIELD.MARKS, lanes[lane]!)
  at = writePair(bytes, at, FIELD.CREDIT, messages, most)
  const words = lanes[CONTROL_LANE]
  if (words !== undefined) writeMarks(bytes, at, FIELD.CONTROL, words)
}

function marksBytes({ received, processed }: Marks): number {
  return pairBytes(received, processed)
}

function writeMarks(bytes: Uint8Array, at: number, field: number, { received, processed }: Marks): number {
  return writePair(bytes, at, field, received, processed)
}

/** Two numbers, each in a field of its own; what has no bound is left out. */
function pairBytes(first: number, second: number): number {
  return fieldBytes(first) + fieldBytes(second)
}

function fieldBytes(value: number): number {
  if (value === Infinity) return 0
  return HEAD_BYTES + sequenceBytes(value)
}

/** A half that is 0 is left out. */
function sequenceBytes(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) invariant(false, `${value} cannot be put on the wire`)
  return (value % WORD === 0 ? 0 : HALF_BYTES) + (value < WORD ? 0 : HALF_BYTES)
}

function writePair(bytes: Uint8Array, at: number, field: number, first: number, second: number): number {
  bytes[at] = field
  bytes[at + 1] = pairBytes(first, second)
  at += HEAD_BYTES
  if (first !== Infinity) at = writeSequence(bytes, at, FIELD.FIRST, first)
  if (second !== Infinity) at = writeSequence(bytes, at, FIELD.SECOND, second)
  return at
}

function writeSequence(bytes: Uint8Array, at: number, field: number, value: number): number {
  bytes[at] = field
  bytes[at + 1] = sequenceBytes(value)
  at += HEAD_BYTES
  if (value % WORD !== 0) {
    bytes[at] = FIELD.LOW
    writeUint32(bytes, at + 1, value >>> 0)
    at += HALF_BYTES
  }
  if (value >= WORD) {
    bytes[at] = FIELD.HIGH
    writeUint32(bytes, at + 1, Math.floor(value / WORD))
    at += HALF_BYTES
  }
  return at
}

/** Reads an ack of the form that is written here; null: it has another one. */
export function readAck(payload: Uint8Array): Ack | null {
  const marks: Marks[] = []
  let at = 0
  while (payload[at] === FIELD.MARKS && marks.length < LANES) {
    const lane = readMarks(payload, at)
    if (lane === null) return null
    marks.push(lane)
    at = endOf(payload, at)
  }
  if (payload[at] !== FIELD.CREDIT) return null
  const credit = readBudget(payload, at)
  at = endOf(payload, at)
  if (credit === null || at === payload.length) return credit && { marks, credit }
  if (payload[at] !== FIELD.CONTROL || marks.length < CONTROL_LANE) return null
  const words = readMarks(payload, at)
  if (words === null || endOf(payload, at) !== payload.length) return null
  marks.push(words)
  return { marks, credit }
}

/** Where the field at `at` ends. A longer one has a longer head: it is none of ours. */
function endOf(bytes: Uint8Array, at: number): number {
  return at + HEAD_BYTES + (bytes[at + 1] ?? Infinity)
}

function readMarks(bytes: Uint8Array, at: number): Marks | null {
  const end = endOf(bytes, at)
  const second = endOf(bytes, at + HEAD_BYTES)
  const received = readSequence(bytes, at + HEAD_BYTES, FIELD.FIRST)
  const processed = readSequence(bytes, second, FIELD.SECOND)
  if (received < 0 || processed < 0 || processed > received) return null
  return endOf(bytes, second) === end && end <= bytes.length ? { received, processed } : null
}

/** Each of its two may be left out. */
function readBudget(bytes: Uint8Array, at: number): Budget | null {
  const end = endOf(bytes, at)
  if (end > bytes.length) return null
  let next = at + HEAD_BYTES
  const messages = next < end && bytes[next] === FIELD.FIRST ? readSequence(bytes, next, FIELD.FIRST) : Infinity
  if (messages !== Infinity) next = endOf(bytes, next)
  const most = next < end ? readSequence(bytes, next, FIELD.SECOND) : Infinity
  if (most !== Infinity) next = endOf(bytes, next)
  return messages < 0 || most < 0 || next !== end ? null : { messages, bytes: most }
}

/** -1: it has another form, or is above 2^53 - 1. */
function readSequence(bytes: Uint8Array, at: number, field: number): number {
  if (bytes[at] !== field) return -1
  const end = endOf(bytes, at)
  let next = at + HEAD_BYTES
  let value = 0
  if (next < end && bytes[next] === FIELD.LOW) {
    value = readUint32(bytes, next + 1)
    next += HALF_BYTES
  }
  if (next < end && bytes[next] === FIELD.HIGH) {
    value += readUint32(bytes, next + 1) * WORD
    next += HALF_BYTES
  }
  return next === end && end <= bytes.length && value <= Number.MAX_SAFE_INTEGER ? value : -1
}
