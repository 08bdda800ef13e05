/**
 * A reference to a buffer of some process: whoever holds it may use it, hand it on, and make a weaker one of it without asking
 * anybody. It is what its bytes are; nothing keeps the buffer alive for it.
 */
import { isBytes } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import { UINT48_MAX } from '../common/fields.ts'
import { INSPECT, printed, type Inspect } from '../common/inspect.ts'
import { badOption, choiceOption, describe, numberOption, optionObject, whole } from '../common/options.ts'
import { digestOf, macOf } from './mac.ts'
import { contains, READ, WRITE, type Caveat, type Claims, type Range } from './machine/claims.ts'
import { REFERENCE } from './machine/limits.ts'
import { claimsOf, decodeToken, encodeCaveat, encodeToken, type Token } from './machine/token.ts'

/** What may be done with a buffer. */
export type BufferRights = 'read' | 'write' | 'read-write'

/** What a weaker reference may still do; what is left out stays as it is. */
export interface Attenuation {
  /** What may be done with the bytes. Default: what this reference grants. */
  readonly rights?: BufferRights | undefined
  /** Which bytes, by the offsets of the whole buffer. Default: those that this reference covers. */
  readonly range?: Range | undefined
  /** Until when, as wall time in ms since 1970 by the owner's clock, 0 to 2^48 - 1. Default: as long as this reference. */
  readonly expiresAtMs?: number | undefined
  /**
   * Who may use it: 1 to 16 names such as `osd.3`, or types such as `osd`. It is who talks to the owner that counts. Default: whoever may
   * use this reference.
   */
  readonly peers?: readonly string[] | undefined
}

const RIGHTS: Readonly<Record<BufferRights, number>> = { read: READ, write: WRITE, 'read-write': READ | WRITE }
const PEER = /^[a-z][a-z0-9_-]{0,31}(?:\.[A-Za-z0-9_.?-]{1,64})?$/
const tokens = new WeakMap<BufferRef, Token>()

/** Made by `buffers.register()` and `BufferRef.decode()`. */
export class BufferRef {
  readonly #claims: Claims

  /** @internal */
  constructor(token: Token) {
    tokens.set(this, token)
    this.#claims = claimsOf(token)
  }

  /**
   * A reference that somebody has sent. Whether it is genuine is found out when it is used.
   *
   * @throws InkwireError `INK_DECODE_FAILED` for what is none.
   */
  static decode(bytes: Uint8Array): BufferRef {
    if (!isBytes(bytes)) {
      throw new InkwireError('INK_BAD_ARGUMENT', `BufferRef.decode() takes a Uint8Array, not ${describe(bytes)}`)
    }
    const token = decodeToken(bytes)
    if (token === null || !hasItsContents(token)) {
      throw new InkwireError('INK_DECODE_FAILED', `these ${bytes.length} bytes are no reference to a buffer`)
    }
    return new BufferRef(token)
  }

  /** The same as `ref.encode()`: so the class is a codec, for `defineMessage()` and `defineCall()`. */
  static encode(ref: BufferRef): Uint8Array {
    return ref.encode()
  }

  /**
   * Its bytes, at most 16 KiB. Whoever has them may do what it grants: treat them as a secret. Throws
   * `INK_BAD_ARGUMENT` when called on anything else.
   */
  encode(): Uint8Array {
    return encodeToken(tokenOf(this))
  }

  /** The name of its owner. */
  get owner(): string {
    return tokenOf(this).header.value.owner
  }

  /** The process that owns it; another of the same name does not. */
  get instance(): string {
    return tokenOf(this).header.value.instance
  }

  /** Where the owner can be dialled, as it said itself. */
  get addresses(): readonly string[] {
    return [...tokenOf(this).header.value.addresses]
  }

  /** Unique in its instance. */
  get id(): number {
    return tokenOf(this).header.value.id
  }

  /** Of the whole buffer, in bytes. */
  get size(): number {
    return tokenOf(this).header.value.size
  }

  /** What whoever has it may do. */
  get rights(): BufferRights | 'none' {
    const { rights } = this.#claims
    return rights === (READ | WRITE) ? 'read-write' : rights === READ ? 'read' : rights === WRITE ? 'write' : 'none'
  }

  /** The bytes that it covers, by the offsets of the whole buffer. */
  get range(): Range {
    const { offset, length } = this.#claims.range
    return { offset, length }
  }

  /** Wall time in ms since 1970, by the owner's clock; Infinity: never. */
  get expiresAtMs(): number {
    return this.#claims.expiresAtMs
  }

  /** The contents that ride along, as they were when it was registered; null: none do. A copy. */
  get contents(): Uint8Array | null {
    return tokenOf(this).contents?.bytes.slice() ?? null
  }

