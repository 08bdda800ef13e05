/**
 * Listens on TCP and makes a link of every connection that arrives.
 *
 * Errors of accepting (no descriptors left, a connection that died in the backlog) cost that one connection, and are told:
 * the kernel's backlog and the peer's next dial are the recovery, so the listener goes on.
 */
import { createServer, type AddressInfo, type Server } from 'node:net'
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { formatAddress } from './address.ts'
import { nextTurn } from './host.ts'
import { TcpLink, type TcpOrigin, type TcpSettings } from './tcp-link.ts'
import type { Address, Link, Listener, ListenOptions } from './transport.ts'

export function listenTcp(
  settings: TcpSettings,
  address: Address,
  onLink: (link: Link) => void,
  options?: ListenOptions,
): Promise<Listener> {
  const signal = options?.signal
  if (signal?.aborted) return Promise.reject(aborted(address, signal))
  const server = createServer({ allowHalfOpen: false, pauseOnConnect: true })
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => {
      server.close()
      reject(aborted(address, signal!))
    })
    const onFailure = (error: Error): void => {
      release()
      reject(bindError(address, error))
    }
    server.once('error', onFailure)
    const { host, port } = address
    server.listen({ host, port, backlog: settings.backlog, exclusive: true }, () => {
      release()
      server.off('error', onFailure)
      server.on('error', (error) => options?.onMissed?.(`A link could not be accepted: ${error.message}.`))
      accept(server, (origin) => onLink(new TcpLink(settings, origin)))
      resolve(new TcpListener(server))
    })
  })
}

/** What Node's servers carry inside. */
interface ServerInside {
  _handle?: { onconnection?: (this: unknown, status: number, handle?: ConnectionHandle) => void } | null
}

interface ConnectionHandle {
  useUserBuffer?: unknown
}

/**
 * Takes handles, not the sockets that net.Server makes of them: links make sockets of their own, with `onread`. Where the
 * runtime hands out none that can read into our memory, its own way goes on, and the public event brings sockets.
 */
function accept(server: Server & ServerInside, take: (origin: TcpOrigin) => void): void {
  server.on('connection', (accepted) => take({ accepted }))
  const { _handle: listening } = server
  const makeSocket = listening?.onconnection
  if (!listening || typeof makeSocket !== 'function') return
  listening.onconnection = function (status, handle) {
    if (status === 0 && typeof handle?.useUserBuffer === 'function') take({ handle })
    else makeSocket.call(this, status, handle)
  }
}

class TcpListener implements Listener {
  readonly address: Address
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
    const { address, port } = server.address() as AddressInfo
    this.address = { scheme: 'tcp', host: address, port }
  }

  /** The port is free as soon as the handle is closed; the server's own 'close' would also wait for sockets. */
  close(): Promise<void> {
    if (this.#server.listening) this.#server.close()
    return new Promise((resolve) => nextTurn(resolve))
  }
}

function bindError(address: Address, cause: Error & { code?: unknown }): InkwireError {
  const where = formatAddress(address)
  if (cause.code === 'EADDRINUSE') {
    return new InkwireError('INK_ADDRESS_IN_USE', `${where} is taken; choose another port, or 0 for any.`, { cause })
  }
  return new InkwireError('INK_BIND_FAILED', `Cannot listen on ${where}: ${cause.message}.`, { cause })
}

function aborted(address: Address, signal: AbortSignal): InkwireError {
  const sentence = `Listening on ${formatAddress(address)} was aborted before it began.`
  return new InkwireError('INK_ABORTED', sentence, { cause: signal.reason })
}
