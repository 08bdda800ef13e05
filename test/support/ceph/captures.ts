/**
 * Sessions between real Ceph processes, as they were recorded on a loopback interface: one file per direction.
 *
 * Names: `none-crc-…` and `cephx-…` are Ceph 16 (its tools, monitor and OSD), `reef-…` two messengers of Ceph 18. The
 * keys beside them belonged to clusters that lived for seconds.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { Banner } from '../../../src/ceph/msgr2/banner.ts'
import { writeBanner } from '../../../src/ceph/msgr2/banner.ts'
import { concat } from '../../../src/common/bytes.ts'
import * as frames from '../../../src/ceph/msgr2/control-frames.ts'
import { TAG } from '../../../src/ceph/msgr2/format.ts'
import { FrameDecoder, type FrameReceiver } from '../../../src/ceph/msgr2/frame-decoder.ts'
import { FrameEncoder } from '../../../src/ceph/msgr2/frame-encoder.ts'
import type { MessageHeader } from '../../../src/ceph/msgr2/message-header.ts'
import { OutBuffer } from '../../../src/wire/out-buffer.ts'

const NOTHING = new Uint8Array(0)
const FOLDER = new URL('../ceph-captures/', import.meta.url)
export const LIMITS = { handshakeBytes: 4096, frameBytes: 512 * 1024 }
/** What a decoder needs of its messenger. */
export const CONTEXT = { limits: LIMITS, allocate: (bytes: number) => new Uint8Array(bytes) }

export interface Capture {
  readonly name: string
  /** What the side that dialled sent, and what it got. */
  readonly client: Uint8Array
  readonly server: Uint8Array
}

export function captures(prefix = ''): Capture[] {
  const names = readdirSync(FOLDER).filter((name) => name.startsWith(prefix) && name.endsWith('.s2c.bin'))
  return names.sort().flatMap((file) => {
    const name = file.slice(0, -'.s2c.bin'.length)
    return [{ name, client: load(`${name}.c2s.bin`), server: load(file) }]
  })
}

export function keyringOf(name: 'cephx-crc' | 'cephx-secure'): string {
  return readFileSync(new URL(`${name}.keyring`, FOLDER), 'utf8')
}

function load(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(new URL(file, FOLDER)))
  } catch {
    // One direction of one session is a megabyte of noise; it is not kept.
    return new Uint8Array(0)
  }
}

export type Seen =
  | { readonly kind: 'banner'; readonly banner: Banner }
  | { readonly kind: 'control'; readonly tag: number; readonly payload: Uint8Array }
  | {
      readonly kind: 'message'
      readonly header: MessageHeader
      readonly segments: readonly Uint8Array[]
    }
  | { readonly kind: 'fault'; readonly code: string; readonly reason: string }

/** Everything in a stream. `on` may change the decoder between frames. */
export function decode(bytes: Uint8Array, on: (seen: Seen, decoder: FrameDecoder) => void = () => {}, step = 1 << 30) {
  const all: Seen[] = []
  const tell = (seen: Seen): void => {
    all.push(seen)
    on(seen, decoder)
  }
  const receiver: FrameReceiver = {
    banner: (banner) => {
      tell({ kind: 'banner', banner })
    },
    refuses: () => null,
    control: (tag, payload) => {
      if (tag === TAG.AUTH_DONE || tag === TAG.AUTH_SIGNATURE) decoder.authenticated()
      tell({ kind: 'control', tag, payload })
    },
    header: () => null,
    message: (header, body, offset, lengths) => {
      let at = offset
      const segments = lengths.slice(1).map((length) => body.slice(at, (at += length)))
      tell({ kind: 'message', header: { ...header }, segments })
    },
    fault: (code, reason) => {
      tell({ kind: 'fault', code, reason })
    },
  }
  const decoder = new FrameDecoder(receiver, CONTEXT)
  for (let at = 0; at < bytes.length; at += step) decoder.receive(bytes.subarray(at, at + step))
  return all
}

/** The same things as bytes again, every field written anew. */
export function encode(all: readonly Seen[], on: (seen: Seen, encoder: FrameEncoder) => void = () => {}): Uint8Array {
  const encoder = new FrameEncoder()
  const out = new OutBuffer()
  const parts: Uint8Array[] = []
  for (const seen of all) {
    if (seen.kind === 'banner') parts.push(writeBanner(seen.banner))
    else if (seen.kind === 'control') parts.push(encoder.control(seen.tag, rewrite(seen.tag, seen.payload))!)
    else if (seen.kind === 'message') {
      const [front = NOTHING, middle = NOTHING, data = NOTHING] = seen.segments
      encoder.message(out, seen.header, front, middle, data)
      parts.push(...out.take().map((part) => part.slice()))
    }
    on(seen, encoder)
  }
  return concat(parts)
}

/** Reads and writes the fields of a control frame. */
export function rewrite(tag: number, payload: Uint8Array): Uint8Array {
  switch (tag) {
    case TAG.HELLO:
      return frames.writeHello(frames.readHello(payload))
    case TAG.AUTH_REQUEST:
      return frames.writeAuthRequest(frames.readAuthRequest(payload))
    case TAG.AUTH_BAD_METHOD:
      return frames.writeAuthBadMethod(frames.readAuthBadMethod(payload))
    case TAG.AUTH_REPLY_MORE:
    case TAG.AUTH_REQUEST_MORE:
      return frames.writeBlob(frames.readBlob(payload))
    case TAG.AUTH_DONE:
      return frames.writeAuthDone(frames.readAuthDone(payload))
    case TAG.AUTH_SIGNATURE:
      return frames.readSignature(payload)
    case TAG.CLIENT_IDENT:
      return frames.writeClientIdent(frames.readClientIdent(payload))
    case TAG.SERVER_IDENT:
      return frames.writeServerIdent(frames.readServerIdent(payload))
    case TAG.SESSION_RECONNECT:
      return frames.writeReconnect(frames.readReconnect(payload))
    case TAG.SESSION_RESET:
      return frames.writeBool(frames.readBool(payload))
    case TAG.IDENT_MISSING_FEATURES:
    case TAG.SESSION_RETRY:
    case TAG.SESSION_RETRY_GLOBAL:
    case TAG.SESSION_RECONNECT_OK:
    case TAG.ACK:
      return frames.writeNumber(frames.readNumber(payload))
    case TAG.COMPRESSION_REQUEST:
      return frames.writeCompressionRequest(frames.readCompressionRequest(payload))
    case TAG.COMPRESSION_DONE:
      return frames.writeCompressionDone(frames.readCompressionDone(payload))
    default:
      return payload
  }
}
