/**
 * Control frames: the header around each, and those of the handshake, typed, encoded to and parsed from their protobuf payloads.
 * Those of a session are in session-frames.ts.
 *
 * One pair of functions per frame. A decoder throws MalformedFrame for anything that breaks docs/PROTOCOL.md and never
 * anything else, whatever the bytes are.
 */
import type { InkwireErrorCode } from '../../common/errors.ts'
import { crc32c } from '../crc32c.ts'
import type { OutBuffer } from '../out-buffer.ts'
import type { Identity, Marks, SessionAnswer, SessionOffer } from '../wire.ts'
import { fromHex } from '../../common/bytes.ts'
import { words } from '../late/words.ts'
import { writeUint16, writeUint32 } from './bytes.ts'
import * as field from './control-fields.ts'
import { expect, parseAs } from './control-fields.ts'
import * as format from './format.ts'
import { CHECKSUM, CHECKSUM_OFFSET, CONTROL_HEADER_BYTES, type ChecksumKind } from './format.ts'
import type { Feature } from './features.ts'

const NAME = /^[a-z][a-z0-9_-]{0,31}\.[A-Za-z0-9_.?-]{1,64}$/
const METHOD = /^[a-z0-9-]{1,32}$/
/** The numbers of HELLO's lists. */
const [ADDRESSES, FEATURES] = [4, 6]

export interface Hello {
  readonly version: number
  readonly identity: Identity
  readonly frameBytesMax: number
  /** Known ones and others. */
  readonly features: readonly Feature[]
}

export interface AuthRequest {
  readonly method: string
  readonly payload: Uint8Array
}

/** The answer, and the checksum kind of all MESSAGES frames from here on. */
export interface Opened {
  readonly answer: SessionAnswer
  readonly checksum: ChecksumKind
}

export interface Rejection {
  readonly code: InkwireErrorCode
  readonly reason: string
}

/** A frame in an array of its own. */
export function controlFrame(tag: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(CONTROL_HEADER_BYTES + payload.length)
  frame.set(payload, CONTROL_HEADER_BYTES)
  head(frame, CONTROL_HEADER_BYTES, tag, payload.length)
  return frame
}

/** A frame behind what was written before. */
export function writeControlFrame(out: OutBuffer, tag: number, payload: Uint8Array): void {
  const body = reserveFrame(out, payload.length)
  out.bytes.set(payload, body)
  head(out.bytes, body, tag, payload.length)
}

/** Room for a frame behind what was written before; returns where its payload is to be written. `head` follows. */
export function reserveFrame(out: OutBuffer, payloadBytes: number): number {
  return out.reserve(CONTROL_HEADER_BYTES + payloadBytes) + CONTROL_HEADER_BYTES
}

/** The header of a payload that lies at `body`. Control frames are always checksummed, whatever was agreed on for messages. */
export function head(bytes: Uint8Array, body: number, tag: number, payloadBytes: number): void {
  const at = body - CONTROL_HEADER_BYTES
  bytes[at] = tag
  bytes[at + 1] = CHECKSUM.CRC32C
  writeUint16(bytes, at + 2, 0)
  writeUint32(bytes, at + 4, payloadBytes)
  const sum = crc32c(bytes, at, at + CHECKSUM_OFFSET)
  writeUint32(bytes, at + CHECKSUM_OFFSET, crc32c(bytes, body, body + payloadBytes, sum))
}

export function encodeHello(hello: Hello): Uint8Array {
  const { name, instance, addresses } = hello.identity
  const { version, frameBytesMax, features } = hello
  const message = { version, name, instance: fromHex(instance), addresses: [...addresses], frameBytesMax }
  return words()
    .Hello.encode({ ...message, features: [...features] })
    .finish()
}

export function decodeHello(payload: Uint8Array): Hello {
  expect(field.count(payload, ADDRESSES) <= format.ADDRESSES_MAX, `more than ${format.ADDRESSES_MAX} addresses`)
  expect(field.count(payload, FEATURES) <= format.FEATURES_MAX, `more than ${format.FEATURES_MAX} features`)
  const hello = parseAs(words().Hello, payload)
  const addresses = hello.addresses ?? []
  const name = hello.name ?? ''
  const frameBytesMax = hello.frameBytesMax ?? 0
  const version = hello.version ?? 0
  expect(version >= 1, 'the version is 0')
  expect(NAME.test(name), 'the name is not like osd.3')
  for (const address of addresses) {
    expect(
      address.length <= format.ADDRESS_CHARS_MAX && format.ADDRESS.test(address),
      'an address is empty, too long or not text',
    )
  }
  expect(frameBytesMax >= format.FRAME_BYTES_MIN, `frames of ${format.FRAME_BYTES_MIN} bytes are not taken`)
  return {
    version,
    frameBytesMax,
    features: (hello.features ?? []).map(field.fromFeature),
    identity: { name, instance: field.fromId(hello.instance, 'the instance'), addresses },
  }
}

