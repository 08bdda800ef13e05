/**
 * Connections that have arrived and have not said who they are: read until they have, or until it is clear that they do not.
 *
 * Limits: `strangersMax` of them, the oldest makes room; each for `strangerTimeoutMs`, and FLIGHT_BYTES_MAX bytes.
 */
import type { Socket, SocketConstructorOpts } from 'node:net'
import { nodeNet } from '../late/modules.ts'
import { concat } from '../common/bytes.ts'
import { clearTimer, nextTurn, setTimer } from '../transports/host.ts'
import type { Accepted } from '../transports/socket-listener.ts'
import { FirstFlight } from '../wire/native/first-flight.ts'

/** A connection that is ready to go to its thread. Exactly one of `detach` and `refuse` is called, once. */
export interface Known {
  /** Who it says to be; null: nobody that is known here. */
  readonly name: string | null
  /** The IP address that it comes from. */
  readonly from: string
  readonly handle: object
  /** All that it has said. */
  readonly first: Uint8Array<ArrayBuffer>
  /** The handle belongs to the caller now. */
  detach(): object
  /** It is closed, and the reason told. */
  refuse(reason: string): void
}

interface Host {
  known(one: Known): void
  missed(reason: string): void
}

interface Limits {
  readonly strangersMax: number
  readonly strangerTimeoutMs: number
}

/** What Node's sockets carry inside. */
interface SocketInside {
  _handle: Handle | null
}

interface Handle {
  readStop(): void
}

export class Strangers {
  readonly #limits: Limits
  readonly #host: Host
  readonly #sockets = new Set<Socket>()

  constructor(limits: Limits, host: Host) {
    this.#limits = limits
    this.#host = host
  }

  add(origin: Accepted): void {
    if (!('handle' in origin)) {
      origin.accepted.destroy()
      this.#host.missed('A connection has no handle that could move to another thread.')
      return
    }
    const [oldest] = this.#sockets.values()
    if (this.#sockets.size >= this.#limits.strangersMax) oldest?.destroy()
    this.#read(new (nodeNet().Socket)({ handle: origin.handle } as SocketConstructorOpts))
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #read(socket: Socket): void {
    const flight = new FirstFlight()
    const heard: Uint8Array[] = []
    const from = socket.remoteAddress ?? ''
    const refuse = (reason: string): void => {
      socket.destroy()
      this.#host.missed(`${from || 'somewhere'}: ${reason}.`)
    }
    const { strangerTimeoutMs } = this.#limits
    const timer = setTimer(() => refuse(`it did not say who it is within ${strangerTimeoutMs} ms`), strangerTimeoutMs)
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimer(timer)
      this.#sockets.delete(socket)
    })
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk)
      const claim = flight.receive(chunk)
      if (claim.is === 'open') return
      const handle = stopReading(socket)
      // Node is still inside of the read that brought this.
      if (handle !== null)
        nextTurn(() =>
          this.#hand(socket, { handle, heard, from, refuse, name: claim.is === 'named' ? claim.name : null }),
        )
    })
  }

  #hand(
    socket: Socket & Partial<SocketInside>,
    {
      handle,
      heard,
      from,
      refuse,
      name,
    }: Pick<Known, 'handle' | 'from' | 'refuse' | 'name'> & { readonly heard: readonly Uint8Array[] },
  ): void {
    // It was ended meanwhile.
    if (socket.destroyed) return
    const detach = (): object => {
      socket._handle = null
      socket.destroy()
      return handle
    }
    this.#host.known({ name, from, handle, first: concat(heard), detach, refuse })
  }
}

/** The socket reads nothing more, and closes its handle only if it is destroyed. */
function stopReading(socket: Socket & Partial<SocketInside>): Handle | null {
  const handle = socket._handle ?? null
  socket.pause()
  handle?.readStop()
  return handle
}
