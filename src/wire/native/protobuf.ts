/**
 * As much of protobuf (proto3) as control frames need: messages as tables of fields, written and read by one small loop.
 *
 * gen/control.ts has the tables, made from proto/control.proto. A general library brings 8 MB into a process for what is 200 lines
 * here. What it does is the standard's: defaults are not written, unknown fields are passed over, the last value of a field
 * counts, and two parts of one message become one. Reading is total: any bytes give a message or throw, never more than an error,
 * and nothing is taken in memory that is not in the bytes. Groups, which proto3 has given up, are refused, and no enum of ours
 * has a value below 0 to write. Bytes that are read are views.
 */
import { invariant } from '../../common/errors.ts'

export interface Message<T> {
  readonly fields: readonly Field[]
  encode(value: T): Uint8Array
  /** @throws Error when the bytes are no such message. */
  decode(bytes: Uint8Array): T
}

/** How a value is written; `many` is a list of them, which stands as often as it has items. */
type Kind = 'uint32' | 'enum' | 'fixed32' | 'bool' | 'string' | 'bytes'

export interface Field {
  readonly name: string
  readonly number: number
  readonly kind: Kind | 'message'
  /** Of a `message`; else empty. */
  readonly fields: readonly Field[]
  readonly times: 'once' | 'many'
}

/** `name: [number, kind]`, as gen/control.ts has them. */
type Table = Readonly<Record<string, readonly [number, Kind | Pick<Message<unknown>, 'fields'>, 'many'?]>>
type Values = Record<string, unknown>

const VARINT = 0
const FIXED64 = 1
const LENGTH = 2
const FIXED32 = 5
const WIRE_TYPES: Readonly<Record<Field['kind'], number>> = {
  ...{ uint32: VARINT, enum: VARINT, bool: VARINT, fixed32: FIXED32 },
  ...{ string: LENGTH, bytes: LENGTH, message: LENGTH },
}
const VARINT_BYTES_MAX = 10

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function message<T extends object>(table: Table): Message<T> {
  const fields = Object.entries(table).map(([name, [number, kind, many]]): Field => {
    const times = many ?? 'once'
    if (typeof kind === 'string') return { name, number, kind, fields: [], times }
    return { name, number, kind: 'message', fields: kind.fields, times }
  })
  return {
    fields,
    encode(value) {
      const bytes = new Uint8Array(sizeOf(fields, value as Values))
      const end = write(fields, value as Values, bytes, 0)
      invariant(end === bytes.length, `a message has ${end} bytes instead of ${bytes.length}`)
      return bytes
    },
    decode: (bytes) => new Reader(bytes).message(fields, bytes.length, {}) as T,
  }
}

/** How often a field stands in a message: a list can be counted before there is memory for it. */
export function countField(bytes: Uint8Array, number: number): number {
  const reader = new Reader(bytes)
  let found = 0
  while (reader.at < bytes.length) {
    const tag = reader.varint()
    if (tag >>> 3 === number) found++
    reader.skip(tag)
  }
  return found
}

/** Absent, and so is what proto3 does not write. */
function isDefault(kind: Field['kind'], value: unknown): boolean {
  if (kind === 'message') return false
  return value === 0 || value === false || (value as string | Uint8Array).length === 0
}

function sizeOf(fields: readonly Field[], values: Values): number {
  let bytes = 0
  for (const field of fields) {
    const value = values[field.name]
    if (value === null || value === undefined) continue
    const tagBytes = varintBytes(field.number << 3)
    if (field.times === 'many') {
      for (const one of value as unknown[]) bytes += tagBytes + valueBytes(field, one)
    } else if (!isDefault(field.kind, value)) bytes += tagBytes + valueBytes(field, value)
  }
  return bytes
}

function valueBytes({ kind, fields }: Field, value: unknown): number {
  if (kind === 'fixed32') return 4
  if (kind === 'bool') return 1
  if (kind === 'uint32' || kind === 'enum') return varintBytes(value as number)
  const length = kind === 'message' ? sizeOf(fields, value as Values) : bytesOf(kind, value).length
  return varintBytes(length) + length
}

function bytesOf(kind: 'string' | 'bytes', value: unknown): Uint8Array {
  return kind === 'string' ? utf8.encode(value as string) : (value as Uint8Array)
}

/** Writes from `at`, and returns where it ended. */
function write(fields: readonly Field[], values: Values, out: Uint8Array, at: number): number {
  for (const field of fields) {
    const value = values[field.name]
    if (value === null || value === undefined) continue
    if (field.times === 'many') for (const one of value as unknown[]) at = writeField(field, one, out, at)
    else if (!isDefault(field.kind, value)) at = writeField(field, value, out, at)
  }
  return at
}

