/** What is a Unix socket's own: its addresses, which are paths or abstract names, and what its errors mean. */
import { nodeNet } from '../late/modules.ts'
import { widenSendBuffer } from './send-buffer.ts'
import { linkEndOf } from './socket-errors.ts'
import type { SocketDial, SocketKind, SocketSettings } from './socket-kind.ts'

/** How a Unix socket is bound. */
export interface UnixPlace {
  readonly mode: number
  /** Null: the directory must be there. */
  readonly directoryMode: number | null
  readonly backlog: number
}

/** The resolved options of unix(). */
export interface UnixSettings extends SocketSettings, UnixPlace {}

/** Bytes of a name in the kernel's address, without the zero that makes it abstract. */
export const ABSTRACT_BYTES_MAX = 107

/**
 * What Node calls this place. An abstract name is padded to its full length, because versions of Node differ in whether they
 * do that, and names of different lengths are different names.
 */
export function systemPath(host: string): string {
  return host.startsWith('@') ? `\0${host.slice(1).padEnd(ABSTRACT_BYTES_MAX, '\0')}` : host
}

/** Sockets of one listener or one dial. The end that dials has no address: the other end cannot tell who it is. */
export function unixKind(localAddress: string, remoteAddress: string): SocketKind {
  return {
    capabilities: { local: true },
    opens: 'connect',
    tune: () => {},
    widen: widenSendBuffer,
    localAddress: () => localAddress,
    remoteAddress: () => remoteAddress,
    endOf: (error, wasOpen) => unixEndOf(error, wasOpen),
    // There is no RST: the other side hears of it as of an orderly end, unless it had bytes under way to here.
    abort: (socket) => void socket.destroy(),
  }
}

export function unixDial(host: string): SocketDial {
  return {
    make: (options) => new (nodeNet().Socket)(options),
    connect: (socket) => void socket.connect({ path: systemPath(host) }),
  }
}

export function unixEndOf(error: unknown, wasOpen: boolean): ReturnType<SocketKind['endOf']> {
  const { code, message } = error as { code?: unknown; message: string }
  if (!wasOpen && code === 'ENOENT') return { end: 'refused', message: `Nobody listens there: ${message}.` }
  if (!wasOpen && code === 'EAGAIN')
    return { end: 'unreachable', message: `Too many wait there to be accepted: ${message}.` }
  if (!wasOpen && (code === 'EACCES' || code === 'EPERM'))
    return { end: 'failed', message: `The mode of the socket or its directory keeps this user out: ${message}.` }
  return linkEndOf(error, wasOpen)
}