export function encodeAuthRequest(request: AuthRequest): Uint8Array {
  return words().AuthRequest.encode(request).finish()
}

export function decodeAuthRequest(payload: Uint8Array): AuthRequest {
  const request = parseAs(words().AuthRequest, payload)
  const method = request.method ?? ''
  expect(METHOD.test(method), 'the method has no proper name')
  return { method, payload: field.fromPayload(request.payload) }
}

/** The payload of AUTH_CHALLENGE, AUTH_RESPONSE and AUTH_DONE, which have the same form. */
export function encodeAuthStep(payload: Uint8Array): Uint8Array {
  return words().AuthChallenge.encode({ payload }).finish()
}

export function decodeAuthStep(payload: Uint8Array): Uint8Array {
  return field.fromPayload(parseAs(words().AuthChallenge, payload).payload)
}

export function encodeReason(reason: string): Uint8Array {
  return words()
    .Goodbye.encode({ reason: field.toReason(reason) })
    .finish()
}

/** The payload of AUTH_REJECTED and GOODBYE, which have the same form. */
export function decodeReason(payload: Uint8Array): string {
  return field.toReason(parseAs(words().Goodbye, payload).reason)
}

export function encodeOpen(offer: SessionOffer): Uint8Array {
  const message = {
    ballot: field.toBallot(offer.ballot),
    channel: offer.channel,
    policy: field.toPolicy(offer.policy),
    fresh: fromHex(offer.fresh),
    resume: offer.resume.map(({ id, marks }) => ({ id: fromHex(id), ...field.toMarks(marks) })),
    grant: field.toGrant(offer.grant),
    counted: field.toSide(offer.counted),
    ...(offer.move !== undefined && { move: { ...offer.move } }),
  }
  return words().Open.encode(message).finish()
}

export function decodeOpen(payload: Uint8Array): SessionOffer {
  const open = parseAs(words().Open, payload)
  const resume = open.resume ?? []
  expect(resume.length <= format.RESUME_MAX, `more than ${format.RESUME_MAX} sessions are to be resumed`)
  return {
    ballot: field.fromBallot(open.ballot),
    channel: open.channel ?? 0,
    policy: field.fromPolicy(open.policy),
    fresh: field.fromId(open.fresh, 'the fresh session id'),
    resume: resume.map((one) => ({ id: field.fromId(one.id, 'a session id'), marks: field.fromMarks(one) })),
    grant: field.fromGrant(open.grant),
    ...field.fromSide(open.counted),
    ...(open.move ? { move: { holdMs: open.move.holdMs ?? 0 } } : null),
  }
}

export function encodeOpened({ answer, checksum }: Opened): Uint8Array {
  const message = {
    id: fromHex(answer.id),
    resumed: answer.resumed,
    ...field.toMarks(answer.marks),
    policy: field.toPolicy(answer.policy),
    grant: field.toGrant(answer.grant),
    checksum,
  }
  return words().Opened.encode(message).finish()
}

export function decodeOpened(payload: Uint8Array): Opened {
  const opened = parseAs(words().Opened, payload)
  const checksum = opened.checksum ?? 0
  expect(checksum === CHECKSUM.CRC32C || checksum === CHECKSUM.NONE, `there is no checksum kind ${checksum}`)
  const answer = {
    id: field.fromId(opened.id, 'the session id'),
    resumed: opened.resumed ?? false,
    marks: field.fromMarks(opened),
    policy: field.fromPolicy(opened.policy),
    grant: field.fromGrant(opened.grant),
  }
  return { answer, checksum }
}

/** `marks`: where the session moves. */
export function encodeConfirm(marks: readonly Marks[] | null = null): Uint8Array {
  return words()
    .Confirm.encode(marks === null ? {} : field.toMarks(marks))
    .finish()
}

/** Null: it says nothing about marks. */
export function decodeConfirm(payload: Uint8Array): readonly Marks[] | null {
  const marks = field.fromMarks(parseAs(words().Confirm, payload))
  return marks.length === 0 ? null : marks
}

export function encodeYield(epoch: number): Uint8Array {
  return words().Yield.encode({ epoch }).finish()
}

export function decodeYield(payload: Uint8Array): number {
  return field.fromEpoch(parseAs(words().Yield, payload).epoch)
}

export function encodeReject(rejection: Rejection): Uint8Array {
  return words()
    .Reject.encode({ code: rejection.code, reason: field.toReason(rejection.reason) })
    .finish()
}

export function decodeReject(payload: Uint8Array): Rejection {
  const reject = parseAs(words().Reject, payload)
  return { code: field.fromCode(reject.code), reason: field.toReason(reject.reason) }
}
