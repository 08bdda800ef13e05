/** Stand-ins for what lies below the messenger room: a link, a wire, chance, and the world of one messenger. */
import { Subject } from 'rxjs'
import { none } from '../../../src/auth/none.ts'
import type { CallLayer } from '../../../src/messenger/calls.ts'
import { Connection } from '../../../src/messenger/connection.ts'
import type { ConnectionCore, ConnectionFace } from '../../../src/messenger/connection-core.ts'
import { DispatchQueue } from '../../../src/messenger/dispatch-queue.ts'
import { Dispatchers } from '../../../src/messenger/dispatchers.ts'
import type { MessengerEvent } from '../../../src/messenger/events.ts'
import type { Random } from '../../../src/messenger/runtime.ts'
import type { ServiceHost } from '../../../src/messenger/service.ts'
import { Services } from '../../../src/messenger/services.ts'
import type { Shared } from '../../../src/messenger/shared.ts'
import { Stamps } from '../../../src/messenger/stamps.ts'
import { HeldBudget } from '../../../src/policies/held-budget.ts'
import { LIMITS } from '../../../src/policies/limits.ts'
import { Endpoint } from '../../../src/session/endpoint/endpoint.ts'
import type { Link, LinkEnd, LinkHandlers } from '../../../src/transports/transport.ts'
import { HybridClock } from '../../../src/wire/hlc.ts'
import { InboundMessage } from '../../../src/wire/message.ts'
import { OutBuffer } from '../../../src/wire/out-buffer.ts'
import { EVERYTHING } from '../../../src/wire/wire.ts'
import type { Identity, SessionAnswer, SessionOffer, Wire, WireProtocol, WireSink } from '../../../src/wire/wire.ts'
import { BodyMemory } from '../../../src/messenger/body-memory.ts'
import { memory } from '../../../src/transports/memory.ts'
import { NameQuota } from '../../../src/messenger/name-quota.ts'
import { AddressResolver } from '../../../src/messenger/address-resolver.ts'
import { Alarms } from '../../../src/messenger/alarm.ts'
import { Redials, redialRule } from '../../../src/messenger/redials.ts'
import { Refusals } from '../../../src/messenger/refusals.ts'
import { FakeClock } from './fake-clock.ts'

export const SELF: Identity = { name: 'osd.0', instance: '0'.repeat(32), addresses: ['memory://osd.0'] }
export const PEER: Identity = { name: 'osd.1', instance: '1'.repeat(32), addresses: ['memory://osd.1'] }

const GRANT = { window: { messages: 100, bytes: 1000 }, free: { messages: 100, bytes: 1000 } }

export function offer(change: Partial<SessionOffer> = {}): SessionOffer {
  const ballot = { epoch: 1, dialler: 'ff' }
  return { ballot, channel: 0, policy: 'peer', fresh: 'f'.repeat(32), resume: [], grant: GRANT, ...change }
}

export function answer(change: Partial<SessionAnswer> = {}): SessionAnswer {
  return { id: 'f'.repeat(32), resumed: false, marks: [], policy: 'peer', grant: GRANT, ...change }
}

/** Bytes that count up: no two are the same, and every run has the same. */
export function fakeRandom(seed = 1): Random {
  let count = 0
  return {
    next: () => 0.5,
    bytes: (length) => {
      const bytes = new Uint8Array(length).fill(seed)
      new DataView(bytes.buffer).setUint32(0, ++count)
      return bytes
    },
  }
}

export class FakeLink implements Link {
  readonly capabilities = { local: true } as const
  readonly localAddress = 'memory://here'
  readonly remoteAddress: string
  bufferedBytes = 0
  handlers!: LinkHandlers
  /** What `write` answers. */
  hasRoom = true
  /** Everything that was called, with the bytes of a write. */
  readonly calls: string[] = []

  constructor(remoteAddress = 'memory://there') {
    this.remoteAddress = remoteAddress
  }

  write(chunks: readonly Uint8Array[]): boolean {
    this.calls.push(`write ${Buffer.concat(chunks).toString()}`)
    return this.hasRoom
  }

  pause(): void {
    this.calls.push('pause')
  }

  resume(): void {
    this.calls.push('resume')
  }

  close(): void {
    this.calls.push('close')
  }

  reset(): void {
    this.calls.push('reset')
  }

  ends(end: LinkEnd, message = 'the link ended'): void {
    this.handlers.closed({ end, message })
  }
}

/** Encodes everything as its name in brackets, and tells its sink whatever a test wants. */
export class FakeWire implements Wire {
  readonly capabilities = { ...EVERYTHING, batchMax: 10 }
  readonly sink: WireSink
  /** What a received chunk means. */
  onReceive: (chunk: Uint8Array) => void = () => undefined
  #handshake: Uint8Array[] = []

  constructor(sink: WireSink) {
    this.sink = sink
  }

  receive(chunk: Uint8Array): void {
    this.onReceive(chunk)
  }

  open(): void {
    this.#say('open')
  }

  confirm(): void {
    this.#say('confirm')
  }

  answer(): void {
    this.#say('answer')
  }

  yield(): void {
    this.#say('yield')
  }

  reject(code: string): void {
    this.#say(`reject ${code}`)
  }

  takeHandshake(): Uint8Array[] {
    const said = this.#handshake
    this.#handshake = []
    return said
  }

  encodeBatch: Wire['encodeBatch'] = (out, header) => {
    out.attach(Buffer.from(`[batch ${header.lane}:${header.firstSeq}+${header.count}]`))
  }

