/** `inkwire decode`: what bytes of one direction of a link say, frame by frame and field by field. */
import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { wordsOf } from '../common/errors.ts'
import { fromHex } from '../common/bytes.ts'
import { counted } from '../observe/words.ts'
import { EXIT, Unreachable, UsageError, numberOf, textOf, type Command, type Context, type Values } from './command.ts'
import type { Hearer, Piece, Stop } from './decode/piece.ts'
import { painted, plain } from './paint.ts'

export const decode: Command = {
  name: 'decode',
  summary: 'explains captured bytes of one direction of a link: native frames, and those of msgr2',
  usage: '[file] | --hex digits',
  args: [0, 1],
  options: { hex: { type: 'string' }, bytes: { type: 'string' }, json: { type: 'boolean' } },
  about: {
    hex: 'hexadecimal digits in the place of a file; spaces, and comments from # to the end of a line, are left out',
    bytes: 'so many bytes of each body are shown; default 16, at most 65,536',
    json: 'JSON for machines: a line for each banner and frame, and one for the end',
  },
  help: `Without a file, or with -, it reads what is piped in. The bytes begin with a banner or, in the native protocol, with any frame.
Each line begins with its offset. docs/PROTOCOL.md has the tables. Exit code 1 when bytes are cut off, altered or wrong: the reason and
the offset come last. What one direction alone does not show is not judged: order, credit, sequence numbers.

  inkwire decode dialler.bin
  tshark -r link.pcap -q -z follow,tcp,raw,0 | grep -v '^\\s' | grep -E '^[0-9a-f]+$' | xxd -r -p | inkwire decode
  inkwire decode --hex '10 00 0000 08000000 3165849d 0a06636c6f736564'`,
  async run({ context, values, args }) {
    const max = numberOf(values, 'bytes', 16, 0, 65_536)
    const report = values['json'] === true ? new Lines(context) : new Pages(context)
    const { Decoding } = await import('./decode/stream.ts')
    const decoding = new Decoding(report, max)
    try {
      for await (const chunk of input(context, values, args[0])) {
        decoding.receive(chunk)
        if (decoding.isOver || context.signal.aborted) break
      }
    } catch (thrown) {
      // Ctrl-C closes what is read.
      if (!context.signal.aborted) throw thrown
    }
    if (context.signal.aborted) decoding.interrupt()
    else decoding.end()
    report.finish()
    return report.stopped === null ? EXIT.ok : EXIT.unwell
  },
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

/** Counts what is said, and keeps how it ended. */
abstract class Report implements Hearer {
  readonly context: Context
  readonly frames = new Map<string, number>()
  stopped: Stop | null = null
  bytes = 0

  constructor(context: Context) {
    this.context = context
  }

  piece(piece: Piece): void {
    this.frames.set(piece.frame, (this.frames.get(piece.frame) ?? 0) + 1)
    this.bytes = piece.at + piece.bytes
    this.say(piece)
  }

  stop(stop: Stop): void {
    this.stopped = stop
    this.bytes = stop.at
  }

  abstract say(piece: Piece): void
  abstract finish(): void
}

/** For machines. */
class Lines extends Report {
  say(piece: Piece): void {
    this.context.out(`${JSON.stringify(piece)}\n`)
  }

  finish(): void {
    const { bytes, frames, stopped } = this
    this.context.out(`${JSON.stringify({ end: { bytes, frames: Object.fromEntries(frames), stopped } })}\n`)
  }
}

/** For people. */
class Pages extends Report {
  say({ at, bytes, frame, fields }: Piece): void {
    const { context } = this
    const lines = fields.flatMap((field) => {
      const { value } = field
      if (!Array.isArray(value) || value.every(isScalar)) return [line(field.at, field.name, textOfValue(value))]
      return value.map((one, index) => line(field.at, `${field.name}[${index}]`, textOfValue(one)))
    })
    context.out(
      `${offset(at)}  ${painted(context.terminal, 'bold', plain(frame))}, ${counted(bytes, 'byte')}\n${lines.join('')}`,
    )
  }

  finish(): void {
    const { context, stopped, bytes, frames } = this
    const list = [...frames].map(([name, count]) => `${plain(name)} ${count}`).join(', ')
    if (stopped === null) {
      context.out(`${painted(context.terminal, 'green', `all of ${counted(bytes, 'byte')} explained`)}: ${list}\n`)
      return
    }
    const { at, code, reason } = stopped
    const text = `stops at ${at}: ${code === null ? '' : `${code}: `}${plain(reason)}`
    context.out(`${painted(context.terminal, 'red', text)}\n`)
  }
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
