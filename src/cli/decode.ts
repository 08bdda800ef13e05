/** `inkwire decode`: what bytes of one direction of a link say, or all links of a capture, frame by frame and field by field. */
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { wordsOf } from '../common/errors.ts'
import { concat, fromHex } from '../common/bytes.ts'
import { counted } from '../observe/words.ts'
import { EXIT, Unreachable, UsageError, numberOf, textOf, type Command, type Context, type Values } from './command.ts'
import type { Hearer, Piece, Stop, Way } from './decode/piece.ts'
import { painted, plain } from './paint.ts'

/** As many bytes tell a capture from anything else. */
const HEAD_BYTES = 4

export const decode: Command = {
  name: 'decode',
  summary: 'explains a capture file, or bytes of one direction of a link: native frames, and those of msgr2',
  usage: '[file] | --hex digits',
  args: [0, 1],
  options: { hex: { type: 'string' }, bytes: { type: 'string' }, link: { type: 'string' }, json: { type: 'boolean' } },
  about: {
    hex: 'hexadecimal digits in the place of a file; spaces, and comments from # to the end of a line, are left out',
    bytes: 'so many bytes of each body are shown; default 16, at most 65,536',
    link: 'of a capture, this link only; they are counted from 1',
    json: 'JSON for machines: a line for each banner and frame, and one for the end',
  },
  exits: {
    ok: 'all is explained',
    unwell: 'bytes are cut off, missing, altered, wrong or encrypted',
    unreachable: 'there is no such file',
  },
  help: `Without a file, or with -, it reads what is piped in. A capture file is known by how it begins: every TCP connection in it
that begins with a banner is explained, both directions in the order in which they were seen, and other traffic is counted. Anything
else is one direction of a link, and begins with a banner or, in the native protocol, with any frame. What TLS hides stays hidden.
Each line begins with its offset in its direction. docs/PROTOCOL.md has the tables. What is wrong comes last, with its reason and its
offset. Order, credit and sequence numbers are not judged.

  tcpdump -i any -s 0 -w link.pcap 'tcp port 6800'   then   inkwire decode link.pcap
  inkwire decode --link 2 --bytes 64 link.pcap
  inkwire decode dialler.bin
  inkwire decode --hex '10 00 0000 08000000 3165849d 0a06636c6f736564'`,
  async run({ context, values, args }) {
    const max = numberOf(values, 'bytes', 16, 0, 65_536)
    const only = values['link'] === undefined ? null : numberOf(values, 'link', 1, 1, 1_000_000)
    const report = values['json'] === true ? new Lines(context, only) : new Pages(context, only)
    const { CaptureDecoding, Decoding, isCapture } = await import('./decode/all.ts')
    let decoding: InstanceType<typeof CaptureDecoding> | InstanceType<typeof Decoding> | null = null
    try {
      for await (const chunk of withWholeHead(input(context, values, args[0]))) {
        decoding ??= isCapture(chunk) ? new CaptureDecoding(report, max) : new Decoding(report, max)
        decoding.receive(chunk)
        if (decoding.isOver || context.signal.aborted) break
      }
    } catch (thrown) {
      // Ctrl-C closes what is read.
      if (!context.signal.aborted) throw thrown
    }
    decoding ??= new Decoding(report, max)
    if (context.signal.aborted) decoding.giveUp('it was interrupted')
    else decoding.end()
    report.finish(decoding instanceof CaptureDecoding ? decoding : null)
    return report.stops.length === 0 ? EXIT.ok : EXIT.unwell
  },
}

/** The first chunk shows what it is that is read: a capture, or a link. */
async function* withWholeHead(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let head: Uint8Array | null = new Uint8Array(0)
  for await (const chunk of chunks) {
    if (head === null) yield chunk
    else {
      head = concat([head, chunk])
      if (head.length < HEAD_BYTES) continue
      yield head
      head = null
    }
  }
  if (head !== null && head.length > 0) yield head
}

