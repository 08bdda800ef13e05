/**
 * The payloads of the control frames: one `read` and one `write` per frame, fields in order.
 *
 * Reading throws Malformed; a frame must be read to its end, or it is another protocol's.
 */
import { readEntity, readVector, writeEntity, writeVector, type EntityAddress } from './address.ts'
import { Malformed, Reader, Writer } from './codec.ts'

const METHODS_MAX = 16

export interface Hello {
  readonly entityBit: number
  /** The other side as this one sees it. */
  readonly seen: EntityAddress
}

export function writeHello({ entityBit, seen }: Hello): Uint8Array {
  const writer = new Writer().u8(entityBit)
  writeEntity(writer, seen)
  return writer.done()
}

export function readHello(payload: Uint8Array): Hello {
  return whole(payload, (reader) => ({ entityBit: reader.u8(), seen: readEntity(reader) }))
}

export interface AuthRequest {
  readonly method: number
  readonly modes: readonly number[]
  readonly payload: Uint8Array
}

export function writeAuthRequest({ method, modes, payload }: AuthRequest): Uint8Array {
  const writer = new Writer().u32(method)
  return writeNumbers(writer, modes).blob(payload).done()
}

export function readAuthRequest(payload: Uint8Array): AuthRequest {
  return whole(payload, (reader) => ({
    method: reader.u32(),
    modes: reader.list(METHODS_MAX, () => reader.u32()),
    payload: reader.blob(),
  }))
}

export interface AuthBadMethod {
  readonly method: number
  /** A negative errno. */
  readonly result: number
  readonly methods: readonly number[]
  readonly modes: readonly number[]
}

export function writeAuthBadMethod({ method, result, methods, modes }: AuthBadMethod): Uint8Array {
  const writer = new Writer().u32(method).u32(result >>> 0)
  return writeNumbers(writeNumbers(writer, methods), modes).done()
}

export function readAuthBadMethod(payload: Uint8Array): AuthBadMethod {
  return whole(payload, (reader) => ({
    method: reader.u32(),
    result: reader.i32(),
    methods: reader.list(METHODS_MAX, () => reader.u32()),
    modes: reader.list(METHODS_MAX, () => reader.u32()),
  }))
}

/** AUTH_REPLY_MORE and AUTH_REQUEST_MORE. */
export function writeBlob(blob: Uint8Array): Uint8Array {
  return new Writer().blob(blob).done()
}

export function readBlob(payload: Uint8Array): Uint8Array {
  return whole(payload, (reader) => reader.blob())
}

export interface AuthDone {
  readonly globalId: bigint
  readonly mode: number
  readonly payload: Uint8Array
}

export function writeAuthDone({ globalId, mode, payload }: AuthDone): Uint8Array {
  return new Writer().u64(globalId).u32(mode).blob(payload).done()
}

export function readAuthDone(payload: Uint8Array): AuthDone {
  return whole(payload, (reader) => ({ globalId: reader.u64(), mode: reader.u32(), payload: reader.blob() }))
}

const SIGNATURE_BYTES = 32

/** The payload of AUTH_SIGNATURE is the digest itself. */
export function readSignature(payload: Uint8Array): Uint8Array {
  return whole(payload, (reader) => reader.raw(SIGNATURE_BYTES))
}

/** What CLIENT_IDENT and SERVER_IDENT have in common. */
export interface Ident {
  readonly addresses: readonly EntityAddress[]
  readonly gid: bigint
  readonly globalSeq: bigint
  readonly supported: bigint
  readonly required: bigint
  readonly flags: bigint
  readonly cookie: bigint
}

export interface ClientIdent extends Ident {
  readonly target: EntityAddress
}

export function writeClientIdent(ident: ClientIdent): Uint8Array {
  const writer = new Writer()
  writeVector(writer, ident.addresses)
  writeEntity(writer, ident.target)
  return writeIdentTail(writer, ident)
}

export function readClientIdent(payload: Uint8Array): ClientIdent {
  return whole(payload, (reader) => {
    const addresses = readVector(reader)
    const target = readEntity(reader)
    return { addresses, target, ...readIdentTail(reader) }
  })
}

export function writeServerIdent(ident: Ident): Uint8Array {
  const writer = new Writer()
  writeVector(writer, ident.addresses)
  return writeIdentTail(writer, ident)
}

export function readServerIdent(payload: Uint8Array): Ident {
  return whole(payload, (reader) => ({ addresses: readVector(reader), ...readIdentTail(reader) }))
}

function writeIdentTail(writer: Writer, { gid, globalSeq, supported, required, flags, cookie }: Ident): Uint8Array {
  return writer.u64(gid).u64(globalSeq).u64(supported).u64(required).u64(flags).u64(cookie).done()
}

