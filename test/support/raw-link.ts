/**
 * A stranger on a socket: sends whatever bytes a test wants, and sees what comes back and how it ends.
 *
 * `firstFlight` is what a real messenger sends first (banner, HELLO and OPEN), for strangers that begin well.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Messenger } from '../../src/index.ts'
import type { Policy } from '../../src/index.ts'
import { within } from './until.ts'

export class RawLink {
  readonly socket: Socket
  /** Resolves when the other side has ended the link, in whatever way. */
  readonly ended: Promise<unknown>
  readonly #chunks: Buffer[] = []

  /** One that says this, and does not close its side when the other one closes. */
  static stubborn(port: number, bytes: Uint8Array | string): RawLink {
    return new RawLink(port, true).send(bytes)
  }

  constructor(port: number, allowHalfOpen = false) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen, noDelay: true })
    this.socket.on('data', (chunk) => this.#chunks.push(chunk))
    // Being reset is what many of these are for.
    this.socket.on('error', () => undefined)
    this.ended = new Promise((resolve) => this.socket.once('close', resolve))
  }

  /** All bytes that came, as Latin-1 text: control frames carry their reasons in clear. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString('latin1')
  }

  send(bytes: Uint8Array | string): this {
    this.socket.write(bytes)
    return this
  }

  end(): this {
    this.socket.end()
    return this
  }

  destroy(): void {
    this.socket.destroy()
  }
}

/** What a messenger with this name and policy sends before it has heard anything. */
export async function firstFlight(name: string, policy: Policy): Promise<Uint8Array> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const messenger = new Messenger({ name, policies: { default: policy } })
  const arrived = new Promise<Uint8Array>((resolve) => {
    server.once('connection', (socket) => {
      socket.on('error', () => undefined)
      socket.once('data', (bytes) => {
        resolve(new Uint8Array(bytes))
        socket.destroy()
      })
    })
  })
  const connection = messenger.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    return await within('a first flight', arrived)
  } finally {
    connection.markDown()
    await messenger.shutdown()
    server.close()
  }
}
