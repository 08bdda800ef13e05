/**
 * Explains one direction of Ceph's msgr2 in the clear, with the decoder of `inkwire/ceph`.
 *
 * Limits: an encrypted link is explained until encryption begins; the framing is 2.1 when this side offers it. Memory: one frame, of
 * at most 128 MiB.
 */
import { toHex } from '../../common/bytes.ts'
import type { InkwireErrorCode } from '../../common/errors.ts'
import { readUint16 } from '../../wire/native/bytes.ts'
import { formatEntity, type EntityAddress } from '../../ceph/msgr2/address.ts'
import { BANNER_BYTES, type Banner } from '../../ceph/msgr2/banner.ts'
import { Malformed } from '../../ceph/msgr2/codec.ts'
import * as frames from '../../ceph/msgr2/control-frames.ts'
import { BANNER_FEATURE, CON_MODE, PREAMBLE_BYTES, TAG, entityType, tagName } from '../../ceph/msgr2/format.ts'
import { FrameDecoder, type FrameReceiver } from '../../ceph/msgr2/frame-decoder.ts'
import { Layout } from '../../ceph/msgr2/frame-layout.ts'
import type { MessageHeader } from '../../ceph/msgr2/message-header.ts'
import { emptyPreamble, readPreamble } from '../../ceph/msgr2/preamble.ts'
import { fieldsOf, shown, told, type Allocate, type Explainer, type Field, type Hearer } from './piece.ts'

const MESSAGE_BYTES_MAX = 128 * 1024 * 1024
const SEGMENTS = ['front', 'middle', 'data'] as const

type Reader = (payload: Uint8Array) => object

const number = (name: string): Reader => {
  return (payload) => ({ [name]: frames.readNumber(payload) })
}
const blob: Reader = (payload) => ({ payload: frames.readBlob(payload) })
const stamp: Reader = (payload) => ({ time: new Date(frames.readStamp(payload)).toISOString() })

const READERS: Readonly<Record<number, Reader>> = {
  [TAG.HELLO]: (payload) => {
    const { entityBit, seen } = frames.readHello(payload)
    return { entity: entityType(entityBit) ?? entityBit, seen: formatEntity(seen) }
  },
  [TAG.AUTH_REQUEST]: frames.readAuthRequest,
  [TAG.AUTH_BAD_METHOD]: frames.readAuthBadMethod,
  [TAG.AUTH_REPLY_MORE]: blob,
  [TAG.AUTH_REQUEST_MORE]: blob,
  [TAG.AUTH_DONE]: frames.readAuthDone,
  [TAG.AUTH_SIGNATURE]: (payload) => ({ signature: frames.readSignature(payload) }),
  [TAG.CLIENT_IDENT]: (payload) => {
    const { addresses, target, ...rest } = frames.readClientIdent(payload)
    return { addresses: texts(addresses), target: formatEntity(target), ...rest }
  },
  [TAG.SERVER_IDENT]: (payload) => named(frames.readServerIdent(payload)),
  [TAG.IDENT_MISSING_FEATURES]: number('features'),
  [TAG.SESSION_RECONNECT]: (payload) => named(frames.readReconnect(payload)),
  [TAG.SESSION_RESET]: (payload) => ({ full: frames.readBool(payload) }),
  [TAG.SESSION_RETRY]: (payload) => ({ connectSeq: frames.readConnectSeq(payload) }),
  [TAG.SESSION_RETRY_GLOBAL]: (payload) => ({ globalSeq: frames.readGlobalSeq(payload) }),
  [TAG.SESSION_RECONNECT_OK]: number('messageSeq'),
  [TAG.WAIT]: () => ({}),
  [TAG.KEEPALIVE2]: stamp,
  [TAG.KEEPALIVE2_ACK]: stamp,
  [TAG.ACK]: number('seq'),
  [TAG.COMPRESSION_REQUEST]: frames.readCompressionRequest,
  [TAG.COMPRESSION_DONE]: frames.readCompressionDone,
}

export class Msgr2Explainer implements Explainer, FrameReceiver {
  current = 'banner'
  readonly #hearer: Hearer
  readonly #max: number
  readonly #frames: FrameDecoder
  readonly #preamble = emptyPreamble()
  #layout = new Layout(1)
  #expects: 'banner' | 'frames' | 'secrets' = 'banner'
  #at = 0
  #head = new Uint8Array(0)
  #total = BANNER_BYTES
  /** The frame before this one. */
  #before = ''

  constructor(hearer: Hearer, max: number, allocate: Allocate) {
    this.#hearer = hearer
    this.#max = max
    const limits = { handshakeBytes: Infinity, frameBytes: MESSAGE_BYTES_MAX }
    this.#frames = new FrameDecoder(this, { limits, allocate })
    this.#frames.authenticated()
    // Not kept: nothing is signed here.
    this.#frames.takeTranscript()
  }

  get headBytes(): number {
    return this.#expects === 'banner' ? BANNER_BYTES : PREAMBLE_BYTES
  }

