/** What goes wrong before a TLS connection stands, in words for whoever has to mend it. */
import { asError } from '../common/errors.ts'
import { codeOf, linkEndOf } from './socket-errors.ts'
import { isCertificateCode, wordsFor } from './tls-identity.ts'
import type { LinkEnd } from './transport.ts'

const PLAIN =
  /WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|BAD_RECORD_TYPE|UNEXPECTED_MESSAGE$/

/** OpenSSL's codes, each from where it was seen: what the other end did, or said in an alert. */
const HANDSHAKE: readonly (readonly [code: RegExp, end: LinkEnd, words: string])[] = [
  [
    PLAIN,
    'failed',
    'The other end does not speak TLS: one end has tls://, and the other a scheme without it, such as tcp://',
  ],
  [
    /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS/,
    'failed',
    'The two ends share no version of TLS: this needs 1.3',
  ],
  [/NO_SHARED_CIPHER|HANDSHAKE_FAILURE/, 'failed', 'The two ends share no way to encrypt or to sign'],
  [/DID_NOT_RETURN_A_CERTIFICATE/, 'distrusted', 'The other end shows no certificate'],
  [/ALERT_CERTIFICATE_REQUIRED/, 'distrusted', 'The other end wants a certificate of this one'],
  [/ALERT_CERTIFICATE_EXPIRED/, 'distrusted', 'The other end says that the certificate of this one has expired'],
  [/ALERT_CERTIFICATE_REVOKED/, 'distrusted', 'The other end says that the certificate of this one was revoked'],
  [
    /ALERT_UNKNOWN_CA/,
    'distrusted',
    'The other end does not know the authority that signed the certificate of this one',
  ],
  [
    /ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_UNKNOWN|ACCESS_DENIED|DECRYPT_ERROR)/,
    'distrusted',
    'The other end does not accept the certificate of this one',
  ],
  [/TLS_HANDSHAKE_TIMEOUT/, 'failed', 'The other end did not finish the TLS handshake in time'],
]

/** What an error of a TLS socket means for its link. */
export function tlsEndOf(thrown: unknown, wasOpen: boolean): { readonly end: LinkEnd; readonly message: string } {
  const error = asError(thrown)
  const code = codeOf(error)
  if (isCertificateCode(code))
    return { end: 'distrusted', message: `The certificate of the other end is not accepted: ${wordsFor(code)}.` }
  const known = HANDSHAKE.find(([pattern]) => pattern.test(code))
  if (known !== undefined) return { end: known[1], message: `${known[2]}: ${code}.` }
  if (!wasOpen && code === 'ECONNRESET')
    return {
      end: 'reset',
      message: `The other end broke off in the TLS handshake; maybe it speaks no TLS: ${error.message}.`,
    }
  return linkEndOf(error, wasOpen)
}

/** The other end does not speak TLS at all. */
export function isPlain(error: Error): boolean {
  return PLAIN.test(codeOf(error))
}
