/** What is in the payload of each control frame of the native protocol: read by the decoders that ship, and named for people. */
import * as frames from '../../wire/native/control-frames.ts'
import * as session from '../../wire/native/session-frames.ts'
import { FEATURE, type Feature } from '../../wire/native/features.ts'
import { CHECKSUM, type TagName } from '../../wire/native/format.ts'

/** The kinds of checksums by their numbers. */
export const CHECKSUMS: readonly string[] = Object.entries(CHECKSUM).map(([name]) => name.toLowerCase())

const READERS: Readonly<Record<Exclude<TagName, 'MESSAGES'>, (payload: Uint8Array) => object>> = {
  HELLO: (payload) => {
    const { version, identity, frameBytesMax, features } = frames.decodeHello(payload)
    return { version, ...identity, frameBytesMax, features: features.map(namedFeature) }
  },
  AUTH_REQUEST: frames.decodeAuthRequest,
  AUTH_CHALLENGE: step,
  AUTH_RESPONSE: step,
  AUTH_DONE: step,
  AUTH_REJECTED: (payload) => ({ reason: frames.decodeReason(payload) }),
  OPEN: frames.decodeOpen,
  OPENED: (payload) => {
    const { answer, checksum } = frames.decodeOpened(payload)
    return { ...answer, checksum: CHECKSUMS[checksum] }
  },
  CONFIRM: (payload) => ({ marks: frames.decodeConfirm(payload) ?? [] }),
  YIELD: (payload) => ({ epoch: frames.decodeYield(payload) }),
  REJECT: frames.decodeReject,
  ACK: session.decodeAck,
  FAILED: session.decodeFailed,
  KEEPALIVE: (payload) => ({ token: session.decodeToken(payload) }),
  KEEPALIVE_ACK: (payload) => ({ token: session.decodeToken(payload) }),
  GOODBYE: (payload) => ({ reason: frames.decodeReason(payload) }),
  END: session.decodeEnd,
}

/** @throws MalformedFrame */
export function payloadOf(name: Exclude<TagName, 'MESSAGES'>, payload: Uint8Array): object {
  return READERS[name](payload)
}

function step(payload: Uint8Array): object {
  return { payload: frames.decodeAuthStep(payload) }
}

function namedFeature({ number, value }: Feature): object {
  const name = Object.entries(FEATURE).find(([, known]) => known === number)?.[0] ?? 'not known here'
  return value.length === 0 ? { number, name } : { number, name, value }
}
