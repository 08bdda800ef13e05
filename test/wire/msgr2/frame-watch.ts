/**
 * The frames that pass a proxy in the clear: the link can be cut at a place in one of them, and one can be altered.
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
  /** How many came before it, on this link and this way. */
  readonly index: number
  /** `BANNER` or as Ceph calls it. */
  readonly name: string
  /** Of a control frame. */
  readonly payload: Uint8Array
  /** Of a message: header, front, middle and data. */
  readonly lengths: readonly number[]
}

/** So many bytes before the end of a frame; 0 is right behind it. */
export interface Place extends Pick<SeenFrame, 'way' | 'index'> {
  readonly before: number
}

const NOTHING = new Uint8Array(0)
const PREAMBLE_BYTES = 32
const CRC_BYTES = 4
/** Behind the segments of a message: what became of it, and their checksums. */
const EPILOGUE_BYTES = 13
/** Of the length of the first segment, in a preamble. */
const LENGTH_AT = 2

/** Listens from now on; links that are there already are not understood. */
export class FrameWatch {
  readonly seen: SeenFrame[] = []
  readonly #proxy: TcpProxy
  #cut: Place | undefined

  constructor(proxy: TcpProxy) {
    this.#proxy = proxy
    const streams = new Map<string, FrameDecoder>()
    let at = 0
    proxy.tap = (bytes, way, link) => {
      const key = `${link} ${way}`
      let index = 0
      let stream = streams.get(key)
      if (stream === undefined) {
        stream = watcher((name, payload, lengths) => {
          this.#saw({ link, way, index: index++, name, payload, lengths }, at)
        })
        streams.set(key, stream)
      }
      for (at = 1; at <= bytes.length; at++) stream.receive(bytes.subarray(at - 1, at))
    }
  }

  /** Cuts the next link that gets there, once. */
  cutAt(place: Place): void {
    this.#cut = place
  }

  /** Takes that back. */
  cutNowhere(): void {
    this.#cut = undefined
    this.#proxy.cutAfter(Infinity)
  }

  /** Behind every frame of the first link, and in the middle of every part of its messages. */
  places(): Place[] {
    const frames = this.seen.filter(({ link, name }) => link === 1 && !name.startsWith(NOT_UNDERSTOOD))
    return frames.flatMap(({ way, index, lengths }) =>
      [0, ...middles(lengths)].map((before) => ({ way, index, before: Math.floor(before) })),
    )
  }

  /** `end` is where it ends in the chunk that passes now. */
  #saw(frame: SeenFrame, end: number): void {
    this.seen.push(frame)
    if (frame.way !== this.#cut?.way || frame.index !== this.#cut.index) return
    // What began in an earlier chunk has passed already.
    this.#proxy.cutAfter(Math.max(1, end - this.#cut.before))
    this.#cut = undefined
  }
}

/** In the middle of the epilogue, of data, middle, front and header, and of the preamble, from the end. */
function middles(lengths: readonly number[]): number[] {
  if (lengths.length === 0) return []
  const [header = 0, front = 0, middle = 0, data = 0] = lengths
  const tail = front + middle + data > 0 ? EPILOGUE_BYTES : 0
  const places: number[] = []
  let end = 0
  for (const length of [tail, data, middle, front, header + CRC_BYTES, PREAMBLE_BYTES]) {
    if (length > 1) places.push(end + length / 2)
    end += length
  }
  return places
}

const NOT_UNDERSTOOD = 'not understood'

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
      tell(`${NOT_UNDERSTOOD}: ${reason}`, NOTHING, [])
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