  encodeChunk: Wire['encodeChunk'] = (out, header, _message, offset, length) => {
    out.attach(Buffer.from(`[chunk ${header.lane}:${header.firstSeq} ${offset}+${length}]`))
  }

  encodeAck: Wire['encodeAck'] = (out, marks, credit) => {
    const each = marks.map(({ received, processed }) => `${received}/${processed}`)
    out.attach(Buffer.from(`[ack ${each.join()} ${credit.messages}]`))
  }

  encodeKeepalive: Wire['encodeKeepalive'] = (out) => {
    out.attach(Buffer.from('[keepalive]'))
  }

  encodeKeepaliveAck: Wire['encodeKeepaliveAck'] = (out, token) => {
    out.attach(Buffer.from(`[alive ${token}]`))
  }

  encodeGoodbye: Wire['encodeGoodbye'] = (out, reason) => {
    out.attach(Buffer.from(`[goodbye ${reason}]`))
  }

  #say(what: string): void {
    this.#handshake.push(Buffer.from(`[${what}]`))
  }
}

/** A protocol that keeps the wires that it made. */
export function fakeProtocol(): WireProtocol & { readonly wires: FakeWire[] } {
  const wires: FakeWire[] = []
  const make = (_context: unknown, sink: WireSink): Wire => {
    const wire = new FakeWire(sink)
    wires.push(wire)
    return wire
  }
  return { name: 'fake', wires, dialler: make, acceptor: make }
}

/** A layer that notes what it is asked to do, and does nothing. */
export function fakeCalls(noted: unknown[]): CallLayer<Connection> {
  return {
    call: (...given) => {
      noted.push(given)
      return new Promise(() => undefined)
    },
    transact: (...given) => {
      noted.push(given)
      throw new Error('there are no transactions here')
    },
  }
}

export interface FakeWorld extends Shared {
  readonly fakeClock: FakeClock
  readonly wire: ReturnType<typeof fakeProtocol>
  readonly messages: Subject<InboundMessage>
  readonly events: MessengerEvent[]
  /** Links that were dialled. */
  readonly dialled: FakeLink[]
}

/** The world of `osd.0`, in which every dial gives a FakeLink. */
export function fakeWorld(change: Partial<Shared> = {}): FakeWorld {
  const fakeClock = new FakeClock()
  const events: MessengerEvent[] = []
  const dialled: FakeLink[] = []
  const messages = new Subject<InboundMessage>()
  const report = (event: MessengerEvent): void => {
    events.push(event)
  }
  const clock = new HybridClock(LIMITS.maxDriftMs)
  const stamps = new Stamps(clock, fakeClock, undefined, LIMITS.maxDriftMs, report)
  const dispatchers = new Dispatchers(messages, report, () => stamps.now())
  const warn = (): void => undefined
  const services = new Services(dispatchers, report, { say: warn })
  let links = 0
  const resolver = new AddressResolver(new Map([['memory', memory()]]), undefined)
  return {
    runtime: { clock: fakeClock, random: fakeRandom(), warn },
    alarms: new Alarms(fakeClock),
    limits: LIMITS,
    services,
    calls: () => fakeCalls([]),
    self: () => 'aa',
    out: new OutBuffer(),
    stamps,
    bodies: new BodyMemory(),
    dispatchers,
    queue: new DispatchQueue(services, fakeClock, LIMITS.dispatchTurnMs),
    table: new Endpoint(LIMITS.goneInstancesMax),
    context: () => ({
      self: SELF,
      auth: none(),
      limits: LIMITS,
      randomBytes: (count) => fakeRandom().bytes(count),
      allocate: (bytes) => new Uint8Array(bytes),
    }),
    report,
    refusals: new Refusals(fakeClock, LIMITS.refusalsToldMax, report),
    dial: (address) => {
      const link = new FakeLink(address)
      dialled.push(link)
      return link
    },
    addressesOf: () => undefined,
    redials: new Redials((text) => resolver.locate(text), redialRule(undefined), LIMITS, fakeClock),
    quota: new NameQuota(LIMITS),
    held: new HeldBudget(LIMITS.heldBytesMax, LIMITS.heldBytesPerNameMax),
    heldOf: () => null,
    nextLink: () => ++links,
    pathSchemes: null,
    textOf: (address) => address,
    throttleOf: () => null,
    ...change,
    ...{ fakeClock, wire: fakeProtocol(), messages, events, dialled },
  }
}

/** A connection that can only be told from others. */
export function fakeConnection(): Connection {
  return new Connection({} as ConnectionCore, {} as ConnectionFace<Connection>)
}

/** A received message without segments but `data`. */
export function inbound(tid: number, lane = 1, data: Uint8Array = new Uint8Array(0)): InboundMessage {
  return new InboundMessage(7, 0, 127, tid, tid, lane, 0, 0, data.buffer, data.byteOffset, 0, 0, data.length)
}

/** What a service has of a session: it takes everything, and nothing comes of it. */
export function fakeServiceHost(change: Partial<ServiceHost> = {}): ServiceHost {
  return {
    connection: fakeConnection(),
    capabilities: fakeProtocol().capabilities!,
    enqueue: () => true,
    enqueueControl: () => true,
    takeBack: () => 'unknown',
    withdraw: () => ({ undelivered: [], unknown: [] }),
    heldUp: 0,
    heardMs: null,
    hold: () => undefined,
    release: () => undefined,
    broken: () => undefined,
    relocated: () => undefined,
    ...change,
  }
}
