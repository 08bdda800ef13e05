/** What is TLS's own about a socket: how it is dialled, with a ticket where there is one, and whom it believes. */
import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { wallMs } from './host.ts'
import { nodeTls } from '../late/modules.ts'
import type { SocketDial, SocketKind } from './socket-kind.ts'
import { overTcp, type TcpRoute } from './tcp-socket.ts'
import { tlsEndOf } from './tls-errors.ts'
import { certificateOf, peerOf, problemOf, remember } from './tls-identity.ts'
import type { TlsSettings } from './tls-options.ts'
import { decodeRefusal } from './tls-refusal.ts'
import type { TlsTickets } from './tls-tickets.ts'

/** All sockets of this kind are made by `tlsDial` below, or by a server of TLS. */
const tlsOf = (socket: Socket): TLSSocket => {
  if (!(socket instanceof nodeTls().TLSSocket)) throw new TypeError('only sockets of TLS are dialled and accepted here')
  return socket
}

/** The sockets of `tls()` with these options; one object for all of them. */
export function tlsKind(settings: TlsSettings): SocketKind {
  return {
    ...overTcp('tls', settings),
    capabilities: { local: false, protected: true, identifies: true },
    opens: 'secureConnect',
    peerOf: (socket) => peerOf(tlsOf(socket), settings.speaksFor),
    distrusts: (socket) => {
      const problem = problemOf(tlsOf(socket), wallMs())
      return problem === null ? null : `The other end is not believed: ${problem}.`
    },
    refusedBy: (first) => {
      const reason = decodeRefusal(first)
      return reason === null ? null : `The other end does not believe this one: ${reason}.`
    },
    endOf: tlsEndOf,
    abort: (socket) => void socket.destroy(),
  }
}

/** A dial on this route, which goes on with the session of the last one there, if both ends still have it. */
export function tlsDial(route: TcpRoute, context: SecureContext, tickets: TlsTickets): SocketDial {
  const key = `${route.host} ${route.port}`
  return {
    make: ({ onread, allowHalfOpen }) => {
      const ticket = tickets.take(key)
      const options = {
        ...route,
        onread,
        allowHalfOpen,
        secureContext: context,
        rejectUnauthorized: true,
        // Who it is, not where: see LinkPeer.
        checkServerIdentity: () => undefined,
        ...(ticket === undefined ? {} : { session: ticket.session }),
      }
      const socket = nodeTls().connect(options)
      if (ticket !== undefined) remember(socket, ticket.certificate)
      return socket.on('session', (session) => {
        const certificate = certificateOf(socket)
        if (certificate !== undefined) tickets.keep(key, { session, certificate })
      })
    },
    // tls.connect() has begun.
    connect: () => {},
  }
}