function writeField({ number, kind, fields }: Field, value: unknown, out: Uint8Array, at: number): number {
  at = writeVarint((number << 3) | WIRE_TYPES[kind], out, at)
  switch (kind) {
    case 'uint32':
    case 'enum':
      return writeVarint(value as number, out, at)
    case 'bool':
      return writeVarint(value === true ? 1 : 0, out, at)
    case 'fixed32':
      for (let shift = 0; shift < 32; shift += 8) out[at++] = (value as number) >>> shift
      return at
    case 'message':
      at = writeVarint(sizeOf(fields, value as Values), out, at)
      return write(fields, value as Values, out, at)
    case 'string':
    case 'bytes': {
      const bytes = bytesOf(kind, value)
      at = writeVarint(bytes.length, out, at)
      out.set(bytes, at)
      return at + bytes.length
    }
  }
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes++
  return bytes
}

function writeVarint(value: number, out: Uint8Array, at: number): number {
  let rest = value >>> 0
  for (; rest > 0x7f; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80
  out[at++] = rest
  return at
}

/** Called for every field that is read: without a closure. */
function fieldOf(fields: readonly Field[], number: number): Field | undefined {
  for (const field of fields) if (field.number === number) return field
  return undefined
}

class Reader {
  at = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** What stands before `end`, beside what `values` has already. */
  message(fields: readonly Field[], end: number, values: Values): Values {
    while (this.at < end) {
      const tag = this.varint()
      const field = fieldOf(fields, tag >>> 3)
      if (field === undefined || (tag & 7) !== WIRE_TYPES[field.kind]) this.skip(tag)
      else this.#field(field, values)
      if (this.at > end) throw new Error('a field is longer than its message')
    }
    return values
  }

  #field(field: Field, values: Values): void {
    if (field.times === 'once') {
      values[field.name] = this.#value(field, values[field.name])
      return
    }
    const list = (values[field.name] ??= []) as unknown[]
    list.push(this.#value(field, undefined))
  }

  #value({ kind, fields }: Field, before: unknown): unknown {
    switch (kind) {
      case 'uint32':
        return this.varint()
      case 'enum':
        return this.varint() | 0
      case 'bool':
        return this.#flag()
      case 'fixed32':
        return this.#fixed32()
      case 'string':
        return strictUtf8.decode(this.#view())
      case 'bytes':
        return this.#view()
      case 'message': {
        const length = this.varint()
        return this.message(fields, this.#within(length), (before ?? {}) as Values)
      }
    }
  }

  /** The low 32 bits of a number; what a longer one has above them is dropped, as the standard says. */
  varint(): number {
    let value = 0
    for (let index = 0; index < VARINT_BYTES_MAX; index++) {
      const byte = this.#byte()
      if (index < 5) value |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) return value >>> 0
    }
    throw new Error('a number has more than 10 bytes')
  }

  /** Of any bit, also above the 32nd. */
  #flag(): boolean {
    let isSet = false
    for (let index = 0; index < VARINT_BYTES_MAX; index++) {
      const byte = this.#byte()
      if ((byte & 0x7f) !== 0) isSet = true
      if (byte < 0x80) return isSet
    }
    throw new Error('a number has more than 10 bytes')
  }

  /** Passes over the value behind a tag. */
  skip(tag: number): void {
    if (tag >>> 3 === 0) throw new Error('there is no field 0')
    const wireType = tag & 7
    if (wireType === VARINT) this.#flag()
    else if (wireType === FIXED64) this.at = this.#within(8)
    else if (wireType === LENGTH) this.#view()
    else if (wireType === FIXED32) this.at = this.#within(4)
    else throw new Error(`there is no wire type ${wireType}`)
  }

  #fixed32(): number {
    const end = this.#within(4)
    let value = 0
    for (let shift = 0; this.at < end; shift += 8) value |= this.#byte() << shift
    return value >>> 0
  }

  #view(): Uint8Array {
    const length = this.varint()
    const end = this.#within(length)
    const view = this.#bytes.subarray(this.at, end)
    this.at = end
    return view
  }

  #byte(): number {
    const byte = this.#bytes[this.at]
    if (byte === undefined) throw new Error('the bytes end inside a field')
    this.at++
    return byte
  }

  /** Where so many bytes end, if they are there. */
  #within(length: number): number {
    const end = this.at + length
    if (end > this.#bytes.length) throw new Error('the bytes end inside a field')
    return end
  }
}
