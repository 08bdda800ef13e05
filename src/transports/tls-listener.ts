/**
 * Listens for TLS and makes a link of every connection whose certificate is accepted; all others are told why, and so is
 * `onMissed`.
 *
 * Limits: `handshakesMax` connections that are not links yet, those included that hear why they are not; the oldest makes
 * room. Each has `handshakeTimeoutMs`.
 */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { clearTimer, setTimer, wallMs } from './host.ts'
import { nodeTls } from '../late/modules.ts'
import type { SocketKind } from './socket-kind.ts'
import { SocketLink } from './socket-link.ts'
import { closeServer } from './socket-listener.ts'
import { boundTo, listenOnPort } from './tcp-listener.ts'
import { isPlain, tlsEndOf } from './tls-errors.ts'
import { problemOf } from './tls-identity.ts'
import type { Credentials, TlsSettings } from './tls-options.ts'
import { encodeRefusal } from './tls-refusal.ts'
import type { Address, Link, Listener, ListenOptions } from './transport.ts'

/** A listener whose certificates can be replaced. */
export interface TlsListener extends Listener {
  /** For connections that arrive from now on. */
  reload(credentials: Credentials): void
}

/** How long a ticket is good for, in seconds: so long may somebody come back who was revoked meanwhile. */
const TICKET_LIFE_S = 300
/** What TLS says to a protocol that it does not know, and OpenSSL does not to one that is none: `native()` knows it for TLS. */
const ALERT = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 70)
/** How long somebody is heard who is told why not. */
const FAREWELL_MS = 1000

export async function listenTls(
  settings: TlsSettings,
  kind: SocketKind,
  credentials: Credentials,
  address: Address,
  onLink: (link: Link) => void,
  options?: ListenOptions,
): Promise<TlsListener> {
  const { handshakeTimeoutMs, handshakesMax, backlog } = settings
  const shaking = new Shaking(handshakesMax)
  const missed = (from: string, reason: string): void => options?.onMissed?.(`${from}: ${reason}`)
  const server = nodeTls().createServer({
    ...credentials,
    requestCert: true,
    // Not by Node, which would not say why.
    rejectUnauthorized: false,
    handshakeTimeout: handshakeTimeoutMs,
    sessionTimeout: TICKET_LIFE_S,
    pauseOnConnect: true,
  })
  server.on('connection', (socket: Socket) => shaking.add(socket))
  server.on('tlsClientError', (error, socket) => {
    missed(whereFrom(socket), tlsEndOf(error, false).message)
    if (isPlain(error)) shaking.of(socket)?.write(ALERT)
    // Node leaves one open whose time is up.
    socket.destroy()
  })
  server.on('secureConnection', (socket) => {
    const problem = problemOf(socket, wallMs())
    if (problem !== null) {
      missed(whereFrom(socket), `The other end is not believed: ${problem}.`)
      refuse(socket, problem)
      return
    }
    shaking.delete(socket)
    onLink(new SocketLink(settings, kind, { accepted: socket }))
  })
  await listenOnPort(server, backlog, address, options)
  return {
    address: boundTo(server, address.scheme),
    reload: (next) => server.setSecureContext({ ...next }),
    close: async () => {
      shaking.end()
      await closeServer(server)
    },
  }
}

/** Says why, and goes. */
function refuse(socket: TLSSocket, problem: string): void {
  const timer = setTimer(() => socket.destroy(), FAREWELL_MS)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clearTimer(timer))
  socket.end(encodeRefusal(problem))
  socket.resume()
}

/** Connections that are not links yet, by where they come from: the socket of TCP and that of TLS on it are two objects. */
class Shaking {
  readonly #max: number
  readonly #sockets = new Map<string, Socket>()

  constructor(max: number) {
    this.#max = max
  }

  add(socket: Socket): void {
    const [oldest] = this.#sockets.values()
    if (this.#sockets.size >= this.#max) oldest?.destroy()
    const key = whereFrom(socket)
    this.#sockets.set(key, socket)
    socket.once('close', () => {
      if (this.#sockets.get(key) === socket) this.#sockets.delete(key)
    })
  }

  /** The socket of TCP below this one. */
  of(socket: Socket): Socket | undefined {
    return this.#sockets.get(whereFrom(socket))
  }

  delete(socket: Socket): void {
    this.#sockets.delete(whereFrom(socket))
  }

  end(): void {
    for (const socket of this.#sockets.values()) socket.destroy()
    this.#sockets.clear()
  }
}

function whereFrom({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? 'somewhere'} ${remotePort ?? 0}`
}
