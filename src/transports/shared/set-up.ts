/**
 * What two processes tell each other on a Unix socket before they share memory: three words, of fixed places, and bounded.
 *
 * Who accepts says what it can and a number; who dials makes memory with that number in it and says where it is; who accepts
 * opens it, and says so, or why not. After that each byte on the socket is a bell.
 */

/** Whether memory is mapped, or read and written as a file. */
export type SegmentKind = 'mapped' | 'file'

/** Of who accepts: whether it can map memory, and the number that the memory must bear. */
export interface Hello {
  readonly maps: boolean
  readonly nonce: Uint8Array
}

/** Of who dials: which descriptor of which process it is. */
export interface Offer {
  readonly kind: SegmentKind
  readonly ringBytes: number
  readonly pid: number
  readonly fd: number
}

/** Of who accepts: it has opened the memory, or why not. */
export type Answer = 'taken' | { readonly refused: string }

/** A word that was read, and how many bytes it took; or 'more', or a fault. */
export type Read<Word> = { readonly word: Word; readonly bytes: number } | 'more' | 'nonsense'

export const NONCE_BYTES = 16
export const BELL = 0

/** In front of the words of both: what this is, and its version. */
const MAGIC = Buffer.from('inkring\x01', 'latin1')
const HELLO_BYTES = MAGIC.length + 4 + NONCE_BYTES
const OFFER_BYTES = MAGIC.length + 16
const REASON_BYTES_MAX = 255
const KINDS: readonly SegmentKind[] = ['mapped', 'file']

export function encodeHello({ maps, nonce }: Hello): Uint8Array {
  return Buffer.concat([MAGIC, Uint8Array.of(maps ? 1 : 0, 0, 0, 0), nonce])
}

export function decodeHello(bytes: Uint8Array): Read<Hello> {
  const word = body(bytes, HELLO_BYTES)
  if (typeof word === 'string') return word
  const nonce = word.subarray(4).slice()
  return { word: { maps: (word[0]! & 1) !== 0, nonce }, bytes: HELLO_BYTES }
}

export function encodeOffer({ kind, ringBytes, pid, fd }: Offer): Uint8Array {
  const word = Buffer.alloc(OFFER_BYTES)
  MAGIC.copy(word)
  word.writeUInt8(KINDS.indexOf(kind), 8)
  word.writeUInt32LE(ringBytes, 12)
  word.writeUInt32LE(pid, 16)
  word.writeUInt32LE(fd, 20)
  return word
}

export function decodeOffer(bytes: Uint8Array): Read<Offer> {
  const word = body(bytes, OFFER_BYTES)
  if (typeof word === 'string') return word
  const view = new DataView(word.buffer, word.byteOffset, word.length)
  const kind = KINDS[word[0]!]
  if (kind === undefined) return 'nonsense'
  const [ringBytes, pid, fd] = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)]
  return { word: { kind, ringBytes, pid, fd }, bytes: OFFER_BYTES }
}

export function encodeAnswer(answer: Answer): Uint8Array {
  const reason = Buffer.from(answer === 'taken' ? '' : answer.refused).subarray(0, REASON_BYTES_MAX)
  return Buffer.concat([Uint8Array.of(answer === 'taken' ? 1 : 2, reason.length), reason])
}

export function decodeAnswer(bytes: Uint8Array): Read<Answer> {
  const [says, length] = bytes
  if (says !== undefined && says !== 1 && says !== 2) return 'nonsense'
  if (length === undefined || bytes.length < 2 + length) return 'more'
  // Of somebody else, and for logs: nothing of it may move a terminal.
  const reason = Buffer.from(bytes.subarray(2, 2 + length))
    .toString()
    .replace(/\p{C}/gu, '?')
  return { word: says === 1 ? 'taken' : { refused: reason }, bytes: 2 + length }
}

/** What stands behind the magic, once all of it has come. */
function body(bytes: Uint8Array, length: number): Uint8Array | 'more' | 'nonsense' {
  const known = Math.min(bytes.length, MAGIC.length)
  if (Buffer.compare(bytes.subarray(0, known), MAGIC.subarray(0, known)) !== 0) return 'nonsense'
  return bytes.length < length ? 'more' : bytes.subarray(MAGIC.length, length)
}