function readIdentTail(reader: Reader): Omit<Ident, 'addresses'> {
  const gid = reader.i64()
  const globalSeq = bounded(reader.u64(), GLOBAL_SEQ_MAX)
  const [supported, required, flags, cookie] = [reader.u64(), reader.u64(), reader.u64(), reader.u64()]
  return { gid, globalSeq, supported, required, flags, cookie }
}

export interface Reconnect {
  readonly addresses: readonly EntityAddress[]
  readonly clientCookie: bigint
  readonly serverCookie: bigint
  readonly globalSeq: bigint
  readonly connectSeq: bigint
  /** The last message that the sender of this has received. */
  readonly messageSeq: bigint
}

export function writeReconnect(reconnect: Reconnect): Uint8Array {
  const { addresses, clientCookie, serverCookie, globalSeq, connectSeq, messageSeq } = reconnect
  const writer = new Writer()
  writeVector(writer, addresses)
  return writer.u64(clientCookie).u64(serverCookie).u64(globalSeq).u64(connectSeq).u64(messageSeq).done()
}

export function readReconnect(payload: Uint8Array): Reconnect {
  return whole(payload, (reader) => {
    const addresses = readVector(reader)
    const [clientCookie, serverCookie] = [reader.u64(), reader.u64()]
    const globalSeq = bounded(reader.u64(), GLOBAL_SEQ_MAX)
    const connectSeq = bounded(reader.u64(), CONNECT_SEQ_MAX)
    return { addresses, clientCookie, serverCookie, globalSeq, connectSeq, messageSeq: reader.u64() }
  })
}

/**
 * Never reached by counting (5 dials a second for 27 years), so who says more wants to put somebody's next number out of
 * reach. The numbers that all links of a messenger share have room for far more.
 */
const CONNECT_SEQ_MAX = 0xffff0000n
const GLOBAL_SEQ_MAX = 1n << 62n

/** SESSION_RETRY. */
export function readConnectSeq(payload: Uint8Array): bigint {
  return bounded(readNumber(payload), CONNECT_SEQ_MAX)
}

/** SESSION_RETRY_GLOBAL. */
export function readGlobalSeq(payload: Uint8Array): bigint {
  return bounded(readNumber(payload), GLOBAL_SEQ_MAX)
}

function bounded(count: bigint, max: bigint): bigint {
  if (count > max) throw new Malformed(`attempt ${count}, and nobody has made more than ${max}`)
  return count
}

/** SESSION_RESET. */
export function writeBool(value: boolean): Uint8Array {
  return new Writer().bool(value).done()
}

export function readBool(payload: Uint8Array): boolean {
  return whole(payload, (reader) => reader.bool())
}

/** SESSION_RETRY, SESSION_RETRY_GLOBAL, SESSION_RECONNECT_OK, ACK, IDENT_MISSING_FEATURES. */
export function writeNumber(value: bigint): Uint8Array {
  return new Writer().u64(value).done()
}

export function readNumber(payload: Uint8Array): bigint {
  return whole(payload, (reader) => reader.u64())
}

/** KEEPALIVE2 and its answer: the sender's time, which comes back as it was. */
export const STAMP_BYTES = 8

/** A time in ms as seconds and nanoseconds. */
export function writeStamp(ms: number): Uint8Array {
  const seconds = Math.floor(ms / 1000)
  return new Writer()
    .u32(seconds % 2 ** 32)
    .u32(Math.floor((ms - seconds * 1000) * 1e6))
    .done()
}

export function readStamp(payload: Uint8Array): number {
  return whole(payload, (reader) => reader.u32() * 1000 + Math.floor(reader.u32() / 1e6))
}

export interface CompressionRequest {
  readonly wanted: boolean
  readonly methods: readonly number[]
}

export function writeCompressionRequest({ wanted, methods }: CompressionRequest): Uint8Array {
  return writeNumbers(new Writer().bool(wanted), methods).done()
}

export function readCompressionRequest(payload: Uint8Array): CompressionRequest {
  return whole(payload, (reader) => ({
    wanted: reader.bool(),
    methods: reader.list(METHODS_MAX, () => reader.u32()),
  }))
}

export interface CompressionDone {
  readonly on: boolean
  readonly method: number
}

export function writeCompressionDone({ on, method }: CompressionDone): Uint8Array {
  return new Writer().bool(on).u32(method).done()
}

export function readCompressionDone(payload: Uint8Array): CompressionDone {
  return whole(payload, (reader) => ({ on: reader.bool(), method: reader.u32() }))
}

function writeNumbers(writer: Writer, numbers: readonly number[]): Writer {
  return writer.list(numbers, (number) => writer.u32(number))
}

function whole<T>(payload: Uint8Array, read: (reader: Reader) => T): T {
  const reader = new Reader(payload)
  const value = read(reader)
  reader.finish()
  return value
}
