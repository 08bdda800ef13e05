/**
 * UDP multicast: each says where it is, again and again, to all of its network that listen.
 *
 * Anybody there may say anything, so nothing of it is trusted, and what is no record is none. A datagram is one record of at most
 * 8 KiB. Who has not been heard for a life (`ttlMs`, by the clock of who listens) is gone. Limit: 4,096 processes; of those beyond
 * nothing is heard.
 */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { badOption, describe, numberOption, optionObject, whole } from '../common/options.ts'
import type { Lookup, LookupWorld } from './lookup.ts'
import type { PeerRecord } from './machine/sightings.ts'
import { polling } from './polling.ts'
import { RECORD_BYTES_MAX, decodeRecord, encodeRecord } from './record.ts'

/** Options of `multicast()`. */
export interface MulticastOptions {
  /** An IPv4 multicast address; default `239.255.73.78`, which routers keep within a site. */
  readonly group?: string | undefined
  /** A port of UDP, 1 to 65,535; default 6799. */
  readonly port?: number | undefined
  /** The address of the interface that is used, such as `10.0.0.5`, or `127.0.0.1` for one host alone. Default: the system's choice. */
  readonly interface?: string | undefined
  /** How many routers pass it on, 0 to 255; default 1: none. */
  readonly hops?: number | undefined
  /** How long a peer counts that is not heard again, in ms: 300 to 3,600,000, default 10,000. It is said three times as often. */
  readonly ttlMs?: number | undefined
}

const PEERS_MAX = 4096
/** What another program says there is nothing of ours. */
const MAGIC = Buffer.from('inkwire discovery 1\n')

interface Settings {
  readonly group: string
  readonly port: number
  readonly interface: string | undefined
  readonly hops: number
  readonly ttlMs: number
}

/** Peers of one network, without anything else. @throws InkwireError `INK_BAD_OPTION`. */
export function multicast(options: MulticastOptions = {}): Lookup {
  const given = optionObject('multicast()', options, ['group', 'port', 'interface', 'hops', 'ttlMs'])
  const settings: Settings = {
    group: addressOption('group', given['group'] ?? '239.255.73.78', /^(22[4-9]|23\d)\./),
    port: numberOption('multicast(): port', given['port'], whole(1, 65_535), 6799),
    interface: given['interface'] === undefined ? undefined : addressOption('interface', given['interface'], /./),
    hops: numberOption('multicast(): hops', given['hops'], whole(0, 255), 1),
    ttlMs: numberOption('multicast(): ttlMs', given['ttlMs'], whole(300, 3_600_000), 10_000),
  }
  return {
    name: 'multicast',
    start: (world) => {
      const place = new Place(settings, world)
      return polling(
        world,
        settings.ttlMs / 3,
        () => place.beat(),
        () => place.leave(),
      )
    },
  }
}

function addressOption(name: string, given: unknown, fits: RegExp): string {
  if (typeof given === 'string' && isIPv4(given) && fits.test(given)) return given
  throw badOption(`multicast(): ${name} is an IPv4 address such as 239.255.73.78, not ${describe(given)}`)
}

class Place {
  readonly #settings: Settings
  readonly #world: LookupWorld
  readonly #heard = new Map<string, { readonly record: PeerRecord; readonly atMs: number }>()
  #socket: Socket | null = null

  constructor(settings: Settings, world: LookupWorld) {
    this.#settings = settings
    this.#world = world
  }

  async beat(): Promise<void> {
    const socket = (this.#socket ??= await this.#open())
    const self = this.#world.self()
    const { port, group } = this.#settings
    if (self !== null) await sent(socket, Buffer.concat([MAGIC, Buffer.from(encodeRecord(self))]), port, group)
    this.#see()
  }

  /** Whoever listens hears nothing more of it, and forgets it in time: a farewell could be anybody's. */
  async leave(): Promise<void> {
    const socket = this.#socket
    this.#socket = null
    if (socket !== null) await new Promise<void>((resolve) => socket.close(resolve))
  }

  #open(): Promise<Socket> {
    const { group, port, hops, interface: at } = this.#settings
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        if (this.#socket === socket) this.#socket = null
        socket.close()
        reject(error)
        this.#world.failed(error)
      }
      socket.once('error', fail)
      socket.on('message', (bytes) => this.#hear(bytes))
      socket.bind(port, () => {
        try {
          socket.addMembership(group, at)
          if (at !== undefined) socket.setMulticastInterface(at)
          socket.setMulticastTTL(hops)
          socket.setMulticastLoopback(true)
          resolve(socket)
        } catch (thrown) {
          fail(thrown as Error)
        }
      })
    })
  }

  #hear(bytes: Buffer): void {
    if (bytes.length > MAGIC.length + RECORD_BYTES_MAX || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return
    const record = decodeRecord(bytes.toString('utf8', MAGIC.length))
    if (record === null) return
    const key = `${record.name} ${record.instance}`
    if (!this.#heard.has(key) && this.#heard.size >= PEERS_MAX) return
    const isNew = JSON.stringify(this.#heard.get(key)?.record) !== JSON.stringify(record)
    this.#heard.set(key, { record, atMs: this.#world.nowMs() })
    if (isNew) this.#see()
  }

  #see(): void {
    const deadMs = this.#world.nowMs() - this.#settings.ttlMs
    for (const [key, { atMs }] of this.#heard) if (atMs <= deadMs) this.#heard.delete(key)
    this.#world.seen([...this.#heard.values()].map(({ record }) => record))
  }
}

function sent(socket: Socket, bytes: Buffer, port: number, group: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(bytes, port, group, (error) => (error === null ? resolve() : reject(error)))
  })
}
