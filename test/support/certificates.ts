/**
 * Certificates for tests, made while they run: an authority, what it has signed, and its list of what it has revoked.
 *
 * Node can read X.509 and not write it, so here is as much of DER as that takes. Keys are of P-256, made new each time.
 */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly serial: number
}

export interface CertificateWish {
  /** The common name of its subject. */
  readonly name: string
  /** DNS names, and URIs such as `spiffe://cluster/osd.3`. */
  readonly also?: readonly string[]
  /** How long it is good for, counted from now; both may lie in the past. Default: from a day ago, for a day. */
  readonly fromMs?: number
  readonly untilMs?: number
}

const DAY_MS = 86_400_000
let serials = 0

/** Signs certificates; its own is what both sides give as `ca`. */
export class Authority {
  readonly cert: string
  readonly #name: string
  readonly #key: KeyObject

  constructor(name = 'inkwire test authority') {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#name = name
    this.#key = privateKey
    const isAuthority = extension('551d13', true, sequence(der(0x01, Buffer.of(0xff))))
    this.cert = this.#signed({ name }, ++serials, publicKey, [isAuthority])
  }

  issue(wish: CertificateWish): Certificate {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const names = (wish.also ?? []).map((name) => der(name.includes('://') ? 0x86 : 0x82, Buffer.from(name)))
    const extensions = names.length === 0 ? [] : [extension('551d11', false, sequence(...names))]
    const serial = ++serials
    const cert = this.#signed(wish, serial, publicKey, extensions)
    return { cert, serial, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
  }

  /** The list that says that these are good no more. */
  revoke(...revoked: readonly Certificate[]): string {
    const now = Date.now()
    const entries = revoked.map(({ serial }) => sequence(integer(serial), time(now - DAY_MS)))
    const list = sequence(
      integer(1),
      ECDSA_SHA256,
      distinguished(this.#name),
      time(now - DAY_MS),
      time(now + DAY_MS),
      sequence(...entries),
    )
    return pem('X509 CRL', this.#seal(list))
  }

  #signed(wish: CertificateWish, serial: number, subjectKey: KeyObject, extensions: readonly Buffer[]): string {
    const now = Date.now()
    const body = sequence(
      der(0xa0, integer(2)),
      integer(serial),
      ECDSA_SHA256,
      distinguished(this.#name),
      sequence(time(now + (wish.fromMs ?? -DAY_MS)), time(now + (wish.untilMs ?? DAY_MS))),
      distinguished(wish.name),
      subjectKey.export({ type: 'spki', format: 'der' }),
      ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
    )
    return pem('CERTIFICATE', this.#seal(body))
  }

  #seal(body: Buffer): Buffer {
    const signature = sign('sha256', body, this.#key)
    return sequence(body, ECDSA_SHA256, der(0x03, Buffer.concat([Buffer.of(0), signature])))
  }
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.of(0, value >> 8, value & 0xff).subarray(value > 0x7fff ? 0 : value > 0x7f ? 1 : 2))
}

/** UTCTime: YYMMDDHHMMSSZ. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/\D/g, '').slice(2, 14)
  return der(0x17, Buffer.from(`${digits}Z`))
}

/** A subject with a common name and nothing else. */
function distinguished(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
}

function extension(id: string, critical: boolean, content: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, content))
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'))

function pem(kind: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN ${kind}-----\n${lines.join('\n')}\n-----END ${kind}-----\n`
}
