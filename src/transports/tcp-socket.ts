/** What is TCP's own about a socket: its options, its addresses, and that a RST can be sent. */
import { canonicalIp } from '../common/ip.ts'
import { nodeDns, nodeNet } from '../late/modules.ts'
import { formatAddress } from './address.ts'
import { linkEndOf } from './socket-errors.ts'
import type { SocketDial, SocketKind, SocketSettings } from './socket-kind.ts'
import type { Address } from './transport.ts'

/** The resolved options of tcp(). */
export interface TcpSettings extends SocketSettings {
  readonly noDelay: boolean
  readonly keepAliveMs: number
  readonly backlog: number
}

/** Where a dialled link goes to, and from where. */
export interface TcpRoute {
  readonly host: string
  readonly port: number
  readonly localAddress?: string
  readonly localPort?: number
  readonly family?: 4 | 6
}

/** The sockets of `tcp()` with these options; one object for all of them. */
export function tcpKind(settings: TcpSettings): SocketKind {
  return {
    ...overTcp('tcp', settings),
    capabilities: { local: false },
    opens: 'connect',
    endOf: linkEndOf,
    abort: (socket) => void socket.resetAndDestroy(),
  }
}

/** What all sockets over TCP have, whatever is spoken on them. */
export function overTcp(
  scheme: string,
  { noDelay, keepAliveMs }: TcpSettings,
): Pick<SocketKind, 'tune' | 'localAddress' | 'remoteAddress'> {
  return {
    tune: (socket) => {
      socket.setNoDelay(noDelay)
      socket.setKeepAlive(keepAliveMs > 0, keepAliveMs)
    },
    localAddress: (socket) => formatEnd(scheme, socket.localAddress, socket.localPort),
    remoteAddress: (socket) => formatEnd(scheme, socket.remoteAddress, socket.remotePort),
  }
}

/** All addresses of a host name, in the order of the resolver; those of one IP family where dials come from one. */
export async function resolveTcp(address: Address, family: 4 | 6 | undefined): Promise<readonly Address[]> {
  const found = await nodeDns().promises.lookup(address.host, { all: true, family: family ?? 0 })
  return found.map((one) => ({ ...address, host: canonicalIp(one.address) }))
}

/** A dial on this route. A name is resolved now, and all of its addresses are tried. */
export function tcpDial(route: TcpRoute): SocketDial {
  return { make: (options) => new (nodeNet().Socket)(options), connect: (socket) => void socket.connect(route) }
}

/** One end of a connection as an address, '' while it is unknown. */
function formatEnd(scheme: string, host: string | undefined, port: number | undefined): string {
  if (host === undefined || port === undefined) return ''
  // The kernel's IPv4 is canonical. One flat string: it lives as long as the link.
  return nodeNet().isIPv4(host) ? [scheme, '://', host, ':', port].join('') : formatAddress({ scheme, host, port })
}
