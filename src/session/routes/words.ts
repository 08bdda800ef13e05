/**
 * What a peer says of where it can be dialled, after it has said so in HELLO: all of its addresses, as they are from now on.
 *
 * One word has the whole list, so that none depends on one before. A list is a claim like that of HELLO: what may be dialled of it is
 * not decided here. Total: whatever is no such list reads as null. Limits: 8 addresses of at most 256 printable characters, and what fits
 * into the words of a mark; further addresses are left out, those that were bound last.
 */
import { FieldReader, FieldWriter } from '../../common/fields.ts'
import { EXTENSION_BYTES_MAX } from '../../wire/message.ts'
import { ADDRESS, ADDRESSES_MAX, ADDRESS_CHARS_MAX } from '../../wire/native/format.ts'
import { MARK_BYTES } from '../../wire/service.ts'

/** The kind of this word. */
const ALL = 1
/** Words of a mark, without the number of the service. */
const WORDS_BYTES_MAX = EXTENSION_BYTES_MAX - MARK_BYTES

/** `addresses`: printable, of one byte a character. */
export function encodeAddresses(addresses: readonly string[]): Uint8Array {
  const fits: string[] = []
  let bytes = 2
  for (const address of addresses.slice(0, ADDRESSES_MAX)) {
    bytes += 2 + address.length
    if (bytes <= WORDS_BYTES_MAX) fits.push(address)
  }
  const out = new FieldWriter().uint8(ALL).uint8(fits.length)
  for (const address of fits) out.text(address)
  return out.take()
}

/** Null: it is no such word. */
export function decodeAddresses(bytes: Uint8Array): readonly string[] | null {
  const from = new FieldReader(bytes)
  const [kind, count] = [from.uint8(), from.uint8()]
  if (kind !== ALL || count > ADDRESSES_MAX) return null
  const addresses: string[] = []
  while (addresses.length < count && !from.isBad) addresses.push(from.strictText(ADDRESS_CHARS_MAX))
  return from.isAtEnd && addresses.every((address) => ADDRESS.test(address)) ? addresses : null
}
