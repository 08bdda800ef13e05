/** The options of tls(), checked once, and the certificates of it, which can be replaced while it runs. */
import type { SecureContext, SecureContextOptions } from 'node:tls'
import { asError } from '../common/errors.ts'
import { isBytes } from '../common/bytes.ts'
import { badOption, describeType, numberOption, optionObject, whole } from '../common/options.ts'
import { nodeTls } from '../late/modules.ts'
import { TCP_OPTIONS, tcpSettings, type OverTcpOptions } from './tcp-options.ts'
import type { TcpSettings } from './tcp-socket.ts'
import { namedSo, type SpeaksFor } from './tls-identity.ts'

/** PEM, as text or bytes. */
export type Pem = string | Uint8Array

/** What one end shows, and what it believes. */
export interface TlsCertificates {
  /** The private key of `cert`. */
  readonly key: Pem
  /** What `key` is encrypted with. Default: it is not. */
  readonly passphrase?: string | undefined
  /** The certificate of this end, with the authorities between it and `ca` behind it. */
  readonly cert: Pem
  /** The authorities whose certificates are accepted; those of the system and of browsers are not. */
  readonly ca: Pem | readonly Pem[]
  /** Lists of what these have revoked, for each of them. Left out: nothing is revoked. */
  readonly crl?: Pem | readonly Pem[] | undefined
}

/** Options of {@link tls}. */
export interface TlsOptions extends TlsCertificates, OverTcpOptions {
  /**
   * Whether a certificate is one for an entity name, such as `osd.3`. Default: its subject's common name or one of its DNS names
   * is that name.
   */
  readonly speaksFor?: SpeaksFor | undefined
  /** How long a connection that was accepted may take for its handshake, in ms, 1 or more. Default 10,000. */
  readonly handshakeTimeoutMs?: number | undefined
  /**
   * How many connections may be in their handshake at once, for each listener, 1 to 65,536; the oldest makes room.
   * Default 256.
   */
  readonly handshakesMax?: number | undefined
}

/** The resolved options of tls(). */
export interface TlsSettings extends TcpSettings {
  readonly speaksFor: SpeaksFor
  readonly handshakeTimeoutMs: number
  readonly handshakesMax: number
}

const CERTIFICATES = ['key', 'passphrase', 'cert', 'ca', 'crl'] as const
const OPTIONS = [...CERTIFICATES, ...TCP_OPTIONS, 'speaksFor', 'handshakeTimeoutMs', 'handshakesMax'] as const
/** Sessions of one end are resumed by this end only. */
const SESSION_CONTEXT = 'inkwire'

/** Throws `INK_BAD_OPTION` for what is none, or unknown; what belongs to certificates is looked at by makeCredentials. */
export function tlsOptions(given: TlsOptions): TlsOptions {
  return optionObject('tls()', given, OPTIONS) as unknown as TlsOptions
}

/** Throws `INK_BAD_OPTION`. */
export function tlsSettings(options: TlsOptions): TlsSettings {
  const { speaksFor = namedSo } = options
  if (typeof speaksFor !== 'function')
    throw badOption(`speaksFor must be a function of a name and a certificate, not ${describeType(speaksFor)}`)
  return Object.freeze({
    ...tcpSettings(options),
    speaksFor,
    handshakeTimeoutMs: numberOption('handshakeTimeoutMs', options.handshakeTimeoutMs, whole(1, 2 ** 31 - 1), 10_000),
    handshakesMax: numberOption('handshakesMax', options.handshakesMax, whole(1, 65_536), 256),
  })
}

/** What both Node's servers and its sockets take. */
export type Credentials = SecureContextOptions & { readonly sessionIdContext: string }

/** Throws `INK_BAD_OPTION` with OpenSSL's reason; keys are not repeated. */
export function makeCredentials(
  where: string,
  given: TlsCertificates,
): { credentials: Credentials; context: SecureContext } {
  for (const name of ['key', 'cert', 'ca'] as const)
    if (!isPem(given[name])) throw badOption(`${where} needs ${name}, as PEM, got ${describeType(given[name])}`)
  if (given.crl !== undefined && !isPem(given.crl))
    throw badOption(`${where} crl must be PEM, got ${describeType(given.crl)}`)
  const { key, passphrase, cert, ca, crl } = given
  const credentials = {
    key: bufferOf(key),
    cert: bufferOf(cert),
    ca: [ca].flat().map(bufferOf),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(crl === undefined ? {} : { crl: [crl].flat().map(bufferOf) }),
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    sessionIdContext: SESSION_CONTEXT,
  } as const
  try {
    return { credentials, context: nodeTls().createSecureContext(credentials) }
  } catch (thrown) {
    throw badOption(`${where} cannot use these certificates: ${asError(thrown).message}`)
  }
}

/** Only what belongs to certificates. */
export function onlyCertificates(where: string, given: TlsCertificates): TlsCertificates {
  optionObject(where, given, CERTIFICATES)
  return given
}

function isPem(given: unknown): given is Pem | readonly Pem[] {
  if (Array.isArray(given)) return given.length > 0 && given.every((one) => isPem(one) && !Array.isArray(one))
  return (typeof given === 'string' && given !== '') || isBytes(given)
}

function bufferOf(pem: Pem): Buffer {
  return typeof pem === 'string' ? Buffer.from(pem) : Buffer.from(pem.slice())
}
