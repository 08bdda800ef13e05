/**
 * One link of a case: what it says goes out as it is, what comes back is cut into banner and frames, and every wait has an end.
 *
 * What comes is judged by this reader alone, not by the decoder that ships: a mistake of that one would judge itself. Limit: 1 MiB is
 * kept; more than that is a failure of the other side.
 */
import { connect, type Socket } from 'node:net'
import { readUint32 } from '../../wire/native/bytes.ts'
import {
  BANNER_BYTES,
  CHECKSUM_OFFSET,
  CONTROL_HEADER_BYTES,
  MESSAGES_HEADER_BYTES,
  TAG,
  tagName,
} from '../../wire/native/format.ts'
import { checksumOf } from './bytes.ts'

/** A case that is not met: what was seen instead. */
export class NotMet extends Error {}
/** A case that cannot be tried here. */
export class NotApplicable extends Error {}

export interface Frame {
  readonly tag: number
  readonly name: string
  readonly payload: Uint8Array
  readonly bytes: Uint8Array
}

const KEPT_BYTES_MAX = 1 << 20
const SLICE_MS = 50

export class RawDial {
  readonly #socket: Socket
  readonly #timeoutMs: number
  #bytes = new Uint8Array(0)
  #banner: Uint8Array | null = null
  /** Why nothing comes any more; null: it may. */
  #ended: string | null = null
  #wake: () => void = () => undefined

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
    socket.on('data', (chunk: Buffer) => {
      const kept = this.#bytes
      this.#bytes = new Uint8Array(kept.length + chunk.length)
      this.#bytes.set(kept)
      this.#bytes.set(chunk, kept.length)
      if (this.#bytes.length > KEPT_BYTES_MAX) this.#over(`it sent more than ${KEPT_BYTES_MAX} bytes`)
      this.#wake()
    })
    socket.on('end', () => {
      this.#over('it ended the link')
    })
    socket.on('error', (error) => {
      this.#over(error.message)
    })
    socket.on('close', () => {
      this.#over('it closed the link')
    })
  }

  /** @throws Error when nobody listens there. */
  static async to(
    { host, port }: { readonly host: string; readonly port: number },
    timeoutMs: number,
  ): Promise<RawDial> {
    const socket = connect({ host, port, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        socket.destroy()
        reject(new Error(`${host}:${port} does not answer within ${timeoutMs} ms`))
      }, timeoutMs)
      socket.once('error', reject)
      socket.once('connect', () => {
        clearTimeout(late)
        socket.off('error', reject)
        resolve()
      })
    })
    return new RawDial(socket, timeoutMs)
  }

  /** What was said to a link that is over already is lost, as on any link. */
  say(bytes: Uint8Array): void {
    if (this.#ended === null) this.#socket.write(bytes)
  }

  /** No more is said; what comes is still heard. */
  finish(): void {
    this.#socket.end()
  }

  cut(): void {
    this.#socket.destroy()
  }

  /** Its banner, as it came. */
  async banner(): Promise<Uint8Array> {
    if (this.#banner === null) {
      await this.#until('its banner', () => this.#bytes.length >= BANNER_BYTES)
      this.#banner = this.#take(BANNER_BYTES)
    }
    return this.#banner
  }

  /** The next frame that has one of these tags. @throws NotMet when another one comes, none, or its checksum is wrong. */
  async frame(...tags: number[]): Promise<Frame> {
    await this.banner()
    const wanted = tags.map((tag) => tagName(tag) ?? `frame ${tag}`).join(' or ')
    const next = await this.#next(wanted)
    if (!tags.includes(next.tag)) throw new NotMet(`${wanted} was to come, and ${next.name} came`)
    return next
  }

  /** The next of these, whatever comes before. */
  async eventually(tag: number): Promise<Frame> {
    await this.banner()
    for (;;) {
      const next = await this.#next(tagName(tag) ?? `frame ${tag}`)
      if (next.tag === tag) return next
    }
  }

  /** It ends the link, whatever it says before. @throws NotMet when it does not. */
  async ends(withinMs = this.#timeoutMs): Promise<void> {
    await this.#until('the end of the link', () => this.#ended !== null, withinMs)
  }

  /** Nothing comes for so long, and the link stays. */
  async staysSilent(forMs: number): Promise<void> {
    const before = this.#bytes.length
    await new Promise((resolve) => setTimeout(resolve, forMs))
    if (this.#bytes.length > before) throw new NotMet(`it said ${this.#bytes.length - before} bytes too early`)
    if (this.#ended !== null) throw new NotMet(this.#ended)
  }

  async #next(wanted: string): Promise<Frame> {
    await this.#until(wanted, () => this.#bytes.length >= CONTROL_HEADER_BYTES && this.#bytes.length >= this.#total())
    const bytes = this.#take(this.#total())
    const tag = bytes[0]!
    const name = tagName(tag) ?? `frame ${tag}`
    const header = tag === TAG.MESSAGES ? MESSAGES_HEADER_BYTES : CONTROL_HEADER_BYTES
    const isChecked = tag !== TAG.MESSAGES || (bytes[1]! & 3) === 0
    if (isChecked && checksumOf(bytes) !== readUint32(bytes, CHECKSUM_OFFSET))
      throw new NotMet(`the checksum of its ${name} is wrong`)
    return { tag, name, payload: bytes.subarray(header), bytes }
  }

  #total(): number {
    return readUint32(this.#bytes, 4) + (this.#bytes[0] === TAG.MESSAGES ? MESSAGES_HEADER_BYTES : CONTROL_HEADER_BYTES)
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.slice(0, length)
    this.#bytes = this.#bytes.slice(length)
    return taken
  }

  #over(how: string): void {
    this.#ended ??= how
    this.#wake()
  }

  /** What came before an end still counts. Time in which this process itself stood still does not: what came meanwhile is read first. */
  async #until(what: string, holds: () => boolean, withinMs = this.#timeoutMs): Promise<void> {
    let leftMs = withinMs
    while (!holds()) {
      if (this.#ended !== null) throw new NotMet(`${what} was to come, and ${this.#ended}`)
      if (leftMs <= 0) throw new NotMet(`${what} did not come within ${withinMs} ms`)
      const sliceMs = Math.min(SLICE_MS, leftMs)
      const fromMs = performance.now()
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, sliceMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      leftMs -= Math.min(sliceMs, performance.now() - fromMs)
    }
  }
}