async function* input(context: Context, values: Values, file: string | undefined): AsyncIterable<Uint8Array> {
  const hex = textOf(values, 'hex')
  if (hex !== null) {
    if (file !== undefined) throw new UsageError('write a file or --hex, not both')
    const digits = hex.replaceAll(/#.*$/gm, '').replaceAll(/\s+/g, '')
    if (!/^([0-9a-f]{2})+$/i.test(digits)) throw new UsageError('--hex is an even number of hexadecimal digits')
    yield fromHex(digits)
    return
  }
  if (file === undefined || file === '-') {
    yield* context.stdin()
    return
  }
  try {
    yield* createReadStream(resolve(context.cwd, file)) as AsyncIterable<Uint8Array>
  } catch (thrown) {
    throw new Unreachable(`${plain(file)} cannot be read: ${wordsOf(thrown)}`)
  }
}

/** What a capture has beside its links. */
interface Counted {
  readonly packets: number
  readonly links: number
  readonly passedOver: ReadonlyMap<string, number>
}

/** Counts what is said, and keeps how it ended. */
abstract class Report implements Hearer {
  readonly context: Context
  readonly frames = new Map<string, number>()
  readonly stops: Stop[] = []
  bytes = 0
  /** Of a capture, the link that is asked about; null: all. */
  readonly #only: number | null

  constructor(context: Context, only: number | null) {
    this.context = context
    this.#only = only
  }

  piece(piece: Piece): void {
    if (!this.#isAsked(piece)) return
    this.frames.set(piece.frame, (this.frames.get(piece.frame) ?? 0) + 1)
    this.bytes = piece.at + piece.bytes
    this.say(piece)
  }

  stop(stop: Stop): void {
    if (!this.#isAsked(stop)) return
    this.stops.push(stop)
    this.bytes = stop.at
  }

  /** `capture` is null for the bytes of one direction. */
  abstract finish(capture: Counted | null): void
  protected abstract say(piece: Piece): void

  #isAsked({ way }: Piece | Stop): boolean {
    return this.#only === null || way === undefined || way.link === this.#only
  }
}

/** For machines. */
class Lines extends Report {
  finish(capture: Counted | null): void {
    const { bytes, stops } = this
    const frames = Object.fromEntries(this.frames)
    const { packets, links } = capture ?? {}
    const end =
      capture === null
        ? { bytes, frames, stopped: stops[0] ?? null }
        : { packets, links, passedOver: Object.fromEntries(capture.passedOver), frames, stops }
    this.context.out(`${JSON.stringify({ end })}\n`)
  }

  protected say(piece: Piece): void {
    this.context.out(`${JSON.stringify(piece)}\n`)
  }
}

/** For people. */
class Pages extends Report {
  #lastWay = ''

  finish(capture: Counted | null): void {
    const { context, bytes, frames, stops } = this
    const list = [...frames].map(([name, count]) => `${plain(name)} ${count}`).join(', ')
    for (const { way, at, code, reason } of stops) {
      const where = way === undefined ? '' : `${textOfWay(way)} `
      const text = `${where}stops at ${at}: ${code === null ? '' : `${code}: `}${plain(reason)}`
      context.out(`${painted(context.terminal, 'red', text)}\n`)
    }
    if (capture !== null) {
      const others = [...capture.passedOver].map(([why, count]) => `; ${counted(count, 'packet')} ${plain(why)}`)
      const what = `${counted(capture.links, 'link')} in ${counted(capture.packets, 'packet')}`
      context.out(`${what}${list === '' ? '' : `: ${list}`}${others.join('')}\n`)
    } else if (stops.length === 0) {
      context.out(`${painted(context.terminal, 'green', `all of ${counted(bytes, 'byte')} explained`)}: ${list}\n`)
    }
  }

  protected say({ at, bytes, frame, fields, way, afterMs }: Piece): void {
    const { context } = this
    if (way !== undefined && textOfWay(way) !== this.#lastWay) {
      this.#lastWay = textOfWay(way)
      context.out(`${painted(context.terminal, 'dim', this.#lastWay)}, after ${((afterMs ?? 0) / 1000).toFixed(6)} s\n`)
    }
    const lines = fields.flatMap((field) => {
      const { value } = field
      if (!Array.isArray(value) || value.every(isScalar)) return [line(field.at, field.name, textOfValue(value))]
      return value.map((one, index) => line(field.at, `${field.name}[${index}]`, textOfValue(one)))
    })
    context.out(
      `${offset(at)}  ${painted(context.terminal, 'bold', plain(frame))}, ${counted(bytes, 'byte')}\n${lines.join('')}`,
    )
  }
}

function textOfWay({ link, from, to }: Way): string {
  return `link ${link}, ${from} > ${to}`
}

function offset(at: number): string {
  return String(at).padStart(8)
}

function line(at: number, name: string, text: string): string {
  return `${offset(at)}    ${name.padEnd(19)} ${plain(text)}\n`
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

/** On one line: `id a1a1…, marks [received 7, processed 6]`. */
function textOfValue(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((one) => textOfNested(one)).join(', ')
  if (typeof value !== 'object' || value === null) return String(value)
  if ('hex' in value && 'bytes' in value) return textOfBytes(value.hex as string, value.bytes as number)
  const parts = Object.entries(value).map(([name, one]) => `${name} ${textOfNested(one)}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}

function textOfNested(value: unknown): string {
  const text = textOfValue(value)
  return isScalar(value) || (!Array.isArray(value) && 'hex' in (value as object)) ? text : `[${text}]`
}

function textOfBytes(hex: string, bytes: number): string {
  const beginning = hex === '' ? '' : ` ${hex}${hex.length < bytes * 2 ? '…' : ''}`
  return `${counted(bytes, 'byte')}${beginning}`
}