  begin(head: Uint8Array, at: number): number {
    this.#at = at
    this.#head = head.slice()
    if (this.#expects === 'banner') {
      this.#expects = 'frames'
      this.#frames.receive(head)
      return head.length
    }
    if (this.#expects === 'secrets') {
      this.#stop(null, 'the link is encrypted from here on (AUTH_DONE chose the secure mode)')
      return head.length
    }
    this.#before = this.current
    const preamble = this.#preamble
    this.#total = head.length
    this.current = 'frame'
    if (readPreamble(head, 0, preamble) === null) {
      const layout = this.#layout
      this.current = tagName(preamble.tag) ?? `frame ${preamble.tag}`
      this.#total += layout.firstBytes(preamble) + layout.bodyBytes(preamble) + layout.tailBytes(preamble)
    }
    const total = this.#total
    this.#frames.receive(head)
    return total
  }

  take(bytes: Uint8Array): void {
    this.#frames.receive(bytes)
  }

  // What the decoder tells.

  banner({ supported, required }: Banner): void {
    const revision = (supported & BANNER_FEATURE.REVISION_1) !== 0n ? 1 : 0
    this.#layout = new Layout(revision)
    this.#frames.use(revision)
    const at = this.#at
    this.#piece([
      { at, name: 'magic', value: 'ceph v2\\n' },
      { at: at + 8, name: 'length', value: readUint16(this.#head, 8) },
      { at: at + 10, name: 'supported', value: told(supported, 0) },
      { at: at + 10, name: 'framing', value: `2.${revision}, when the other side offers it, too` },
      { at: at + 18, name: 'required', value: told(required, 0) },
    ])
  }

  refuses(): null {
    return null
  }

  control(tag: number, payload: Uint8Array): void {
    const fields = this.#preambleFields('matches')
    let wrong: string | null = null
    try {
      const read = READERS[tag]?.(payload) ?? { payload }
      fields.push(...fieldsOf(read, this.#at + PREAMBLE_BYTES, this.#max))
      if (tag === TAG.AUTH_DONE && frames.readAuthDone(payload).mode === CON_MODE.SECURE) this.#expects = 'secrets'
    } catch (thrown) {
      if (!(thrown instanceof Malformed)) throw thrown
      wrong = `${this.current}: ${thrown.message}`
    }
    this.#piece(fields)
    if (wrong !== null) this.#stop('INK_INCOMPATIBLE', wrong)
  }

  header(_header: MessageHeader, bytes: number): string | null {
    return bytes <= MESSAGE_BYTES_MAX ? null : `a message of ${bytes} bytes; at most ${MESSAGE_BYTES_MAX} are read here`
  }

  message(header: MessageHeader, body: Uint8Array, offset: number, lengths: readonly number[]): void {
    const fields = [...this.#preambleFields('matches'), ...fieldsOf(header, this.#at + PREAMBLE_BYTES, this.#max)]
    let from = offset
    SEGMENTS.forEach((name, index) => {
      const length = lengths[index + 1]!
      const at = this.#at + PREAMBLE_BYTES
      if (length > 0) fields.push({ at, name, value: shown(body.subarray(from, from + length), this.#max) })
      from += length
    })
    this.#piece(fields)
  }

  fault(code: InkwireErrorCode, reason: string): void {
    const mayBeSecret = this.current === 'frame' && this.#before.startsWith('AUTH_REQUEST')
    if (this.current !== 'frame' && this.current !== 'banner')
      this.#piece(this.#preambleFields(code === 'INK_RESET' ? 'does not match' : 'not checked'))
    this.#stop(code, mayBeSecret ? `${reason}; a link in secure mode is encrypted from here on` : reason)
  }

  #preambleFields(checksum: 'matches' | 'does not match' | 'not checked'): Field[] {
    const at = this.#at
    const { tag, count, lengths } = this.#preamble
    return [
      { at, name: 'tag', value: tag },
      { at: at + 1, name: 'segments', value: count },
      { at: at + 2, name: 'lengths', value: lengths.slice(0, count) },
      { at: at + 26, name: 'flags', value: this.#head[26]! },
      { at: at + 28, name: 'preamble checksum', value: { stated: toHex(this.#head.subarray(28)), verdict: 'matches' } },
      { at: at + PREAMBLE_BYTES, name: 'segment checksums', value: { verdict: checksum } },
    ]
  }

  #piece(fields: readonly Field[]): void {
    this.#hearer.piece({ at: this.#at, bytes: this.#total, frame: this.current, fields })
  }

  #stop(code: InkwireErrorCode | null, reason: string): void {
    this.#frames.stop()
    this.#hearer.stop({ at: this.#at, code, reason })
  }
}

function texts(addresses: readonly EntityAddress[]): string[] {
  return addresses.map(formatEntity)
}

function named({ addresses, ...rest }: { readonly addresses: readonly EntityAddress[] }): object {
  return { addresses: texts(addresses), ...rest }
}
