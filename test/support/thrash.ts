/**
 * The workload of Ceph's synthetic stress and inject tests, and of crimson's thrash: many messengers, random operations.
 *
 * An operation connects, marks a connection down, sends a ping of random size (one in twenty an urgent order without an
 * answer, to overtake the flow) or lets time pass. Every ping is answered; answers must come in order and byte for byte
 * per connection. All else is the business of the laws. The world (simulated, real) is given by the caller.
 */
import type { Connection, Messenger, PolicyKind } from '../../src/index.ts'
import type { SeededRandom } from '../../src/testing/index.ts'

/** What a run looks like. */
export interface ThrashShape {
  readonly servers: number
  readonly clients: number
  /** Made before the first operation. */
  readonly connections: number
  readonly operations: number
  /** Of servers and of clients. Peers dial each other both ways. */
  readonly policies: readonly [PolicyKind, PolicyKind]
  /** Of a hundred operations so many connect, and so many mark down; one in ten waits, the rest sends. */
  readonly connects: number
  readonly drops: number
  /** Largest ping; sizes are log-uniform from 32 bytes. */
  readonly bytesMax: number
}

export interface ThrashNode {
  readonly messenger: Messenger
  /** '' when nobody can dial it. */
  readonly address: string
}

export interface ThrashWorld {
  readonly random: SeededRandom
  readonly servers: readonly ThrashNode[]
  readonly clients: readonly ThrashNode[]
  /** Lets a little time pass. */
  breathe(): Promise<void>
  /** Lets time pass until it holds; throws when it never does. */
  until(what: string, holds: () => boolean): Promise<void>
  /** Called now and then, to look at queues. */
  sample(): void
}

const PING = 1
const PONG = 2
const ORDER = 3
const URGENT = 200
const BYTES_MIN = 32
const CONNECTIONS_MAX = 128
const IN_FLIGHT_MAX = 64
const SAMPLE_EVERY = 100

/** What is asked on a connection and not answered. */
interface Asked {
  readonly tid: number
  readonly data: Uint8Array
}

/** What a run did. */
export interface ThrashTotals {
  pings: number
  pongs: number
  orders: number
  drops: number
  resets: number
  remoteResets: number
  /** Answers that were wrong; must stay empty. */
  readonly wrong: string[]
}

export class Thrash {
  readonly totals: ThrashTotals = { pings: 0, pongs: 0, orders: 0, drops: 0, resets: 0, remoteResets: 0, wrong: [] }
  readonly #shape: ThrashShape
  readonly #world: ThrashWorld
  readonly #payload: Uint8Array
  readonly #live = new Map<Connection, Asked[]>()
  #inFlight = 0

  constructor(shape: ThrashShape, world: ThrashWorld) {
    this.#shape = shape
    this.#world = world
    this.#payload = world.random.bytes(2 * shape.bytesMax)
    for (const { messenger } of [...world.servers, ...world.clients]) this.#watch(messenger)
  }

  /** All operations; then everything that is still asked must be answered. */
  async run(): Promise<ThrashTotals> {
    const world = this.#world
    const { connections, operations, connects, drops } = this.#shape
    for (let count = 0; count < connections; count++) this.#connect()
    for (let count = 0; count < operations; count++) {
      const dice = world.random.integer(1, 100)
      if (dice > 100 - connects) this.#connect()
      else if (dice > 100 - connects - drops) this.#drop()
      else if (dice > 10) this.#send()
      else await world.breathe()
      if (this.#inFlight >= IN_FLIGHT_MAX) await world.until('some answers', () => this.#inFlight < IN_FLIGHT_MAX)
      if (count % SAMPLE_EVERY === 0) world.sample()
    }
    await world.until('all answers', () => this.#inFlight === 0)
    return this.totals
  }

  #watch(messenger: Messenger): void {
    messenger.use({
      dispatch: (message, connection) => {
        if (message.type === PING && connection.state !== 'closed')
          connection.send({ type: PONG, tid: message.tid, data: message.data.slice() })
        else if (message.type === PONG) this.#answered(connection, message.tid, message.data)
      },
      onReset: (connection) => {
        this.totals.resets++
        this.#forget(connection)
        this.#live.delete(connection)
      },
      onRemoteReset: (connection) => {
        this.totals.remoteResets++
        this.#forget(connection)
      },
    })
  }

  #answered(connection: Connection, tid: number, data: Uint8Array): void {
    this.totals.pongs++
    const asked = this.#live.get(connection)?.shift()
    if (asked !== undefined) this.#inFlight--
    if (asked?.tid !== tid) this.totals.wrong.push(`${tid} was answered, ${asked?.tid ?? 'nothing'} was next`)
    else if (Buffer.compare(asked.data, data) !== 0) this.totals.wrong.push(`the answer to ${tid} has other bytes`)
  }

  /** The session is over: its answers will not come. */
  #forget(connection: Connection): void {
    const asked = this.#live.get(connection)
    this.#inFlight -= asked?.length ?? 0
    asked?.splice(0)
  }

  #connect(): void {
    if (this.#live.size >= CONNECTIONS_MAX) return
    const { random, servers, clients } = this.#world
    const from = random.pick(this.#shape.policies[0] === 'peer' ? [...servers, ...clients] : clients)
    const to = random.pick(servers.filter((server) => server !== from))
    const connection = from.messenger.connect(to.address)
    if (!this.#live.has(connection)) this.#live.set(connection, [])
  }

  #drop(): void {
    if (this.#live.size < 10) return
    const connection = this.#world.random.pick([...this.#live.keys()])
    this.totals.drops++
    this.#forget(connection)
    this.#live.delete(connection)
    connection.markDown()
  }

  #send(): void {
    if (this.#live.size === 0) this.#connect()
    const { random } = this.#world
    const [connection, asked] = random.pick([...this.#live])
    if (random.chance(0.05)) {
      this.totals.orders++
      connection.send({ type: ORDER, priority: URGENT, tid: this.totals.orders })
      return
    }
    const bytes = Math.floor(BYTES_MIN * (this.#shape.bytesMax / BYTES_MIN) ** random.next())
    const start = random.integer(0, this.#shape.bytesMax)
    const data = this.#payload.subarray(start, start + bytes)
    const tid = ++this.totals.pings
    asked.push({ tid, data })
    this.#inFlight++
    connection.send({ type: PING, tid, data })
  }
}
