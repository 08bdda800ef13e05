/**
 * Explains a capture file: finds the TCP connections that speak Inkwire's protocol or msgr2, and what each direction of them
 * says, in the order in which it was seen.
 *
 * Other traffic is counted and passed over. Bounds: 256 MiB for frames that are not whole yet, and 4,096 connections at a
 * time; of more, those that are none of ours or are over make room, and else the new one is not looked at.
 */
import { counted } from '../../../observe/words.ts'
import type { Hearer, Piece, Stop, Way } from '../piece.ts'
import { CaptureReader, type Packet, type PacketHearer } from './capture-file.ts'
import { Direction, type DirectionOwner } from './direction.ts'
import { FrameMemory } from './frame-memory.ts'
import { segmentOf, type Segment } from './segment.ts'

const CONNECTIONS_MAX = 4096
const HELD_BYTES_MAX = 256 * 1024 * 1024

/** Both directions of one TCP connection. */
interface Connection {
  readonly forth: Direction
  readonly back: Direction
  /** Who spoke first. */
  readonly from: string
  /** The number that it was opened with: another one is another connection of the same ports. Null: that was not seen. */
  readonly opening: number | null
  isOurs: boolean
  isOver: boolean
}

export class CaptureDecoding implements PacketHearer {
  /** How many packets there were, and of those that no connection has, how many and why. */
  packets = 0
  readonly passedOver = new Map<string, number>()
  links = 0
  readonly #hearer: Hearer
  readonly #max: number
  readonly #reader = new CaptureReader(this)
  readonly #memory: FrameMemory
  readonly #connections = new Map<string, Connection>()
  #firstMs: number | null = null
  #nowMs = 0
  #isOver = false

  /** `max`: so many bytes of a body are shown. `heldMax`: what frames that are not whole yet may hold, in bytes. */
  constructor(hearer: Hearer, max: number, heldMax = HELD_BYTES_MAX) {
    this.#hearer = hearer
    this.#max = max
    this.#memory = new FrameMemory(heldMax)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  receive(chunk: Uint8Array): void {
    this.#reader.receive(chunk)
  }

  /** There are no more bytes. */
  end(): void {
    if (this.#isOver) return
    this.#reader.end()
    this.#isOver = true
    for (const connection of this.#connections.values()) finish(connection)
    if (this.links > 0) return
    const others = [...this.passedOver].map(([why, count]) => `${count} ${why}`).join(', ')
    const traffic = `${counted(this.packets, 'packet')}${others === '' ? '' : `, of which ${others}`}`
    const reason = `no connection here speaks the native protocol or msgr2, or TLS hides it (${traffic})`
    this.#hearer.stop({ at: 0, code: null, reason })
  }

  giveUp(reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const { forth, back } of this.#connections.values()) {
      forth.giveUp(reason)
      back.giveUp(reason)
    }
  }

  packet(packet: Packet): void {
    this.packets++
    this.#firstMs ??= packet.atMs
    this.#nowMs = packet.atMs
    const segment = segmentOf(packet)
    if (typeof segment === 'string') {
      this.#passOver(segment)
      return
    }
    const connection = this.#connectionOf(segment)
    if (connection === null) {
      this.#passOver('are of more connections than are followed')
      return
    }
    const direction = connection.from === segment.from ? connection.forth : connection.back
    direction.segment(segment)
    if (!connection.isOurs && segment.payload.length > 0) this.#passOver('are of other connections')
    if (segment.isReset) finish(connection)
  }

  stop(at: number, reason: string): void {
    this.#hearer.stop({ at, code: null, reason: `${reason}; what was read before is explained` })
  }

  #passOver(why: string): void {
    this.passedOver.set(why, (this.passedOver.get(why) ?? 0) + 1)
  }

  #connectionOf(segment: Segment): Connection | null {
    const { from, to, opens, seq } = segment
    const key = from < to ? `${from} ${to}` : `${to} ${from}`
    const known = this.#connections.get(key)
    const opening = opens ? seq : null
    if (known !== undefined && (opening === null || known.opening === opening)) return known
    if (known !== undefined) finish(known)
    else if (this.#connections.size >= CONNECTIONS_MAX && !this.#makesRoom()) return null
    const made = this.#connection(from, to, opening)
    this.#connections.set(key, made)
    return made
  }

  #makesRoom(): boolean {
    for (const [key, { isOurs, isOver }] of this.#connections) {
      if (isOurs && !isOver) continue
      this.#connections.delete(key)
      return true
    }
    return false
  }

  #connection(from: string, to: string, opening: number | null): Connection {
    const owner: DirectionOwner = {
      max: this.#max,
      memory: this.#memory,
      piece: (piece: Piece) => this.#hearer.piece({ ...piece, afterMs: this.#nowMs - this.#firstMs! }),
      stop: (stop: Stop) => this.#hearer.stop(stop),
      recognised: () => {
        if (connection.isOurs) return
        connection.isOurs = true
        const link: Way = { link: ++this.links, from, to }
        connection.forth.explain(link)
        connection.back.explain({ ...link, from: to, to: from })
      },
    }
    const connection: Connection = {
      ...{ forth: new Direction(owner), back: new Direction(owner) },
      ...{ from, opening, isOurs: false, isOver: false },
    }
    return connection
  }
}

function finish(connection: Connection): void {
  connection.isOver = true
  connection.forth.end()
  connection.back.end()
}
