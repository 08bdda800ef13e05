/**
 * A stranger at the door of shared memory: says the words of its set-up as a test wants them, with memory of its own making,
 * and does with that memory what it likes.
 */
import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import process from 'node:process'
import type { Test } from 'tap'
import { decodeAnswer, decodeHello, encodeOffer, type Offer } from '../../src/transports/shared/set-up.ts'
import { systemPath } from '../../src/transports/unix-socket.ts'
import { until } from './until.ts'

/** The front of a segment, and the words of a ring in a file, as segment.ts and file-ring.ts lay them out. */
export const FRONT_BYTES = 128
export const FILE_HEADER_BYTES = 512

export const segmentBytes = (ringBytes: number): number => FRONT_BYTES + 2 * (FILE_HEADER_BYTES + ringBytes)

/** A word and its seal, as a decent process writes them. */
export function sealed(value: number): Uint8Array {
  const slot = new Uint8Array(8)
  const view = new DataView(slot.buffer)
  view.setInt32(0, value, true)
  view.setInt32(4, Math.imul(value, 0x9e3779b1) + 0x5bd1e995, true)
  return slot
}

/** Memory without a name, of so many bytes. */
export function namelessFile(t: Test, bytes: number, mode = 0o600): number {
  const fd = openSync('/dev/shm', constants.O_RDWR | 0o20000000 | constants.O_DIRECTORY, mode)
  t.teardown(() => closeSync(fd))
  ftruncateSync(fd, bytes)
  return fd
}

export class Stranger {
  readonly #socket: Socket
  #heard = Buffer.alloc(0)
  isClosed = false

  constructor(host: string) {
    this.#socket = connect(systemPath(host))
    this.#socket.on('data', (bytes) => (this.#heard = Buffer.concat([this.#heard, bytes])))
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => (this.isClosed = true))
  }

  say(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  leave(): void {
    this.#socket.destroy()
  }

  /** What the number of the other end is. */
  async nonce(): Promise<Uint8Array> {
    await until('a hello', () => typeof decodeHello(this.#heard) === 'object')
    const read = decodeHello(this.#heard)
    if (typeof read === 'string') throw new Error(read)
    this.#heard = this.#heard.subarray(read.bytes)
    return read.word.nonce
  }

  /** Offers memory, and hears 'taken', or why it is not. */
  async offer(offer: Partial<Offer>): Promise<string> {
    this.say(encodeOffer({ kind: 'file', ringBytes: 4096, pid: process.pid, fd: 0, ...offer }))
    await until('an answer', () => typeof decodeAnswer(this.#heard) === 'object')
    const read = decodeAnswer(this.#heard)
    if (typeof read === 'string') throw new Error(read)
    return read.word === 'taken' ? 'taken' : read.word.refused
  }

  /** As a decent process does it. */
  async share(t: Test, ringBytes = 4096): Promise<number> {
    const fd = namelessFile(t, segmentBytes(ringBytes))
    for (const ring of [FRONT_BYTES, FRONT_BYTES + FILE_HEADER_BYTES + ringBytes])
      for (const word of [0, 1, 2, 32, 33, 34]) writeSync(fd, sealed(0), 0, 8, ring + word * 8)
    writeSync(fd, await this.nonce(), 0, 16, 0)
    t.equal(await this.offer({ ringBytes, fd }), 'taken')
    return fd
  }
}
