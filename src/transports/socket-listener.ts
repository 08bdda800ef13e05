/**
 * Listens with one of Node's servers and hands over whatever arrives there, of any family of stream sockets.
 *
 * Errors of accepting (no descriptors left, a connection that died in the backlog) cost that one connection, and are told:
 * the kernel's backlog and the peer's next dial are the recovery, so the listener goes on.
 */
import type { ListenOptions as Place, Server, Socket } from 'node:net'
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { formatAddress } from './address.ts'
import { nextTurn } from './host.ts'
import type { Address, ListenOptions } from './transport.ts'

/**
 * Resolves when the server listens at that place. Rejects with `INK_ADDRESS_IN_USE`, `INK_BIND_FAILED` or `INK_ABORTED`; the
 * server listens nowhere then.
 *
 * @param another what to do about an address that is taken, for the sentence of the error.
 */
export function listenAt(
  server: Server,
  place: Place,
  { address, another }: { readonly address: Address; readonly another: string },
  options?: ListenOptions,
): Promise<void> {
  const signal = options?.signal
  if (signal?.aborted) return Promise.reject(abortedListen(address, signal))
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, () => {
      server.close()
      reject(abortedListen(address, signal!))
    })
    const onFailure = (error: Error): void => {
      release()
      reject(bindError(address, error, another))
    }
    server.once('error', onFailure)
    server.listen({ ...place, exclusive: true }, () => {
      release()
      server.off('error', onFailure)
      server.on('error', (error) => options?.onMissed?.(`A link could not be accepted: ${error.message}.`))
      resolve()
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
 * A connection that has arrived: its handle, or a socket where there are no handles. `first`: what was read of it before, in
 * another thread.
 */
export type Accepted = { readonly handle: object; readonly first?: Uint8Array } | { readonly accepted: Socket }

/**
 * Takes handles, not the sockets that net.Server makes of them: links make sockets of their own, with `onread`. Where the
 * runtime hands out none that can read into our memory, its own way goes on, and the public event brings sockets.
 */
export function acceptFrom(server: Server & ServerInside, take: (origin: Accepted) => void): void {
  server.on('connection', (accepted) => take({ accepted }))
  const { _handle: listening } = server
  const makeSocket = listening?.onconnection
  if (!listening || typeof makeSocket !== 'function') return
  listening.onconnection = function (status, handle) {
    if (status === 0 && typeof handle?.useUserBuffer === 'function') take({ handle })
    else makeSocket.call(this, status, handle)
  }
}

/** The place is free as soon as the handle is closed; the server's own 'close' would also wait for sockets. */
export function closeServer(server: Server): Promise<void> {
  if (server.listening) server.close()
  return new Promise((resolve) => nextTurn(resolve))
}

/** The error for a place where one cannot listen. */
export function bindError(address: Address, cause: Error & { code?: unknown }, another: string): InkwireError {
  const where = formatAddress(address)
  if (cause.code === 'EADDRINUSE')
    return new InkwireError('INK_ADDRESS_IN_USE', `${where} is taken; ${another}.`, { cause })
  return new InkwireError('INK_BIND_FAILED', `Cannot listen on ${where}: ${cause.message}.`, { cause })
}

export function abortedListen(address: Address, signal: AbortSignal): InkwireError {
  const sentence = `Listening on ${formatAddress(address)} was aborted before it began.`
  return new InkwireError('INK_ABORTED', sentence, { cause: signal.reason })
}
