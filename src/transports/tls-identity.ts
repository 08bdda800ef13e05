/**
 * Who is at the other end of a TLS connection: what its certificate says, and which entity names it may have.
 *
 * A chain of certificates says that an authority knows this end under some name. Whether that name may be called `osd.3` is a
 * rule of whoever runs the cluster. The host that was dialled is no part of it: entities move between hosts.
 */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { decides } from '../common/user-code.ts'
import { nodeCrypto } from '../late/modules.ts'
import type { LinkPeer } from './transport.ts'

/** Whether a certificate is one for this entity name. Only `true` is a yes; a rule that throws has refused. */
export type SpeaksFor = (name: string, certificate: X509Certificate) => boolean

/** RFC 9266: what both ends of one TLS 1.3 connection can derive, and nobody else. */
const BINDING_LABEL = 'EXPORTER-Channel-Binding'
const BINDING_BYTES = 32

export function peerOf(socket: TLSSocket, speaksFor: SpeaksFor): LinkPeer {
  const certificate = certificateOf(socket)
  const binding = socket.exportKeyingMaterial(BINDING_BYTES, BINDING_LABEL, Buffer.alloc(0))
  return {
    principal: certificate === undefined ? 'nobody' : principalOf(certificate),
    binding: new Uint8Array(binding),
    speaksFor: (name) => certificate !== undefined && decides(() => speaksFor(name, certificate)),
  }
}

/** The rule when none is given: the subject's common name, or one of its DNS names, is the entity name. */
export function namedSo(name: string, { subject, subjectAltName }: X509Certificate): boolean {
  // Names that need quotes are no entity names, and could pretend to be several.
  const also = subjectAltName === undefined || subjectAltName.includes('"') ? [] : subjectAltName.split(', ')
  return subject.split('\n').includes(`CN=${name}`) || also.includes(`DNS:${name}`)
}

/**
 * What is wrong with the certificate of the other end; null when nothing is. Its time is looked at here as well: a session that is
 * resumed was verified when it began.
 */
export function problemOf(socket: TLSSocket, now: number): string | null {
  const certificate = certificateOf(socket)
  if (certificate === undefined) return 'it shows no certificate'
  const whose = `its certificate ${principalOf(certificate)}`
  if (!socket.authorized) return `${whose} is not accepted: ${wordsFor(socket.authorizationError)}`
  if (now > Date.parse(certificate.validTo)) return `${whose} is not accepted: ${WORDS['CERT_HAS_EXPIRED']!}`
  return null
}

/** What the other end showed when the session began that these dials mean to go on with. */
const REMEMBERED = new WeakMap<TLSSocket, X509Certificate>()

/** A session that is resumed shows no certificate to who dials: it is the one of the session's first connection. */
export function remember(socket: TLSSocket, certificate: X509Certificate): void {
  REMEMBERED.set(socket, certificate)
}

/** Not getPeerX509Certificate(): where this end has dialled, that takes the certificate out of the session, for good. */
export function certificateOf(socket: TLSSocket): X509Certificate | undefined {
  // Null when the socket is gone, and empty when there is none.
  const raw = (socket.getPeerCertificate() as { readonly raw?: Buffer } | null)?.raw
  if (raw !== undefined) return new (nodeCrypto().X509Certificate)(raw)
  return socket.isSessionReused() ? REMEMBERED.get(socket) : undefined
}

export function principalOf({ subject }: X509Certificate): string {
  return subject.split('\n').join(', ') || 'without a subject'
}

const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet, or a clock is wrong',
  CERT_REVOKED: 'it was revoked',
  UNABLE_TO_GET_CRL: 'there is no list of the revoked of its authority',
  CRL_HAS_EXPIRED: 'the list of the revoked has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself, and by no authority in ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not in ca',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not in ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not in ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not in ca',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong: another authority of the same name has signed it',
  INVALID_PURPOSE: 'it is for another purpose',
}

/** OpenSSL's code of a certificate that was not verified, in words. */
export function wordsFor(problem: unknown): string {
  const code = problem instanceof Error ? String((problem as { code?: unknown }).code) : String(problem)
  const words = WORDS[code]
  return words === undefined ? code : `${words} (${code})`
}

export function isCertificateCode(code: string): boolean {
  return Object.hasOwn(WORDS, code)
}
