/**
 * Two Wires back to back, and the values that they talk about: what most tests of the native protocol begin with.
 */
import { none } from '../../../../src/auth/none.ts'
import { Deque } from '../../../../src/common/deque.ts'
import type { OutboundMessage } from '../../../../src/wire/message.ts'
import { concat } from '../../../../src/common/bytes.ts'
import { BatchEncoder } from '../../../../src/wire/native/batch-encoder.ts'
import { capabilitiesWith, OFFERED } from '../../../../src/wire/native/features.ts'
import { CHECKSUM } from '../../../../src/wire/native/format.ts'
import { native } from '../../../../src/wire/native/native.ts'
import { OutBuffer } from '../../../../src/wire/out-buffer.ts'
import type {
  BatchHeader,
  SessionAnswer,
  SessionOffer,
  Wire,
  WireContext,
  WireProtocol,
} from '../../../../src/wire/wire.ts'
import { RecordingSink } from '../../../support/recording-sink.ts'

export const GRANT = { window: { messages: 1000, bytes: 2 ** 40 }, free: { messages: 900, bytes: 2 ** 33 + 5 } }

export const OFFER: SessionOffer = {
  ballot: { epoch: 7, dialler: '0a0b0c' },
  channel: 0,
  policy: 'peer',
  fresh: '000102030405060708090a0b0c0d0e0f',
  resume: [
    {
      id: 'ffeeddccbbaa99887766554433221100',
      marks: [
        { received: 5, processed: 4 },
        { received: 2 ** 40, processed: 0 },
        { received: 0, processed: 0 },
      ],
    },
  ],
  grant: GRANT,
}

export const ANSWER: SessionAnswer = {
  id: 'ffeeddccbbaa99887766554433221100',
  resumed: true,
  marks: [
    { received: 9, processed: 9 },
    { received: 2, processed: 1 },
    { received: 0, processed: 0 },
  ],
  policy: 'peer',
  grant: { window: { messages: Infinity, bytes: Infinity }, free: { messages: Infinity, bytes: 12 } },
}

export function context(name: string, change: Partial<WireContext> = {}): WireContext {
  const digit = name.endsWith('0') ? '0' : '1'
  return {
    self: { name, instance: digit.repeat(32), addresses: [`tcp://127.0.0.1:680${digit}`] },
    auth: none(),
    randomBytes: (count) => new Uint8Array(count).fill(7),
    allocate: (bytes) => new Uint8Array(bytes).fill(0xee),
    limits: { handshakeBytes: 4096, frameBytes: 512 * 1024 },
    ...change,
  }
}

export function message(
  change: Partial<Omit<OutboundMessage, 'bytes' | 'frontBytes' | 'middleBytes'>> = {},
): OutboundMessage {
  const parts = {
    type: 17,
    version: 0,
    priority: 127,
    tid: 0,
    front: null,
    middle: null,
    data: null,
    extension: null,
    settle: null,
    ...change,
  }
  const bytes =
    (parts.front?.length ?? 0) +
    (parts.middle?.length ?? 0) +
    (parts.data?.length ?? 0) +
    (parts.extension?.length ?? 0)
  return { ...parts, bytes, frontBytes: parts.front?.length ?? 0, middleBytes: parts.middle?.length ?? 0 }
}

/** Bytes that differ from place to place, and by seed. */
export function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) + seed) & 255)
}

export function header(change: Partial<BatchHeader> = {}): BatchHeader {
  const stamp = { stampMs: 1_700_000_000_123, stampCounter: 5 }
  return { lane: 1, firstSeq: 1, count: 1, received: 0, processed: 0, ackNow: false, ...stamp, ...change }
}

export function queueOf(...messages: OutboundMessage[]): Deque<OutboundMessage> {
  const queue = new Deque<OutboundMessage>()
  for (const each of messages) queue.push(each)
  return queue
}

/** What a Wire encodes, as one array. */
export function encoded(encode: (out: OutBuffer) => void): Uint8Array {
  const out = new OutBuffer()
  encode(out)
  return concat(out.take())
}

export interface End {
  readonly wire: Wire
  readonly sink: RecordingSink
}

export interface PairOptions {
  readonly dialler?: Partial<WireContext>
  readonly acceptor?: Partial<WireContext>
  readonly diallerProtocol?: WireProtocol
  readonly acceptorProtocol?: WireProtocol
}

/** A dialler and an acceptor that say yes to each other, not connected yet. */
export function pair(options: PairOptions = {}): { dialler: End; acceptor: End } {
  const diallerSink = new RecordingSink()
  const acceptorSink = new RecordingSink()
  const protocol = native()
  const dialler = (options.diallerProtocol ?? protocol).dialler(context('osd.0', options.dialler), diallerSink)
  const acceptor = (options.acceptorProtocol ?? protocol).acceptor(context('osd.1', options.acceptor), acceptorSink)
  diallerSink.decide = () => dialler.confirm()
  acceptorSink.decide = () => acceptor.answer(ANSWER)
  return { dialler: { wire: dialler, sink: diallerSink }, acceptor: { wire: acceptor, sink: acceptorSink } }
}

/** Carries handshake bytes to and fro until nobody has any; returns the flights, dialler's first. */
export function shake({ dialler, acceptor }: { dialler: End; acceptor: End }): Uint8Array[] {
  const flights: Uint8Array[] = []
  for (let [from, to] = [dialler, acceptor]; ; [from, to] = [to, from]) {
    const flight = concat(from.wire.takeHandshake())
    if (flight.length === 0) return flights
    flights.push(flight)
    // As a transport does it: a Buffer, and used again afterwards.
    const chunk = Buffer.from(flight)
    to.wire.receive(chunk)
    chunk.fill(0xaa)
  }
}

/** A pair in an open session. */
export function openPair(options: PairOptions = {}): { dialler: End; acceptor: End } {
  const both = pair(options)
  both.dialler.wire.open(OFFER)
  shake(both)
  both.dialler.sink.told.length = 0
  both.acceptor.sink.told.length = 0
  return both
}

/** For a peer that takes such payloads and knows such features. */
export function encoderFor(frameBytesMax = Infinity, features = OFFERED): BatchEncoder {
  return new BatchEncoder({ checksum: CHECKSUM.CRC32C, frameBytesMax, capabilities: capabilitiesWith(features) })
}
