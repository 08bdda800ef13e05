/**
 * Writes frames of the ceiling: small messages into a slab, large ones by reference. Frames leave together, half a megabyte in
 * one gathered write, or what there is at the end of the turn.
 */
import type { Socket } from 'node:net'
import { crc32c } from '../../src/wire/crc32c.ts'
import { BY_REFERENCE_BYTES, CHECKSUM_OFFSET, COUNT_OFFSET, FRAME_BYTES } from './bare-frame.ts'
import { HEADER_BYTES, LENGTH_OFFSET, RECORD_BYTES } from './bare-frame.ts'

const SLAB_BYTES = 2 * FRAME_BYTES
const HIGH_WATER_BYTES = 1024 * 1024
/** A write per frame of 64 KiB costs half as much again: each one may have to wake the receiver. */
const WRITE_BYTES = 512 * 1024
/** As many as may be in flight, so that none is made anew. */
const SLABS_KEPT = HIGH_WATER_BYTES / FRAME_BYTES + 2

interface Slab {
  readonly bytes: Uint8Array
  readonly view: DataView
}

export class BareWriter {
  readonly #socket: Socket
  readonly #free: Slab[] = []
  #slab: Slab = makeSlab()
  /** Parts of the frame that is being written; the slab's own part ends at `#end` and begins at `#start`. */
  #parts: Uint8Array[] = []
  #start = 0
  #end = HEADER_BYTES
  #payloadBytes = 0
  #count = 0
  #scheduled = false
  /** Frames that are sealed and not written yet, and the slabs that they lie in. */
  #sealed: Uint8Array[] = []
  #sealedSlabs: Slab[] = []
  #sealedBytes = 0
  #inFlightBytes = 0
  #wake: (() => void) | null = null
  #waiting: Promise<void> | null = null
  readonly #flush = (): void => {
    this.#scheduled = false
    this.#frame()
    this.#write()
  }

  constructor(socket: Socket) {
    this.#socket = socket
  }

  send(data: Uint8Array): Promise<void> | undefined {
    const length = data.length
    const small = length < BY_REFERENCE_BYTES
    if (this.#end + RECORD_BYTES + (small ? length : 0) > SLAB_BYTES) this.#frame()
    const slab = this.#slab
    slab.view.setUint32(this.#end, 17, true)
    slab.view.setUint32(this.#end + 4, length, true)
    this.#end += RECORD_BYTES
    if (small) {
      slab.bytes.set(data, this.#end)
      this.#end += length
    } else {
      this.#parts.push(slab.bytes.subarray(this.#start, this.#end), data)
      this.#start = this.#end
    }
    this.#count++
    this.#payloadBytes += RECORD_BYTES + length
    if (this.#payloadBytes >= FRAME_BYTES) this.#frame()
    if (!this.#scheduled) {
      this.#scheduled = true
      process.nextTick(this.#flush)
    }
    if (this.#inFlightBytes <= HIGH_WATER_BYTES) return undefined
    return (this.#waiting ??= new Promise((resolve) => (this.#wake = resolve)))
  }

  /** Seals the frame, and writes when enough are sealed. */
  #frame(): void {
    if (this.#count === 0) return
    const slab = this.#slab
    const { view, bytes } = slab
    if (this.#end > this.#start) this.#parts.push(bytes.subarray(this.#start, this.#end))
    const parts = this.#parts
    view.setUint32(0, 32, true)
    view.setUint32(LENGTH_OFFSET, this.#payloadBytes, true)
    view.setUint16(COUNT_OFFSET, this.#count, true)
    let crc = crc32c(bytes, 0, CHECKSUM_OFFSET)
    crc = crc32c(parts[0]!, CHECKSUM_OFFSET + 4, parts[0]!.length, crc)
    for (let index = 1; index < parts.length; index++) crc = crc32c(parts[index]!, 0, parts[index]!.length, crc)
    view.setUint32(CHECKSUM_OFFSET, crc, true)
    const total = HEADER_BYTES + this.#payloadBytes
    for (const part of parts) this.#sealed.push(part)
    this.#sealedSlabs.push(slab)
    this.#sealedBytes += total
    this.#inFlightBytes += total
    if (this.#sealedBytes >= WRITE_BYTES) this.#write()
    this.#parts = []
    this.#start = 0
    this.#end = HEADER_BYTES
    this.#payloadBytes = 0
    this.#count = 0
    this.#slab = this.#free.pop() ?? makeSlab()
  }

  #write(): void {
    const parts = this.#sealed
    if (parts.length === 0) return
    const slabs = this.#sealedSlabs
    const total = this.#sealedBytes
    this.#sealed = []
    this.#sealedSlabs = []
    this.#sealedBytes = 0
    const written = (): void => {
      this.#inFlightBytes -= total
      for (const slab of slabs) if (this.#free.length < SLABS_KEPT) this.#free.push(slab)
      if (this.#wake === null || this.#inFlightBytes > HIGH_WATER_BYTES / 2) return
      this.#wake()
      this.#wake = null
      this.#waiting = null
    }
    this.#socket.cork()
    parts.forEach((part, index) => this.#socket.write(part, index === parts.length - 1 ? written : undefined))
    this.#socket.uncork()
  }
}

function makeSlab(): Slab {
  const bytes = new Uint8Array(SLAB_BYTES)
  return { bytes, view: new DataView(bytes.buffer) }
}
