/**
 * The one thing that this transport itself says inside of TLS: why a certificate is not accepted.
 *
 * In TLS 1.3 the end that dials is through before the other has seen its certificate, and Node sends no alert of its own. So who
 * accepts writes one line in place of all else, and ends; who dialled finds it in the first bytes that come. The text is from
 * somebody who is believed already, but shown as data: printable, and short.
 */

const MAGIC = 'INKWIRE-TLS-REFUSED '
const REASON_CHARS_MAX = 200

export function encodeRefusal(reason: string): Uint8Array {
  return new TextEncoder().encode(`${MAGIC}${printable(reason)}\n`)
}

/** The reason, if this is how the first bytes begin. */
export function decodeRefusal(first: Uint8Array): string | null {
  if (first.length < MAGIC.length || first[0] !== MAGIC.charCodeAt(0)) return null
  const text = Buffer.from(first.subarray(0, MAGIC.length + REASON_CHARS_MAX)).toString('latin1')
  return text.startsWith(MAGIC) ? printable(text.slice(MAGIC.length).split('\n', 1)[0]!) : null
}

function printable(text: string): string {
  return text.slice(0, REASON_CHARS_MAX).replaceAll(/[^\x20-\x7e]/g, '?')
}
