/**
 * The TLS transport: `tls://host:port`, TLS 1.3 over TCP, with certificates at both ends.
 *
 * Nothing is believed without a certificate of an authority in `ca`, by neither end. Which entity names a certificate is for
 * is decided by `speaksFor`; the messenger asks as soon as the other end has said its name. The host that was dialled is
 * not compared with anything.
 */
import { SocketLink } from './socket-link.ts'
import { parseTcp, routeTo, sourceOf } from './tcp-options.ts'
import { listenTls, type TlsListener } from './tls-listener.ts'
import {
  makeCredentials,
  onlyCertificates,
  tlsOptions,
  tlsSettings,
  type TlsCertificates,
  type TlsOptions,
} from './tls-options.ts'
import { resolveTcp } from './tcp-socket.ts'
import { tlsDial, tlsKind } from './tls-socket.ts'
import { TlsTickets } from './tls-tickets.ts'
import type { Transport } from './transport.ts'
import { vouchFor } from './vouched.ts'

/** A transport whose certificates can be replaced while it runs. */
export interface TlsTransport extends Transport {
  /**
   * From now on these are shown and believed, by dials and by listeners. Links that are open go on, and nobody is asked anew.
   * Tickets of sessions before are good no more.
   *
   * @throws InkwireError `INK_BAD_OPTION`: the old ones stay.
   */
  reload(certificates: TlsCertificates): void
}

/**
 * Dials and listens on TLS 1.3 with certificates at both ends.
 *
 * @example tls({ key, cert, ca, speaksFor: (name, { subject }) => subject === `CN=${name}.storage.example` })
 * @throws InkwireError `INK_BAD_OPTION`.
 */
export function tls(given: TlsOptions): TlsTransport {
  const options = tlsOptions(given)
  const settings = tlsSettings(options)
  const kind = tlsKind(settings)
  const from = sourceOf(options.from)
  const tickets = new TlsTickets()
  const listeners = new Set<TlsListener>()
  let { credentials, context } = makeCredentials('tls()', options)
  const transport: TlsTransport = {
    scheme: 'tls',
    provesNames: true,
    parse: (address) => parseTcp('tls', address),
    listen: async (address, onLink, listenOptions) => {
      const shown = credentials
      const listener = await listenTls(settings, kind, shown, address, onLink, listenOptions)
      listeners.add(listener)
      if (shown !== credentials) listener.reload(credentials)
      const close = async (): Promise<void> => {
        listeners.delete(listener)
        await listener.close()
      }
      return { address: listener.address, close }
    },
    dial: (address) =>
      new SocketLink(settings, kind, tlsDial({ ...routeTo('tls', address), ...from }, context, tickets)),
    resolve: (address) => resolveTcp(address, from.family),
    reload: (certificates) => {
      ;({ credentials, context } = makeCredentials('reload()', onlyCertificates('reload()', certificates)))
      tickets.clear()
      for (const listener of listeners) listener.reload(credentials)
    },
  }
  return vouchFor(transport)
}
