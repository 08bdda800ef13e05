/**
 * Two messengers in a world that stands still: a clock that only the test moves, turns that only the test runs, and a
 * memory transport. Everything that costs something is counted, so the same code gives the same counts on any machine.
 */
import { defineCall, losslessClient, losslessServer, memory, Messenger } from '../../../src/index.ts'
import type { Clock, Connection, Link, Reply, Transport } from '../../../src/index.ts'

const RAW = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes }
const Echo = defineCall({ type: 1, name: 'Echo', request: RAW, reply: RAW })

/** What one messenger did. */
export class Counts {
  /** Calls of link.write, their chunks and bytes. */
  writes = 0
  chunks = 0
  bytes = 0
  clockReads = 0
  timersArmed = 0
  /** Calls of clock.defer and clock.later. */
  turnsAsked = 0

  reset(): void {
    Object.assign(this, new Counts())
  }
}

type Task = () => void

export class CountingWorld {
  readonly client = new Counts()
  readonly server = new Counts()
  /** Messages that the server handled. */
  handled = 0
  /** Replies that the client handled. */
  replied = 0
  connection!: Connection
  #nowMs = 1000
  #address = ''
  readonly #soon: Task[] = []
  readonly #later: Task[] = []
  readonly #timers = new Map<object, { readonly atMs: number; readonly task: Task }>()
  messengers: readonly Messenger[] = []

  /** An open session; `reply` is what the server answers to each message. */
  static async open(reply: Uint8Array | null): Promise<CountingWorld> {
    const world = new CountingWorld()
    await world.#open(reply)
    world.client.reset()
    world.server.reset()
    return world
  }

  /** Opens connections beside the first, each with a session of its own; one name has 256 of them at most. */
  more(count: number): readonly Connection[] {
    const client = this.messengers[0] as Messenger
    const all = Array.from({ length: count }, () => client.connect(this.#address, { type: 'osd', anonymous: true }))
    this.run()
    this.advance(100)
    if (!all.every(({ state }) => state === 'open')) throw new Error('not all of them are open')
    this.client.reset()
    this.server.reset()
    return all
  }

  /** A connection that is opened, asks once, and is ended in order. */
  pass(data: Uint8Array): void {
    const client = this.messengers[0] as Messenger
    const connection = client.connect(this.#address, { type: 'osd', anonymous: true })
    this.run()
    connection.send({ type: 1, data })
    this.run()
    void connection.close()
    this.run()
    if (connection.state !== 'closed') throw new Error(`it is ${connection.state}`)
  }

  /** A call, which the server answers with what it was given. */
  call(body: Uint8Array): Promise<Reply<Uint8Array>> {
    return this.connection.call(Echo, body)
  }

  /** Runs turns until nothing is left to do now. */
  run(): void {
    for (;;) {
      const task = this.#soon.shift() ?? this.#later.shift()
      if (task === undefined) return
      task()
    }
  }

  /** Lets time pass, and everything happen that falls due. */
  advance(ms: number): void {
    this.#nowMs += ms
    for (const [timer, { atMs, task }] of [...this.#timers]) {
      if (atMs > this.#nowMs || !this.#timers.delete(timer)) continue
      task()
      this.run()
    }
    this.run()
  }

  async close(): Promise<void> {
    const down = Promise.all(this.messengers.map((messenger) => messenger.shutdown()))
    let over = false
    void down.then(() => (over = true))
    while (!over) {
      this.advance(1000)
      await new Promise(setImmediate)
    }
  }

  async #open(reply: Uint8Array | null): Promise<void> {
    const hub = memory({
      defer: (task) => void this.#later.push(task),
      timer: (task, ms) => {
        const timer = {}
        this.#timers.set(timer, { atMs: this.#nowMs + ms, task })
        return () => this.#timers.delete(timer)
      },
    })
    const server = new Messenger({
      name: 'osd.0',
      policies: { default: losslessServer() },
      transports: [counted(hub, this.server)],
      runtime: { clock: this.#clock(this.server) },
    })
    const client = new Messenger({
      name: 'client.1',
      policies: { default: losslessClient() },
      transports: [counted(hub, this.client)],
      runtime: { clock: this.#clock(this.client) },
    })
    this.messengers = [client, server]
    server.use({
      dispatch: (_message, connection) => {
        this.handled++
        if (reply !== null) connection.send({ type: 2, data: reply })
      },
    })
    server.serve(Echo, (body) => ({ body }))
    client.use({
      dispatch: () => {
        this.replied++
      },
    })
    this.#address = await server.bind('memory://osd')
    this.connection = client.connect(this.#address, { type: 'osd' })
    this.run()
    this.advance(100)
  }

  #clock(counts: Counts): Clock {
    const read = (value: number): number => {
      counts.clockReads++
      return value
    }
    const ask = (tasks: Task[], task: Task): void => {
      counts.turnsAsked++
      tasks.push(task)
    }
    return {
      nowMs: () => read(this.#nowMs),
      wallMs: () => read(1_700_000_000_000 + this.#nowMs),
      setTimer: (task, delayMs) => {
        counts.timersArmed++
        const timer = {}
        this.#timers.set(timer, { atMs: this.#nowMs + delayMs, task })
        return timer
      },
      clearTimer: (timer) => {
        this.#timers.delete(timer as object)
      },
      defer: (task) => ask(this.#soon, task),
      later: (task) => ask(this.#later, task),
    }
  }
}

/** The transport, with a count of what its links are given to write. */
function counted(transport: Transport, counts: Counts): Transport {
  const watch = (link: Link): Link => {
    const write = link.write.bind(link)
    link.write = (chunks) => {
      counts.writes++
      counts.chunks += chunks.length
      for (const chunk of chunks) counts.bytes += chunk.length
      return write(chunks)
    }
    return link
  }
  return {
    scheme: transport.scheme,
    parse: (address) => transport.parse(address),
    listen: (address, onLink, options) => transport.listen(address, (link) => onLink(watch(link)), options),
    dial: (address) => watch(transport.dial(address)),
  }
}
