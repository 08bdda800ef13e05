/**
 * What a messaging library must do to take part: listen, dial, send bytes, and hand over what came.
 *
 * As small as it can be, so that an adapter shows the library and not itself. The receiver looks at the first byte of each
 * message in every subject alike, because a message that nobody looks at is not delivered.
 */
import type { Measured, RunOptions } from './run.ts'

/** Called for every message. The bytes are valid only until it returns. */
export type Receive = (data: Uint8Array, pipe: Pipe) => void

/** One end of a connection. */
export interface Pipe {
  /** Sends; a promise is to be waited for before the next send. What is urgent may overtake, where a library can. */
  send(data: Uint8Array, urgent?: boolean): Promise<void> | undefined
  close(): void | Promise<void>
}

export interface Listening {
  /** What `dial` takes. */
  readonly address: string
  /** Of the process that listens, where that is not this one. */
  readonly pid?: number
  close(): void | Promise<void>
}

/** What a run asks for; a subject uses what it needs. */
export interface SubjectOptions {
  /** Bytes of each message. */
  readonly size: number
  /** How many times it will be dialled. */
  readonly connections: number
  /** `cut()` will be called: links are remembered for that, which costs them. */
  readonly cuts?: boolean
}

export interface Subject {
  listen(options: SubjectOptions, receive: Receive): Promise<Listening>
  /** A connection of its own at each call. Resolves when it can be used. */
  dial(address: string, options: SubjectOptions, receive: Receive): Promise<Pipe>
  /** Where the dialling side is a program of its own: it does all of a run, and this says what came out. */
  drive?(address: string, options: RunOptions): Promise<Measured>
  /** Breaks every link off that was dialled with `cuts`, where sessions outlive their links. */
  cut?(): void
  /** Where the library has requests and replies of its own. Others get those of by-hand.ts. */
  readonly calls?: CallSubject
}

/** Requests and replies, as a library has them. */
export interface CallSubject {
  serve(options: SubjectOptions, answer: Answer): Promise<Listening>
  /** A connection of its own at each call. Resolves when it can be used. */
  dial(address: string, options: SubjectOptions): Promise<Caller>
}

/** The reply to a request. */
export type Answer = (data: Uint8Array) => Uint8Array

/** Who asks. */
export interface Caller {
  call(data: Uint8Array): Promise<Uint8Array>
  close(): void | Promise<void>
}

/** First bytes: an ordinary message, the end of a series, a question that is answered at once, and a report (JSON). */
export const MARK = { ORDINARY: 1, LAST: 2, PROBE: 3, REPORT: 0x7b } as const

/** A message of `size` bytes that begins with the mark. */
export function payload(size: number, mark: number = MARK.ORDINARY): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, 1))
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31) & 0xff
  bytes[0] = mark
  return bytes
}

/** A report as bytes, and back. */
export function encodeReport(report: object): Uint8Array {
  return Buffer.from(JSON.stringify(report))
}

export function decodeReport(data: Uint8Array): unknown {
  return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.length).toString())
}
