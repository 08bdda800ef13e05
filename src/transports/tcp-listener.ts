/** Listens on TCP and makes a link of every connection that arrives. */
import type { AddressInfo, Server } from 'node:net'
import { nodeNet } from '../late/modules.ts'
import type { SocketKind } from './socket-kind.ts'
import { SocketLink } from './socket-link.ts'
import { acceptFrom, closeServer, listenAt } from './socket-listener.ts'
import type { TcpSettings } from './tcp-socket.ts'
import type { Address, Link, Listener, ListenOptions } from './transport.ts'

export async function listenTcp(
  settings: TcpSettings,
  kind: SocketKind,
  address: Address,
  onLink: (link: Link) => void,
  options?: ListenOptions,
): Promise<Listener> {
  const server = nodeNet().createServer({ allowHalfOpen: false, pauseOnConnect: true })
  await listenOnPort(server, settings.backlog, address, options)
  acceptFrom(server, (origin) => onLink(new SocketLink(settings, kind, origin)))
  return { address: boundTo(server, address.scheme), close: () => closeServer(server) }
}

/** Listens on a TCP port, whatever is spoken there. */
export function listenOnPort(
  server: Server,
  backlog: number,
  address: Address,
  options?: ListenOptions,
): Promise<void> {
  const { host, port } = address
  const naming = { address, another: 'choose another port, or 0 for any' }
  return listenAt(server, { host, port, backlog }, naming, options)
}

export function boundTo(server: Server, scheme: string): Address {
  const { address, port } = server.address() as AddressInfo
  return { scheme, host: address, port }
}
