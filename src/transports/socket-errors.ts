/** What a socket's error means for its link, and how to say it to a person. */
import { asError } from '../common/errors.ts'
import type { LinkEnd } from './transport.ts'

const REFUSED = ['ECONNREFUSED']
const RESET = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ENOTCONN']
const UNREACHABLE = ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'ENOTFOUND', 'ETIMEDOUT']

/** What a socket's error means for the link; an open link that the network gave up on is reset, not unreachable. */
export function linkEndOf(thrown: unknown, wasOpen: boolean): { end: LinkEnd; message: string } {
  const error = asError(thrown)
  // A name may have several addresses: all were tried, and one where nobody listens says that the host is there.
  const tried = error instanceof AggregateError ? error.errors.map(asError) : [error]
  const codes = tried.map(codeOf)
  const code = codes.find((each) => REFUSED.includes(each)) ?? codes[0] ?? ''
  const detail = tried.map((each, index) => (each.message === '' ? codes[index] : each.message)).join('; ')
  if (RESET.includes(code)) return { end: 'reset', message: `The other side broke the link off: ${detail}.` }
  if (REFUSED.includes(code)) return { end: 'refused', message: `Nobody listens there: ${detail}.` }
  if (UNREACHABLE.includes(code) || code.startsWith('EAI_')) {
    if (wasOpen) return { end: 'reset', message: `The network broke the link off: ${detail}.` }
    return { end: 'unreachable', message: `The host could not be reached: ${detail}.` }
  }
  return { end: 'failed', message: `The socket failed: ${detail}.` }
}

export function codeOf(error: Error & { code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : ''
}
