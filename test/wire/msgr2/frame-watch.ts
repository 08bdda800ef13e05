/**
 * The frames that pass a proxy in the clear, with where each of them ends; one can be altered on its way.
 */
import { TAG, tagName } from '../../../src/wire/msgr2/format.ts'
import { FrameDecoder, type FrameReceiver } from '../../../src/wire/msgr2/frame-decoder.ts'
import { emptyPreamble, readPreamble, segmentCrc } from '../../../src/wire/msgr2/preamble.ts'
import type { TcpProxy, Way } from '../../support/tcp-proxy.ts'
import { CONTEXT } from './captures.ts'

export interface SeenFrame {
  /** Number of the link at its proxy, from 1. */
  readonly link: number
  readonly way: Way
  /** `BANNER` or as Ceph calls it. */
  readonly name: string
  /** Of a control frame. */
  readonly payload: Uint8Array
  /** Of a message: header, front, middle and data. */
  readonly lengths: readonly number[]
  /** Where it ends, in bytes over both directions and all links of the proxy. */
  readonly end: number
}

const NOTHING = new Uint8Array(0)
const PREAMBLE_BYTES = 32
/** Of the length of the first segment, in a preamble. */
const LENGTH_AT = 2

/** What passes from now on; links that are there already are not understood. */
export function watchFrames(proxy: TcpProxy): SeenFrame[] {
  const seen: SeenFrame[] = []
  const decoders = new Map<string, FrameDecoder>()
  let passed = 0
  proxy.tap = (bytes, way, link) => {
    const key = `${link} ${way}`
    let decoder = decoders.get(key)
    if (decoder === undefined) {
      decoder = watcher((name, payload, lengths) => seen.push({ link, way, name, payload, lengths, end: passed }))
      decoders.set(key, decoder)
    }
    for (let at = 0; at < bytes.length; at++) {
      passed++
      decoder.receive(bytes.subarray(at, at + 1))
    }
  }
  return seen
}

function watcher(tell: (name: string, payload: Uint8Array, lengths: readonly number[]) => void): FrameDecoder {
  const receiver: FrameReceiver = {
    banner: () => {
      tell('BANNER', NOTHING, [])
    },
    refuses: () => null,
    control: (tag, payload) => {
      tell(tagName(tag) ?? `${tag}`, payload, [])
    },
    header: () => null,
    message: (_header, _body, _offset, lengths) => {
      tell('MESSAGE', NOTHING, [...lengths])
    },
    fault: (_code, reason) => {
      tell(`not understood: ${reason}`, NOTHING, [])
    },
  }
  const decoder = new FrameDecoder(receiver, CONTEXT)
  decoder.authenticated()
  decoder.takeTranscript()
  return decoder
}

/** Changes the first SESSION_RECONNECT that passes, when all of it is in one chunk, and makes its checksum right again. */
export function alterReconnect(proxy: TcpProxy, alter: (numbers: BigUint64View) => void): void {
  const { tap } = proxy
  let done = false
  proxy.tap = (bytes, way, link) => {
    const at = done ? -1 : frameStart(bytes, TAG.SESSION_RECONNECT)
    if (at >= 0) {
      done = true
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      const start = at + PREAMBLE_BYTES
      const end = start + view.getUint32(at + LENGTH_AT, true)
      alter(new BigUint64View(bytes.subarray(end - 40, end)))
      view.setUint32(end, segmentCrc(bytes, start, end), true)
    }
    tap?.(bytes, way, link)
  }
}

function frameStart(bytes: Uint8Array, tag: number): number {
  const preamble = emptyPreamble()
  for (let at = 0; at + PREAMBLE_BYTES <= bytes.length; at++) {
    if (bytes[at] === tag && readPreamble(bytes, at, preamble) === null) return at
  }
  return -1
}

/** The five numbers at the end of a SESSION_RECONNECT. */
export class BigUint64View {
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  set(name: 'clientCookie' | 'serverCookie' | 'globalSeq' | 'connectSeq' | 'messageSeq', value: bigint): void {
    const at = { clientCookie: 0, serverCookie: 8, globalSeq: 16, connectSeq: 24, messageSeq: 32 }[name]
    this.#view.setBigUint64(at, value, true)
  }
}
