/**
 * A cluster that only pretends: monitors and OSDs of Inkwire on a simulated network, which speak Ceph's messages and do as
 * each test says. What they heard is kept.
 */
import { msgr2 } from '../../../src/ceph/index.ts'
import { lossy, Messenger, type Connection, type Message } from '../../../src/index.ts'
import { MonClient } from '../../../src/ceph/mon-client.ts'
import { ObjectClient } from '../../../src/ceph/object-client.ts'
import type { MonClientOptions, ObjectClientOptions } from '../../../src/ceph/options.ts'
import { writeMap, writeStruct, writeTime, writeUuid } from '../../../src/ceph/encoding.ts'
import { MonCommand, MonCommandAck } from '../../../src/ceph/messages/mon-command.ts'
import { MonMapMessage } from '../../../src/ceph/messages/mon-map.ts'
import { MonSubscribe, type MonSubscribeBody } from '../../../src/ceph/messages/mon-subscribe.ts'
import { MonGetVersion, MonGetVersionReply } from '../../../src/ceph/messages/mon-version.ts'
import { OBJECT_OP } from '../../../src/ceph/messages/object-op.ts'
import { OsdMapMessage } from '../../../src/ceph/messages/osd-map-message.ts'
import { OsdOp, type OsdOpBody } from '../../../src/ceph/messages/osd-op.ts'
import { OsdOpReply, type OsdOpReplyBody } from '../../../src/ceph/messages/osd-op-reply.ts'
import { formatPg } from '../../../src/ceph/messages/placement.ts'
import { placeOf } from '../../../src/ceph/object-hash.ts'
import { Simulation } from '../../../src/testing/index.ts'
import { parseEntity, writeVector } from '../../../src/ceph/msgr2/address.ts'
import { Writer } from '../../../src/ceph/msgr2/codec.ts'
import { simulatedTcp } from '../../support/simulated-tcp.ts'

export const FSID = '3b4aefbb-25ce-4c36-a3df-6c23122791c2'
const QUIET = lossy({ keepalive: { intervalMs: 600_000, timeoutMs: 1_200_000 } })
const NOW = { seconds: 1_800_000_000, nanoseconds: 0 }
const POOL = { id: 1, name: 'lab', kind: 'replicated' as const, size: 1, objectHash: 2, pgNum: 8 }

export interface FakeMonitor {
  readonly address: string
  readonly messenger: Messenger
  readonly subscriptions: MonSubscribeBody[]
  /** Texts of commands, in the order of their arrival. */
  readonly commands: string[]
  /** Answers a command; null: no answer. Default: `osd map` is answered, everything else says "done". */
  answer: (command: Record<string, unknown>) => { result: number; output?: string } | null
  /** The whole map instead of changes, which only real monitors make. */
  osdMapFor: (start: number) => { maps?: [number, Uint8Array][]; changes?: [number, Uint8Array][] }
  fsid: string
}

export interface FakeOsd {
  readonly address: string
  readonly messenger: Messenger
  /** With who asked, as the OSD knows it. */
  readonly requests: (OsdOpBody & { readonly tid: number; readonly client: string })[]
  readonly objects: Map<string, Uint8Array>
  /** Takes a message before the OSD serves it; true: it was taken. */
  intercept: (message: Message, connection: Connection) => boolean
  reply(connection: Connection, tid: number, request: OsdOpBody, change?: Partial<OsdOpReplyBody>): void
}

export class FakeCluster {
  readonly sim = new Simulation({ seed: 11 })
  readonly monitors: FakeMonitor[] = []
  readonly osds: FakeOsd[] = []
  epoch = 1
  flags = 0
  /** Ids of OSDs; the first is the primary. */
  acting: number[] = [0]
  pools = [POOL]
  readonly #subscribers = new Set<Connection>()
  #clients = 0

