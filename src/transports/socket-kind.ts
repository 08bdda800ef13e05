/**
 * What is the same of all sockets of one transport, and what a link is made from: terms that its kind of socket, its listener
 * and SocketLink share.
 */
import type { OnReadOpts, Socket, SocketConstructorOpts } from 'node:net'
import type { Poller } from './poller.ts'
import type { Accepted } from './socket-listener.ts'
import type { LinkCapabilities, LinkEnd, LinkPeer } from './transport.ts'

/** What every transport over sockets can set. */
export interface SocketSettings {
  readonly highWaterBytes: number
  readonly closeTimeoutMs: number
  /** Is told of every read; null: nobody wants to know. */
  readonly poller: Poller | null
}

/** What the sockets of one transport have, and those of another have not. */
export interface SocketKind {
  readonly capabilities: LinkCapabilities
  /** Which event says that a dialled socket is through. */
  readonly opens: 'connect' | 'secureConnect'
  /** A socket was made; those of a dial are not connected yet. */
  tune(socket: Socket): void
  /** The kernel took a write only in part, for the first time: this socket needs more room there than it began with. */
  widen?(socket: Socket): void
  /** `scheme://…` of this end, '' while it is unknown. */
  localAddress(socket: Socket): string
  remoteAddress(socket: Socket): string
  /** What is proved about the other end of a socket that is open. */
  peerOf?(socket: Socket): LinkPeer
  /** Why the other end of a socket that was dialled is not believed; null when it is. */
  distrusts?(socket: Socket): string | null
  /** Why the other end does not believe this one, if that is what its first bytes say. */
  refusedBy?(first: Uint8Array): string | null
  /** What an error means. */
  endOf(error: unknown, wasOpen: boolean): { readonly end: LinkEnd; readonly message: string }
  /** Ends a connected socket at once, so that the peer hears of it where the system tells such things. */
  abort(socket: Socket): void
}

/** Where a link comes from: an accepted handle, an accepted socket where there are no handles, or a dial. */
export type SocketOrigin = Accepted | SocketDial

export interface SocketDial {
  /** Makes the socket. */
  readonly make: (options: SocketOptions) => Socket
  /** Begins to dial. */
  readonly connect: (socket: Socket) => void
}

/** Options that net.Socket takes and its types leave out. */
export interface SocketOptions extends Omit<SocketConstructorOpts, 'onread' | 'handle'> {
  /**
   * `buffer` is asked after every read, and again for each address that a name has: it must answer every time. A socket
   * that got none would read elsewhere, and show what other sockets left here as if it were its own.
   */
  readonly onread: { buffer(): Uint8Array; callback: OnReadOpts['callback'] }
  readonly handle?: object
}
