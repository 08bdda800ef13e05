/**
 * The TCP transport: `tcp://host:port` over node:net.
 *
 * Addresses are IP literals or host names. `localhost` stands for 127.0.0.1, so that both sides of one host agree on one
 * address whatever its resolver prefers. Names are resolved by each dial; a bound address is always an IP.
 */
import type { MessagePort } from 'node:worker_threads'
import { optionObject } from '../common/options.ts'
import { Door } from './door-listener.ts'
import { SocketLink } from './socket-link.ts'
import type { Accepted } from './socket-listener.ts'
import { listenTcp } from './tcp-listener.ts'
import { parseTcp, routeTo, sourceOf, TCP_OPTIONS, tcpSettings, type OverTcpOptions } from './tcp-options.ts'
import { resolveTcp, tcpDial, tcpKind } from './tcp-socket.ts'
import type { Transport } from './transport.ts'
import { vouchFor } from './vouched.ts'

/** Options of {@link tcp}. */
export interface TcpOptions extends OverTcpOptions {
  /**
   * What `door()` of a {@link SocketGate} gave: binding its address here takes those sockets that are for this thread, instead of
   * listening. Each `tcp()` needs one of its own, and a Node whose sockets move between threads. Left out: it listens itself.
   */
  readonly door?: MessagePort | undefined
}

/** Dials and listens on TCP, `tcp://host:port`. Throws `INK_BAD_OPTION`. */
export function tcp(options?: TcpOptions): Transport {
  optionObject('tcp()', options, [...TCP_OPTIONS, 'door'])
  const settings = tcpSettings(options)
  const kind = tcpKind(settings)
  const from = sourceOf(options?.from)
  const door = options?.door === undefined ? null : new Door(options.door)
  return vouchFor({
    scheme: 'tcp',
    parse: (address) => parseTcp('tcp', address),
    listen: (address, onLink, listenOptions) => {
      if (door === null) return listenTcp(settings, kind, address, onLink, listenOptions)
      const take = (origin: Accepted): void => onLink(new SocketLink(settings, kind, origin))
      return door.listen(address, take, listenOptions)
    },
    dial: (address) => new SocketLink(settings, kind, tcpDial({ ...routeTo('tcp', address), ...from })),
    resolve: (address) => resolveTcp(address, from.family),
  })
}
