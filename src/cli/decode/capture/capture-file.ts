/**
 * Reads a capture file, split anywhere, into packets: classic pcap of either byte order, in microseconds and nanoseconds, and
 * pcapng with any number of sections and interfaces.
 *
 * Bounds: one packet or description of up to 1 MiB is held, and 1,024 interfaces of a section. Other blocks of pcapng are
 * passed over, however long they say they are. What is longer, or no capture, ends the reading with a reason.
 */
import { readUint16, readUint32 } from '../../../wire/native/bytes.ts'

export interface Packet {
  /** The LINKTYPE of the interface: what the bytes begin with. */
  readonly linkType: number
  /** Wall time, in ms since 1970; 0 where the file has none. */
  readonly atMs: number
  /** What was captured of it; read over by the next packet. */
  readonly bytes: Uint8Array
}

export interface PacketHearer {
  packet(packet: Packet): void
  /** Called once; `at` is where in the file. Nothing follows. */
  stop(at: number, reason: string): void
}

interface Interface {
  readonly linkType: number
  /** Of one unit of its times, in ms. */
  readonly unitMs: number
  /** So much of a packet is kept at most. */
  readonly snapBytes: number
}

const MAGIC_BYTES = 4
const HELD_BYTES_MAX = 1024 * 1024
const INTERFACES_MAX = 1024
const CLASSIC = { head: 24, record: 16 } as const
const PCAPNG = { section: 0x0a0d0d0a, interface: 1, packet: 2, simple: 3, enhanced: 6, head: 12, overhead: 12 } as const
const ORDER_MAGIC = 0x1a2b3c4d
const OPTION_TSRESOL = 9
const MICROSECOND_MS = 1e-3

/** What classic files begin with, read little-endian. */
const CLASSIC_KINDS = new Map([
  [0xa1b2c3d4, { isBig: false, unitMs: MICROSECOND_MS }],
  [0xd4c3b2a1, { isBig: true, unitMs: MICROSECOND_MS }],
  [0xa1b23c4d, { isBig: false, unitMs: 1e-6 }],
  [0x4d3cb2a1, { isBig: true, unitMs: 1e-6 }],
])

/** What begins so is a capture; of fewer than 4 bytes nothing is. */
export function isCapture(head: Uint8Array): boolean {
  if (head.length < MAGIC_BYTES) return false
  const magic = readUint32(head, 0)
  return magic === PCAPNG.section || CLASSIC_KINDS.has(magic)
}

type Step = 'magic' | 'classic head' | 'record head' | 'record' | 'block head' | 'block'

export class CaptureReader {
  readonly #hearer: PacketHearer
  #step: Step = 'magic'
  #part = new Uint8Array(64)
  #filled = 0
  #need: number = MAGIC_BYTES
  /** To be passed over before the next step. */
  #skip = 0
  #at = 0
  #isOver = false
  #isBig = false
  #interfaces: Interface[] = []

  constructor(hearer: PacketHearer) {
    this.#hearer = hearer
  }

  get isOver(): boolean {
    return this.#isOver
  }

  receive(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length && !this.#isOver;) {
      const isSkip = this.#skip > 0
      const taken = Math.min(isSkip ? this.#skip : this.#need - this.#filled, chunk.length - from)
      if (isSkip) this.#skip -= taken
      else {
        this.#part.set(chunk.subarray(from, from + taken), this.#filled)
        this.#filled += taken
      }
      from += taken
      this.#at += taken
      while (!this.#isOver && this.#skip === 0 && this.#filled === this.#need) this.#complete()
    }
  }

  /** There are no more bytes. */
  end(): void {
    if (this.#isOver) return
    const isBetween = this.#step === 'record head' || this.#step === 'block head'
    if (isBetween && this.#filled === 0 && this.#skip === 0) this.#isOver = true
    else this.#stop('the capture ends in the middle of a packet')
  }

  #complete(): void {
    switch (this.#step) {
      case 'magic': {
        this.#magic()
        return
      }
      case 'classic head': {
        this.#classicHead()
        return
      }
      case 'record head': {
        this.#recordHead()
        return
      }
      case 'record': {
        this.#record()
        return
      }
      case 'block head': {
        this.#blockHead()
        return
      }
      case 'block': {
        this.#block()
        return
      }
    }
  }

  #magic(): void {
    const magic = readUint32(this.#part, 0)
    const classic = CLASSIC_KINDS.get(magic)
    if (classic === undefined && magic !== PCAPNG.section) {
      this.#stop('this is no capture file')
      return
    }
    if (classic === undefined) {
      this.#more('block head', PCAPNG.head)
      return
    }
    this.#isBig = classic.isBig
    this.#interfaces = [{ linkType: 0, unitMs: classic.unitMs, snapBytes: HELD_BYTES_MAX }]
    this.#more('classic head', CLASSIC.head)
  }

  #classicHead(): void {
    // The upper bits say how long a checksum behind each frame is; what is behind the IP packet is not looked at.
    const linkType = this.#u32(20) & 0xffff
    this.#interfaces = [{ ...this.#interfaces[0]!, linkType }]
    this.#next('record head', CLASSIC.record)
  }

  #recordHead(): void {
    const bytes = this.#u32(8)
    if (bytes > HELD_BYTES_MAX) {
      this.#stop(`a packet of ${bytes} bytes; at most ${HELD_BYTES_MAX} are read`)
      return
    }
    this.#more('record', CLASSIC.record + bytes)
  }