  /**
   * A weaker reference, without asking anybody. It carries no contents. Nobody can make the stronger one of it again.
   *
   * @throws InkwireError `INK_BAD_OPTION` for what would not be weaker, or the 17th step.
   */
  attenuate(to: Attenuation): BufferRef {
    const caveats = caveatsOf(this, to)
    if (caveats.length > 0) return caveats.reduce(narrowed, this)
    throw badOption('attenuate() takes at least one of rights, range, expiresAtMs and peers')
  }

  /** What may be seen of it: nothing of what makes it genuine. */
  toJSON(): object {
    const { owner, instance, id, size, rights, range, expiresAtMs } = this
    return { owner, instance, id, size, rights, range, ...(expiresAtMs === Infinity ? {} : { expiresAtMs }) }
  }

  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return printed('BufferRef', this.toJSON(), options, inspect)
  }
}

/** What a reference is made of. */
export function tokenOf(ref: BufferRef): Token {
  const token = tokens.get(ref)
  if (token !== undefined) return token
  throw new InkwireError('INK_BAD_ARGUMENT', `a BufferRef is expected, not ${describe(ref)}`)
}

/** What a reference grants. Throws `INK_BAD_ARGUMENT` for what is none. */
export function claimsOfRef(ref: unknown): Claims {
  return claimsOf(tokenOf(ref as BufferRef))
}

/** The same with one caveat more. */
export function narrowed(ref: BufferRef, caveat: Caveat): BufferRef {
  const { header, caveats, mac } = tokenOf(ref)
  if (caveats.length >= REFERENCE.caveatsMax) {
    throw badOption(`a reference is attenuated or forwarded ${REFERENCE.caveatsMax} times at most`)
  }
  const bytes = encodeCaveat(caveat)
  const link = { value: caveat, bytes }
  return new BufferRef({ header, caveats: [...caveats, link], mac: macOf(mac, bytes), contents: null })
}

export function rightsOption(path: string, given: unknown, fallback: BufferRights): number {
  return RIGHTS[choiceOption(path, given, ['read', 'write', 'read-write'], fallback)]
}

/** Names or types of peers; null: left out. */
export function peersOption(path: string, given: unknown): readonly string[] | null {
  if (given === undefined) return null
  const isList = Array.isArray(given) && given.length > 0 && given.length <= REFERENCE.peersMax
  if (isList && given.every((peer) => typeof peer === 'string' && PEER.test(peer))) return [...(given as string[])]
  throw badOption(`${path} must be 1 to ${REFERENCE.peersMax} names such as "osd.3" or types such as "osd"`)
}

function caveatsOf(ref: BufferRef, to: Attenuation): Caveat[] {
  const given = optionObject('attenuate()', to, ['rights', 'range', 'expiresAtMs', 'peers'])
  const claims = claimsOfRef(ref)
  const caveats: Caveat[] = []
  if (given['rights'] !== undefined) {
    const rights = rightsOption('attenuate(): rights', given['rights'], 'read')
    if ((rights & ~claims.rights) !== 0)
      throw badOption(`attenuate(): this reference grants ${ref.rights}, and no more`)
    caveats.push({ kind: 'rights', rights })
  }
  if (given['range'] !== undefined) {
    const range = rangeOption('attenuate(): range', given['range'])
    if (!contains(claims.range, range)) {
      const { offset, length } = claims.range
      throw badOption(`attenuate(): this reference covers ${length} bytes from ${offset} on, and no more`)
    }
    caveats.push({ kind: 'range', ...range })
  }
  if (given['expiresAtMs'] !== undefined) {
    const expiresAtMs = numberOption('attenuate(): expiresAtMs', given['expiresAtMs'], whole(0, UINT48_MAX), 0)
    caveats.push({ kind: 'expiry', expiresAtMs })
  }
  const peers = peersOption('attenuate(): peers', given['peers'])
  if (peers !== null) caveats.push({ kind: 'peers', peers })
  return caveats
}

function rangeOption(path: string, given: unknown): Range {
  const { offset, length } = optionObject(path, given, ['offset', 'length'])
  if (offset === undefined || length === undefined) throw badOption(`${path} must be { offset, length }`)
  return {
    offset: numberOption(`${path}.offset`, offset, whole(0, UINT48_MAX), 0),
    length: numberOption(`${path}.length`, length, whole(0, UINT48_MAX), 0),
  }
}

/** What rides along is as it was sent, and so is all else, or it is not there. */
function hasItsContents(token: Token): boolean {
  const { contents } = token
  if (contents === null) return true
  return digestOf(token, contents.bytes).every((byte, index) => byte === contents.digest[index])
}
