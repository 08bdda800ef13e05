/**
 * Puts on a link what its path says that goes now: runs of messages, acks and credit, verdicts, questions and answers, and
 * the last words.
 *
 * What goes when is the path's to say; here is the order within one write, and the encoder. Limit: 256 KiB are encoded before
 * they are handed to the link, and a link that is full ends the write.
 */
import type { Path } from '../session/path/path.ts'
import type { Run } from '../session/path/run.ts'
import type { Session } from '../session/session.ts'
import { encodeVerdicts } from './failure.ts'
import type { LinkPort } from './link-port.ts'
import type { Pings } from './pings.ts'
import type { Shared } from './shared.ts'

/** Bytes that are encoded before they are handed to the link, at most. */
const WRITE_BYTES = 256 * 1024

export class LinkWriter {
  readonly #shared: Shared
  readonly #session: Session

  constructor(shared: Shared, session: Session) {
    this.#shared = shared
    this.#session = session
  }

  /** Writes what may be sent now. */
  flush(port: LinkPort, path: Path, wallMs: number, pings: Pings | null): void {
    const { out, runtime } = this.#shared
    const { wire } = port
    for (const chunk of wire.takeHandshake()) out.attach(chunk)
    const nowMs = runtime.clock.nowMs()
    encodeVerdicts(path, wire, out)
    // Credit goes first: under a flood of our own data the peer's must not starve.
    if (path.receiving.worthTelling) this.#encodeAck(port, path)
    for (;;) {
      const run = path.next(wallMs, nowMs, this.#given(port))
      if (run === null) break
      this.#encode(run, port, path, nowMs)
      if (out.length >= WRITE_BYTES) this.#write(port)
      if (port.blocked) break
    }
    if (path.owesPart) this.#encodeParts(port, path)
    // A bare ack is small: it goes out even when the link has just become full.
    if (path.owesAck(nowMs)) this.#encodeAck(port, path)
    const { liveness } = path
    if (liveness.token !== null) {
      wire.encodeKeepaliveAck(out, liveness.token)
      liveness.token = null
    }
    if (pings?.isDue === true) {
      pings.asked()
      this.#encodeQuestion(port, path, nowMs)
    }
    if (out.length > 0) this.#write(port)
  }

  /** Asks the peer for a sign of life. */
  ask(port: LinkPort, path: Path, nowMs: number): void {
    this.#encodeQuestion(port, path, nowMs)
    this.#write(port)
  }

  /** The last words of an orderly end: the marks, then goodbye. `path`: what the session left the link with. */
  goodbye(port: LinkPort, reason: string, path: Path | null): void {
    const { out } = this.#shared
    // A link that was adopted in this very turn has its CONFIRM still to send; nothing may come before it.
    for (const chunk of port.wire.takeHandshake()) out.attach(chunk)
    if (path !== null) {
      encodeVerdicts(path, port.wire, out)
      port.wire.encodeAck(out, path.tellMarks(), path.tellCredit(false))
    }
    port.wire.encodeGoodbye(out, reason)
    this.#write(port)
  }

  #encode(run: Run, port: LinkPort, path: Path, nowMs: number): void {
    const { header, lane, index, count, chunkOffset, chunkLength } = run
    const { wire } = port
    const { out } = this.#shared
    const first = lane.queue.at(index)
    if (chunkLength === 0 || first === undefined) {
      wire.encodeBatch(out, header, lane.queue, index, count)
      return
    }
    wire.encodeChunk(out, header, first, chunkOffset, chunkLength)
    const given = this.#given(port)
    if (path.asksEcho(given, nowMs)) wire.encodeKeepalive(out, given)
  }

  /** All that this link was given, what is encoded for it included: the token of an echo. */
  #given(port: LinkPort): number {
    return port.traffic.takenBytes + this.#shared.out.length
  }

  /** The last word on the messages of this link, behind the last of them, with all that the peer must know for that. */
  #encodeParts(port: LinkPort, path: Path): void {
    this.#encodeAck(port, path)
    for (let part = path.tellPart(); part !== null; part = path.tellPart())
      port.wire.encodePart?.(this.#shared.out, part.epoch, part.stays)
  }

  #encodeAck(port: LinkPort, path: Path): void {
    port.wire.encodeAck(this.#shared.out, path.tellMarks(), path.tellCredit(this.#session.givesCredit))
  }

  #encodeQuestion(port: LinkPort, path: Path, nowMs: number): void {
    // A protocol without chunks is not paced; its peers may expect a time.
    const token = path.capabilities.chunks ? this.#given(port) : Math.floor(nowMs)
    path.liveness.question(token, nowMs)
    port.wire.encodeKeepalive(this.#shared.out, token)
  }

  #write(port: LinkPort): void {
    const { out } = this.#shared
    port.write(out.take())
    out.lend(port.traffic)
  }
}
