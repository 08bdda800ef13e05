/**
 * The Unix socket between two processes that share memory: first their words, then bells, and at last that the other end is gone.
 *
 * A bell is one byte that means nothing by itself. While one is on its way out, another would tell nothing new.
 */
import type { Socket, SocketConstructorOpts } from 'node:net'
import { asError } from '../../common/errors.ts'
import { concat } from '../../common/bytes.ts'
import { nodeNet } from '../../late/modules.ts'
import type { Accepted } from '../socket-listener.ts'
import { BELL, type Read } from './set-up.ts'

/** Longer than any word. */
const WORD_BYTES_MAX = 512
/** One read takes so many bells. */
const READ_BYTES = 512

const RING = Uint8Array.of(BELL)

/** Who listens at the door. */
export interface DoorHandlers {
  /** Bytes came while words are awaited: all that were not taken by `word` yet. */
  words(): void
  /** The other end rang, once or more often. */
  rung(): void
  /** Something else than bells came. */
  nonsense(): void
  /** It is closed, not by `close`; null: in order. */
  closed(error: Error | null): void
}

export class Door {
  handlers!: DoorHandlers
  readonly socket: Socket
  #heard: Uint8Array = new Uint8Array(0)
  /** What is heard: words, then bells, then nothing. */
  #hears: 'words' | 'bells' | 'nothing' = 'words'
  #error: Error | null = null

  constructor(origin: Accepted | 'dial') {
    this.socket = this.#socketOf(origin)
    this.socket.on('error', (error) => (this.#error = error))
    this.socket.on('end', () => this.#lost())
    this.socket.on('close', () => this.#lost())
  }

  /** The next word, if all of it has come. */
  word<Word>(decode: (bytes: Uint8Array) => Read<Word>): Word | undefined | 'nonsense' {
    const read = decode(this.#heard)
    if (read === 'nonsense' || (read === 'more' && this.#heard.length > WORD_BYTES_MAX)) return 'nonsense'
    if (read === 'more') return undefined
    this.#heard = this.#heard.subarray(read.bytes)
    return read.word
  }

  say(word: Uint8Array): void {
    if (this.#hears !== 'nothing') this.socket.write(word)
  }

  /** From now on whatever comes is a bell. What came behind the last word may be some already. */
  open(): void {
    if (this.#hears === 'words') this.#hears = 'bells'
    const heard = this.#heard
    this.#heard = new Uint8Array(0)
    if (heard.length > 0) this.#hear(heard)
  }

  ring(): void {
    if (this.#hears !== 'nothing' && this.socket.writableLength === 0) this.socket.write(RING)
  }

  close(): void {
    if (this.#hears === 'nothing') return
    this.#hears = 'nothing'
    this.socket.destroy()
  }

  /** What was said goes out first; nothing is heard any more, and `close` does nothing. */
  closeBehindWords(): void {
    this.#hears = 'nothing'
    this.socket.end(() => this.socket.destroy())
  }

  #socketOf(origin: Accepted | 'dial'): Socket {
    if (origin !== 'dial' && 'accepted' in origin) {
      origin.accepted.on('data', (bytes: Buffer) => this.#hear(bytes))
      return origin.accepted.resume()
    }
    const buffer = new Uint8Array(READ_BYTES)
    const callback = (count: number): boolean => {
      this.#hear(buffer.subarray(0, count))
      return true
    }
    const options = { allowHalfOpen: false, onread: { buffer, callback } }
    return new (nodeNet().Socket)(
      (origin === 'dial' ? options : { ...options, handle: origin.handle }) as SocketConstructorOpts,
    )
  }

  #hear(bytes: Uint8Array): void {
    switch (this.#hears) {
      case 'words':
        this.#heard = concat([this.#heard, bytes])
        this.handlers.words()
        break
      case 'bells':
        if (bytes.every((byte) => byte === BELL)) this.handlers.rung()
        else this.handlers.nonsense()
        break
      case 'nothing':
    }
  }

  #lost(): void {
    if (this.#hears === 'nothing') return
    this.close()
    this.handlers.closed(this.#error === null ? null : asError(this.#error))
  }
}
