/**
 * The frames that pass a proxy in the clear: the link can be cut at a place in one of them, and one can be altered.
 */
import { TAG, tagName } from '../../../src/ceph/msgr2/format.ts'
import { FrameDecoder, type FrameReceiver } from '../../../src/ceph/msgr2/frame-decoder.ts'
import { emptyPreamble, readPreamble, segmentCrc } from '../../../src/ceph/msgr2/preamble.ts'
import type { TcpProxy, Way } from '../../support/tcp-proxy.ts'
import { CONTEXT } from '../../support/ceph/captures.ts'

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
}

/** In the n-th frame that passes from now on, of that name if one is given, whichever link and way it takes. */
export interface Place {
  readonly name?: string
  readonly nth: number
  /** So many bytes before its end; 0 is right behind it. */
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
  readonly #proxies: readonly TcpProxy[]
  #cut: Place | undefined
  /** Of the frames that the place counts, those that have passed. */
  #counted = 0

  constructor(...proxies: TcpProxy[]) {
    this.#proxies = proxies
    for (const proxy of proxies) this.#listen(proxy)
  }

  #listen(proxy: TcpProxy): void {
    const streams = new Map<string, FrameDecoder>()
    let at = 0
    proxy.tap = (bytes, way, link) => {
      const key = `${link} ${way}`
      let stream = streams.get(key)
      if (stream === undefined) {
        stream = watcher((name, payload, lengths) => {
          this.seen.push({ link, way, name, payload, lengths })
          // What began in an earlier chunk has passed already.
          const cut = this.#reached(name)
          if (cut !== undefined) proxy.cutAfter(Math.max(1, at - cut.before))
        })
        streams.set(key, stream)
      }
      for (at = 1; at <= bytes.length; at++) stream.receive(bytes.subarray(at - 1, at))
    }
  }

  /** Cuts the link that gets there, once. */
  cutAt(place: Place): void {
    this.#cut = place
    this.#counted = 0
  }

  /** Takes that back, and what was said to the proxies. */
  cutNowhere(): void {
    this.#cut = undefined
    for (const proxy of this.#proxies) proxy.cutAfter(Infinity)
  }

  /** Behind every frame that was seen, and in the middle of every part of the messages. */
  places(): Place[] {
    const frames = this.seen.filter(({ name }) => !name.startsWith(NOT_UNDERSTOOD))
    const messages = frames.filter(({ name }) => name === MESSAGE)
    return [
      ...frames.map((_, index) => ({ nth: index + 1, before: 0 })),
      ...messages.flatMap(({ lengths }, index) =>
        middles(lengths).map((before) => ({ name: MESSAGE, nth: index + 1, before: Math.floor(before) })),
      ),
    ]
  }

  #reached(name: string): Place | undefined {
    const cut = this.#cut
    if (cut === undefined || (cut.name ?? name) !== name || ++this.#counted < cut.nth) return undefined
    this.#cut = undefined
    return cut
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

const MESSAGE = 'MESSAGE'
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
      tell(MESSAGE, NOTHING, [...lengths])
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