  #record(): void {
    const { linkType, unitMs } = this.#interfaces[0]!
    const atMs = this.#u32(0) * 1000 + this.#u32(4) * unitMs
    const bytes = this.#part.subarray(CLASSIC.record, this.#need)
    this.#next('record head', CLASSIC.record)
    this.#hearer.packet({ linkType, atMs, bytes })
  }

  #blockHead(): void {
    if (readUint32(this.#part, 0) === PCAPNG.section) {
      // The type reads the same either way; what follows the length says which way the section is.
      this.#isBig = readUint32(this.#part, 8) !== ORDER_MAGIC
      if (this.#u32(8) !== ORDER_MAGIC) {
        this.#stop('a section of pcapng in no known byte order')
        return
      }
      this.#interfaces = []
    }
    const type = this.#u32(0)
    const bytes = this.#u32(4)
    if (bytes < PCAPNG.overhead || bytes % 4 !== 0) {
      this.#stop(`a block of ${bytes} bytes`)
      return
    }
    const isRead = [PCAPNG.interface, PCAPNG.packet, PCAPNG.simple, PCAPNG.enhanced].some((one) => one === type)
    if (!isRead) {
      this.#skip = bytes - PCAPNG.head
      this.#next('block head', PCAPNG.head)
      return
    }
    if (bytes > HELD_BYTES_MAX) {
      this.#stop(`a packet of ${bytes} bytes; at most ${HELD_BYTES_MAX} are read`)
      return
    }
    this.#more('block', bytes)
  }

  #block(): void {
    const end = this.#need - 4
    const type = this.#u32(0)
    const wanted = { [PCAPNG.interface]: 16, [PCAPNG.simple]: 12, [PCAPNG.packet]: 28, [PCAPNG.enhanced]: 28 }[type]!
    if (end < wanted) {
      this.#stop(`a block of type ${type} and ${this.#need} bytes`)
      return
    }
    if (type === PCAPNG.interface) {
      this.#interface(end)
      return
    }
    const isSimple = type === PCAPNG.simple
    const on = isSimple ? 0 : type === PCAPNG.packet ? this.#u16(8) : this.#u32(8)
    const from = this.#interfaces[on]
    if (from === undefined) {
      this.#stop(`a packet of interface ${on}, which was not described`)
      return
    }
    const captured = isSimple ? Math.min(this.#u32(8), from.snapBytes, end - wanted) : this.#u32(20)
    if (captured > end - wanted) {
      this.#stop(`a packet of ${captured} bytes in a block of ${this.#need}`)
      return
    }
    const atMs = isSimple ? 0 : (this.#u32(12) * 2 ** 32 + this.#u32(16)) * from.unitMs
    const bytes = this.#part.subarray(wanted, wanted + captured)
    this.#next('block head', PCAPNG.head)
    this.#hearer.packet({ linkType: from.linkType, atMs, bytes })
  }

  #interface(end: number): void {
    if (this.#interfaces.length >= INTERFACES_MAX) {
      this.#stop(`more than ${INTERFACES_MAX} interfaces`)
      return
    }
    let unitMs = MICROSECOND_MS
    for (let at = 16; at + 4 <= end;) {
      const code = this.#u16(at)
      const bytes = this.#u16(at + 2)
      if (code === 0 || at + 4 + bytes > end) break
      if (code === OPTION_TSRESOL && bytes === 1) {
        const resolution = this.#part[at + 4]!
        unitMs = 1000 * (resolution < 128 ? 10 ** -resolution : 2 ** -(resolution - 128))
      }
      at += 4 + Math.ceil(bytes / 4) * 4
    }
    const snapBytes = this.#u32(12) === 0 ? HELD_BYTES_MAX : this.#u32(12)
    this.#interfaces.push({ linkType: this.#u16(8), unitMs, snapBytes })
    this.#next('block head', PCAPNG.head)
  }

  /** What is here stays: the step needs more of it. */
  #more(step: Step, need: number): void {
    this.#step = step
    this.#need = need
    if (need <= this.#part.length) return
    const part = new Uint8Array(Math.max(need, Math.min(HELD_BYTES_MAX + CLASSIC.record, need * 2)))
    part.set(this.#part.subarray(0, this.#filled))
    this.#part = part
  }

  #next(step: Step, need: number): void {
    this.#filled = 0
    this.#more(step, need)
  }

  #u16(at: number): number {
    return this.#isBig ? (this.#part[at]! << 8) | this.#part[at + 1]! : readUint16(this.#part, at)
  }

  #u32(at: number): number {
    return this.#isBig ? this.#u16(at) * 65_536 + this.#u16(at + 2) : readUint32(this.#part, at)
  }

  #stop(reason: string): void {
    this.#isOver = true
    this.#hearer.stop(this.#at, reason)
  }
}
