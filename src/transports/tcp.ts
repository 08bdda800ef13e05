/**
 * The TCP transport: `tcp://host:port` over node:net.
 *
 * Addresses are IP literals or host names. `localhost` stands for 127.0.0.1, so that both sides of one host agree on one
 * address whatever its resolver prefers. Names are resolved by each dial; a bound address is always an IP.
 */
import { optionObject } from '../common/options.ts'
import { SocketLink } from './socket-link.ts'
import { listenTcp } from './tcp-listener.ts'
import { parseTcp, routeTo, sourceOf, TCP_OPTIONS, tcpSettings, type TcpOptions } from './tcp-options.ts'
import { resolveTcp, tcpDial, tcpKind } from './tcp-socket.ts'
import type { Transport } from './transport.ts'
import { vouchFor } from './vouched.ts'

export type { TcpOptions } from './tcp-options.ts'

/** Dials and listens on TCP, `tcp://host:port`. Throws `INK_BAD_OPTION`. */
export function tcp(options?: TcpOptions): Transport {
  optionObject('tcp()', options, TCP_OPTIONS)
  const settings = tcpSettings(options)
  const kind = tcpKind(settings)
  const from = sourceOf(options?.from)
  return vouchFor({
    scheme: 'tcp',
    parse: (address) => parseTcp('tcp', address),
    listen: (address, onLink, listenOptions) => listenTcp(settings, kind, address, onLink, listenOptions),
    dial: (address) => new SocketLink(settings, kind, tcpDial({ ...routeTo('tcp', address), ...from })),
    resolve: (address) => resolveTcp(address, from.family),
  })
}