  async monitor(): Promise<FakeMonitor> {
    const host = `10.0.0.${this.monitors.length + 1}`
    const messenger = this.#node(`mon.${this.monitors.length}`, host)
    const address = await messenger.bind(`v2:${host}:3300/0`)
    const monitor: FakeMonitor = {
      ...{ address, messenger, subscriptions: [], commands: [], fsid: FSID },
      answer: (command) =>
        command['prefix'] === 'osd map' ? this.osdMapAnswer(command) : { result: 0, output: 'done' },
      osdMapFor: (start) => ({ maps: start <= this.epoch ? [[this.epoch, this.osdMap()]] : [] }),
    }
    messenger.use({ dispatch: (message, connection) => this.#serveMonitor(monitor, message, connection) })
    this.monitors.push(monitor)
    return monitor
  }

  async osd(): Promise<FakeOsd> {
    const host = `10.0.1.${this.osds.length + 1}`
    const messenger = this.#node(`osd.${this.osds.length}`, host)
    const address = await messenger.bind(`v2:${host}:6800/0`)
    const osd: FakeOsd = {
      ...{ address, messenger, requests: [], objects: new Map<string, Uint8Array>(), intercept: () => false },
      reply(connection, tid, request, change = {}) {
        connection.send(OsdOpReply.make({ ...answerTo(osd, request), ...change }, { tid }))
      },
    }
    messenger.use({
      dispatch: (message, connection) => {
        if (message.type === OsdOp.type)
          osd.requests.push({ ...OsdOp.read(message), tid: message.tid, client: connection.peer.name ?? '' })
        if (osd.intercept(message, connection) || message.type !== OsdOp.type) return
        osd.reply(connection, message.tid, OsdOp.read(message))
      },
    })
    this.osds.push(osd)
    return osd
  }

  /** Clients on a host of their own. */
  client(options: Partial<MonClientOptions> = {}, wire = msgr2(), name = 'client.admin') {
    const process = this.sim.process(`10.0.2.${++this.#clients}`)
    const transports = [simulatedTcp(process)]
    const policies = { default: QUIET }
    const messenger = new Messenger({ name, policies, wire, ...process.options, transports })
    const runtime = { clock: process.clock, random: process.random }
    const addresses = this.monitors.map(({ address }) => address)
    const monitors = new MonClient(messenger, { monitors: addresses, runtime, ...options })
    const objects = (own: Partial<ObjectClientOptions> = {}) =>
      new ObjectClient(messenger, monitors, { pool: 'lab', runtime, ...own })
    const close = async (): Promise<void> => {
      await monitors.close()
      await messenger.shutdown()
    }
    return { messenger, monitors, objects, close }
  }

  /** A newer map, told to everybody who follows it. */
  publish(): void {
    this.epoch++
    const body = { fsid: FSID, changes: new Map<number, Uint8Array>(), oldest: 1, newest: this.epoch }
    for (const connection of this.#subscribers) {
      if (connection.state !== 'closed')
        connection.send(OsdMapMessage.make({ ...body, maps: new Map([[this.epoch, this.osdMap()]]) }))
    }
  }

  osdMapAnswer(command: Record<string, unknown>): { result: number; output: string } {
    const namespace = (command['nspace'] as string | undefined) ?? ''
    const { group } = placeOf(POOL, command['object'] as string, namespace)
    const { acting, epoch } = this
    const answer = { epoch, pgid: formatPg(group), acting, acting_primary: acting[0] ?? -1 }
    return { result: 0, output: JSON.stringify(answer) }
  }

  monMap(fsid = FSID): Uint8Array {
    const body = new Writer()
    writeUuid(body, fsid)
    writeTime(body.u32(1), NOW)
    writeTime(body, NOW)
    for (let features = 0; features < 2; features++) writeStruct(body, 1, 1, new Uint8Array(8))
    const byName = new Map(this.monitors.map(({ address }, index) => [`m${index}`, address]))
    writeMap(body, byName, (name, address) => {
      const monitor = new Writer().text(name)
      writeVector(monitor, [parseEntity(address)!])
      writeStruct(body.text(name), 5, 1, monitor.u16(0).u16(0).u32(0).done())
    })
    const whole = new Writer()
    writeStruct(whole, 9, 6, body.list([...byName.keys()], (name) => body.text(name)).done())
    return whole.done()
  }

  osdMap(): Uint8Array {
    const body = new Writer()
    writeUuid(body, FSID)
    writeTime(body.u32(this.epoch), NOW)
    writeTime(body, NOW)
    body.list(this.pools, ({ id, size, objectHash, pgNum }) => {
      writeStruct(body.u64(BigInt(id)), 29, 5, new Writer().u8(1).u8(size).u8(0).u8(objectHash).u32(pgNum).done())
    })
    body.list(this.pools, ({ id, name }) => body.u64(BigInt(id)).text(name))
    body.u32(1).u32(this.flags).u32(this.osds.length)
    body.list(this.osds, () => body.u32(3)).list(this.osds, () => body.u32(0x10000))
    body.list(this.osds, ({ address }) => writeVector(body, [parseEntity(address)!]))
    const [client, whole] = [new Writer(), new Writer()]
    writeStruct(client, 9, 1, body.done())
    writeStruct(whole, 8, 7, client.done())
    return whole.done()
  }

  #node(name: string, host: string): Messenger {
    const process = this.sim.process(host)
    const transports = [simulatedTcp(process)]
    return new Messenger({ name, policies: { default: QUIET }, wire: msgr2(), ...process.options, transports })
  }

  #serveMonitor(monitor: FakeMonitor, message: Message, connection: Connection): void {
    if (message.type === MonSubscribe.type) {
      const body = MonSubscribe.read(message)
      monitor.subscriptions.push(body)
      if (body.topics.get('monmap')?.start === 0) connection.send(MonMapMessage.make(this.monMap(monitor.fsid)))
      const wanted = body.topics.get('osdmap')
      if (wanted === undefined) return
      this.#subscribers.add(connection)
      const { maps = [], changes = [] } = monitor.osdMapFor(wanted.start)
      const all = { fsid: FSID, maps: new Map(maps), changes: new Map(changes), oldest: 1, newest: this.epoch }
      if (maps.length + changes.length > 0) connection.send(OsdMapMessage.make(all))
    } else if (message.type === MonCommand.type) {
      const { command } = MonCommand.read(message)
      monitor.commands.push(command[0] ?? '')
      const answer = monitor.answer(JSON.parse(command[0] ?? '{}') as Record<string, unknown>)
      if (answer === null) return
      const { result, output = '' } = answer
      const body = { result, status: result < 0 ? 'no' : '', command, output: new TextEncoder().encode(output) }
      connection.send(MonCommandAck.make(body, { tid: message.tid }))
    } else if (message.type === MonGetVersion.type) {
      const { handle } = MonGetVersion.read(message)
      connection.send(MonGetVersionReply.make({ handle, newest: this.epoch, oldest: 1 }))
    }
  }
}

/** What an OSD that works answers. */
function answerTo(osd: FakeOsd, request: OsdOpBody): OsdOpReplyBody {
  const [op] = request.ops
  const stored = osd.objects.get(request.object)
  let [result, data] = [0, new Uint8Array(0)]
  if (op?.op === OBJECT_OP.WRITE_FULL) osd.objects.set(request.object, request.data.slice())
  else if (stored === undefined) result = -2
  else if (op?.op === OBJECT_OP.READ) data = stored.slice(Number(op.offset), Number(op.offset + op.length))
  else if (op?.op === OBJECT_OP.STAT)
    data = new Uint8Array(new Writer().u64(BigInt(stored.length)).u32(7).u32(500_000_000).done())
  else if (op?.op === OBJECT_OP.DELETE) osd.objects.delete(request.object)
  return {
    ...{ object: request.object, group: request.group, flags: request.flags, result, epoch: request.epoch },
    ...{ attempt: request.attempt, results: [{ op: op!, result, data }], objectVersion: 1, redirected: false },
    ...{ version: { version: 1, epoch: 1 }, legacyVersion: { version: 1, epoch: 1 } },
  }
}
