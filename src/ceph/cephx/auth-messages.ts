/** MAuth and MAuthReply: how authentication goes on over an open session with a monitor. */
import { Reader, Writer } from '../msgr2/codec.ts'
import { AUTH_METHOD } from '../msgr2/format.ts'

export const MESSAGE_AUTH = 17
export const MESSAGE_AUTH_REPLY = 18
/** The head of what goes to a monitor's services: a version, a session, a transaction; of no use any more. */
const NO_SESSION = 0xffff

export function writeAuth(payload: Uint8Array): Uint8Array {
  const writer = new Writer().u64(0n).u16(NO_SESSION).u64(0n)
  return writer.u32(AUTH_METHOD.CEPHX).blob(payload).u32(0).done()
}

/** The payload. Throws Malformed. */
export function readAuth(front: Uint8Array): { readonly method: number; readonly payload: Uint8Array } {
  const reader = new Reader(front)
  reader.raw(18)
  return { method: reader.u32(), payload: reader.blob() }
}

export interface AuthReply {
  /** 0, or a negative errno. */
  readonly result: number
  readonly globalId: bigint
  readonly payload: Uint8Array
  readonly text: string
}

export function writeAuthReply({ result, globalId, payload, text }: AuthReply): Uint8Array {
  const writer = new Writer().u32(AUTH_METHOD.CEPHX).u32(result >>> 0)
  return writer.u64(globalId).blob(payload).text(text).done()
}

/** Throws Malformed. */
export function readAuthReply(front: Uint8Array): AuthReply {
  const reader = new Reader(front)
  reader.u32()
  return { result: reader.i32(), globalId: reader.u64(), payload: reader.blob(), text: reader.text() }
}
