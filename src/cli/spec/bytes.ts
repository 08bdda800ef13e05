/**
 * What a dialler says, as bytes, right or wrong in one place: every frame is made here, so that a case names what it breaks and
 * nothing else is wrong with it.
 */
import { randomBytes } from 'node:crypto'
import { fromHex, toHex } from '../../common/bytes.ts'
import { crc32c } from '../../wire/crc32c.ts'
import type { SessionOffer } from '../../wire/wire.ts'
import { encodeBanner } from '../../wire/native/banner.ts'
import { writeUint16, writeUint32, writeUint64 } from '../../wire/native/bytes.ts'
import * as frames from '../../wire/native/control-frames.ts'
import { OFFERED } from '../../wire/native/features.ts'
import { CHECKSUM_OFFSET, CONTROL_HEADER_BYTES, MESSAGES_HEADER_BYTES, TAG } from '../../wire/native/format.ts'

export const NOTHING = new Uint8Array(0)
/** Of three lanes on which nothing came. */
export const NO_MARKS = [0, 1, 2].map(() => ({ received: 0, processed: 0 }))
export const BUDGET = { messages: 1000, bytes: 1 << 20 }

/** Who dials: somebody new for each case, so that no case meets what another one has left. */
export interface Self {
  readonly name: string
  readonly instance: string
  readonly policy: SessionOffer['policy']
}

export function freshId(): string {
  return toHex(randomBytes(16))
}

/** What may be wrong with the header of a frame; its checksum is right all the same, unless `checksum` says otherwise. */
export interface Header {
  readonly flags?: number
  readonly reserved?: number
  readonly checksum?: 'wrong'
  /** The length that it states. */
  readonly length?: number
}

/** Of both kinds of frame: of all that is not the checksum itself. */
export function checksumOf(frame: Uint8Array): number {
  return crc32c(frame, CHECKSUM_OFFSET + 4, frame.length, crc32c(frame, 0, CHECKSUM_OFFSET))
}

function sealed(frame: Uint8Array, sum: number, { checksum }: Header): Uint8Array {
  writeUint32(frame, CHECKSUM_OFFSET, checksum === 'wrong' ? ~sum >>> 0 : sum)
  return frame
}

export function control(tag: number, payload: Uint8Array, header: Header = {}): Uint8Array {
  const frame = new Uint8Array(CONTROL_HEADER_BYTES + payload.length)
  frame[0] = tag
  frame[1] = header.flags ?? 0
  writeUint16(frame, 2, header.reserved ?? 0)
  writeUint32(frame, 4, header.length ?? payload.length)
  frame.set(payload, CONTROL_HEADER_BYTES)
  return sealed(frame, checksumOf(frame), header)
}

/** A MESSAGES frame; `records` is its payload. */
export interface Batch extends Header {
  readonly lane?: number
  readonly count?: number
  readonly first?: number
  readonly received?: number
  readonly processed?: number
  readonly records?: Uint8Array
}

const ACK_NOW = 4

export function messages(batch: Batch = {}): Uint8Array {
  const { lane = 1, count = 1, first = 1, received = 0, processed = 0, records = record() } = batch
  const frame = new Uint8Array(MESSAGES_HEADER_BYTES + records.length)
  frame[0] = TAG.MESSAGES
  frame[1] = batch.flags ?? ACK_NOW
  frame[2] = lane
  frame[3] = batch.reserved ?? 0
  writeUint32(frame, 4, batch.length ?? records.length)
  writeUint16(frame, 12, count)
  writeUint64(frame, 16, first)
  writeUint64(frame, 24, received)
  writeUint64(frame, 32, processed)
  frame.set(records, MESSAGES_HEADER_BYTES)
  const isNone = ((batch.flags ?? 0) & 3) === 1
  return sealed(frame, isNone ? 0 : checksumOf(frame), batch)
}

const DATA = 64
/** The middle of lane 1. */
const PRIORITY = 127
/** What nobody handles: it is received, and fails. */
const TYPE = 65_535

/** A record of one byte of data, or with other flags and words. */
export function record(flags = DATA, words: readonly number[] = [1], body = 1, priority = PRIORITY): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * words.length + body)
  writeUint16(bytes, 0, TYPE)
  bytes[2] = priority
  bytes[3] = flags
  for (const [index, word] of words.entries()) writeUint32(bytes, 4 + 4 * index, word)
  return bytes
}

/** The first chunk of a message of `total` bytes, one of them here. */
export function firstChunk(total: number): Uint8Array {
  return record(DATA | 1, [total, 1], 1)
}

export function banner(change: (banner: Uint8Array) => void = () => undefined): Uint8Array {
  const bytes = encodeBanner(1)
  change(bytes)
  return bytes
}

export function helloPayload({ name, instance }: Self, change: Partial<frames.Hello> = {}): Uint8Array {
  const identity = { name, instance, addresses: [] }
  return frames.encodeHello({ version: 1, identity, frameBytesMax: 524_288, features: OFFERED, ...change })
}

export function hello(self: Self, change: Partial<frames.Hello> = {}): Uint8Array {
  return control(TAG.HELLO, helloPayload(self, change))
}

export function authRequest(method = 'none'): Uint8Array {
  return control(TAG.AUTH_REQUEST, frames.encodeAuthRequest({ method, payload: NOTHING }))
}

export function openPayload({ policy }: Self, change: Partial<SessionOffer> = {}): Uint8Array {
  const offer: SessionOffer = {
    ballot: { epoch: 1, dialler: '00000100' },
    channel: 0,
    policy,
    fresh: freshId(),
    resume: [],
    grant: { window: BUDGET, free: BUDGET },
    ...change,
  }
  return frames.encodeOpen(offer)
}

export function open(self: Self, change: Partial<SessionOffer> = {}): Uint8Array {
  return control(TAG.OPEN, openPayload(self, change))
}

/** What a case says instead of a part of the first flight. */
export interface Instead {
  readonly banner?: Uint8Array
  readonly hello?: Uint8Array
  readonly auth?: Uint8Array
  readonly open?: Uint8Array
}

/** Banner, HELLO, AUTH_REQUEST and OPEN. */
export function firstFlight(self: Self, instead: Instead = {}): Uint8Array {
  const said = { banner: banner(), hello: hello(self), auth: authRequest(), open: open(self), ...instead }
  return joined([said.banner, said.hello, said.auth, said.open])
}

export function confirm(): Uint8Array {
  return control(TAG.CONFIRM, frames.encodeConfirm())
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** An extra protobuf field of bytes, number 99, which no version knows. */
export function withUnknownField(payload: Uint8Array): Uint8Array {
  return joined([payload, fromHex('9a060361626d')])
}

/** A session to resume with so many marks, which no encoder of ours would write. */
export function withResume(payload: Uint8Array, marks: number): Uint8Array {
  const resume = fromHex(`0a10${freshId()}${'1200'.repeat(marks)}`)
  return joined([payload, new Uint8Array([0x2a, resume.length]), resume])
}
