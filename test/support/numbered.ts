/**
 * Numbered messages of mixed sizes, and the ledger that checks them: law L1, at the speed of the messenger.
 *
 * A stream makes messages that can be told from each other: its id in `version`, a number per lane in `tid`, and bytes
 * that follow from both. The ledger sees at once what is missing, doubled, out of order or altered. It also runs in the
 * processes that peer-process.ts makes, so it imports nothing of the library but types.
 */
import type { Message, MessageInit } from '../../src/index.ts'

/** The message type of numbered messages. */
export const NUMBERED = 1

const SIZE_MAX = 300_000
const SHIFTS = 251
/** Every message's bytes are a window of this. */
const PATTERN = new Uint8Array(SIZE_MAX + SHIFTS).map((_zero, index) => (index * 31 + (index >>> 8)) & 0xff)
const PRIORITIES = [200, 127, 10]
const VIOLATIONS_MAX = 5

export interface StreamShape {
  /** Name of the stream: 0 to 65535. */
  readonly id: number
  /** The largest size in bytes; most messages are far smaller. Default 300,000. */
  readonly bytesMax?: number
  /** True: all three lanes are used. */
  readonly lanes?: boolean
}

/** Makes the messages of one stream. */
export class NumberedStream {
  /** Of all messages that were made. */
  bytes = 0
  readonly #shape: StreamShape
  readonly #made = [0, 0, 0]
  #count = 0

  constructor(shape: StreamShape) {
    this.#shape = shape
  }

  next(): MessageInit {
    const { id, bytesMax = SIZE_MAX, lanes = false } = this.#shape
    const chance = scramble(++this.#count)
    const lane = lanes && chance % 8 < 2 ? (chance % 8) * 2 : 1
    const tid = ++this.#made[lane]!
    const data = bytesOf(id, tid, sizeOf(tid, bytesMax))
    this.bytes += data.length
    return { type: NUMBERED, version: id, tid, priority: PRIORITIES[lane]!, data }
  }
}

/** Checks what arrives of any number of streams. */
export class Ledger {
  /** The first few things that must not be; empty when all is well. */
  readonly violations: string[] = []
  readonly #seen = new Map<number, [number, number, number]>()
  #count = 0

  /** All messages that came. */
  get count(): number {
    return this.#count
  }

  /** Messages of one stream that came. */
  countOf(stream: number): number {
    return (this.#seen.get(stream) ?? [0, 0, 0]).reduce((sum, count) => sum + count)
  }

  /** Other types of messages are not its business. */
  take(message: Message): void {
    if (message.type !== NUMBERED) return
    const { version: stream, tid, priority, data } = message
    const lane = Math.max(0, PRIORITIES.indexOf(priority))
    const seen = this.#seen.get(stream) ?? [0, 0, 0]
    this.#seen.set(stream, seen)
    const expected = seen[lane]! + 1
    if (tid !== expected) this.#complain(`stream ${stream} lane ${lane}: ${tid} came instead of ${expected}`)
    seen[lane] = tid
    this.#count++
    const wanted = bytesOf(stream, tid, data.length)
    if (Buffer.compare(data, wanted) !== 0) this.#complain(`stream ${stream}: the bytes of ${tid} are altered`)
  }

  #complain(what: string): void {
    if (this.violations.length < VIOLATIONS_MAX) this.violations.push(what)
  }
}

/** Sends so many messages, and waits whenever it is told to. */
export async function pump(
  connection: { send(message: MessageInit): boolean; drained(): Promise<void> },
  stream: NumberedStream,
  count: number,
): Promise<void> {
  for (let sent = 0; sent < count; sent++) if (!connection.send(stream.next())) await connection.drained()
}

function bytesOf(stream: number, tid: number, length: number): Uint8Array {
  const shift = (tid * 7 + stream) % SHIFTS
  return PATTERN.subarray(shift, shift + length)
}

/** Most are small; one in ten is up to 16 KiB, one in a thousand as large as may be. */
function sizeOf(tid: number, bytesMax: number): number {
  const chance = scramble(tid + 0x5bd1)
  const kind = chance % 1000
  const span = kind === 0 ? bytesMax : kind < 100 ? 16_384 : 256
  return (chance >>> 10) % (Math.min(span, bytesMax) + 1)
}

function scramble(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x45d9f3b)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
