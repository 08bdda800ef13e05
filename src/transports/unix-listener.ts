/** Listens on a Unix socket, by path or abstract name, and makes a link of every connection that arrives. */
import type { Server } from 'node:net'
import { asError, InkwireError } from '../common/errors.ts'
import { nodeCrypto, nodeNet } from '../late/modules.ts'
import { formatAddress } from './address.ts'
import { SocketLink } from './socket-link.ts'
import { abortedListen, acceptFrom, bindError, closeServer, listenAt, type Accepted } from './socket-listener.ts'
import type { Address, Link, Listener, ListenOptions } from './transport.ts'
import { draftOf, makeDirectory, removeIfThere, settle, vacate } from './unix-path.ts'
import { systemPath, unixKind, type UnixPlace, type UnixSettings } from './unix-socket.ts'

const ANOTHER = 'choose another path or name, or stop who listens there'

export function listenUnix(
  settings: UnixSettings,
  address: Address,
  onLink: (link: Link) => void,
  options?: ListenOptions,
): Promise<Listener> {
  const kind = unixKind(formatAddress(address), '')
  return listenAtPlace(settings, address, (origin) => onLink(new SocketLink(settings, kind, origin)), options)
}

/** Hands over every connection that arrives at a path or name, whatever is spoken there. */
export async function listenAtPlace(
  settings: UnixPlace,
  address: Address,
  take: (origin: Accepted) => void,
  options?: ListenOptions,
): Promise<Listener> {
  const server = nodeNet().createServer({ allowHalfOpen: false, pauseOnConnect: true })
  const isAbstract = address.host.startsWith('@')
  const leave = isAbstract
    ? await takeName(server, settings, address, options)
    : await takePath(server, settings, address, options)
  acceptFrom(server, take)
  return {
    address,
    close: async () => {
      if (server.listening) leave()
      await closeServer(server)
    },
  }
}

/** An abstract name goes with the last descriptor: there are no stale ones. */
async function takeName(
  server: Server,
  { backlog }: UnixPlace,
  address: Address,
  options?: ListenOptions,
): Promise<() => void> {
  await listenAt(server, { path: systemPath(address.host), backlog }, { address, another: ANOTHER }, options)
  return () => {}
}

async function takePath(
  server: Server,
  { backlog, mode, directoryMode }: UnixPlace,
  address: Address,
  options?: ListenOptions,
): Promise<() => void> {
  const { host: path } = address
  const signal = options?.signal
  if (signal?.aborted) throw abortedListen(address, signal)
  const draft = draftOf(path, nodeCrypto().randomBytes(4).toString('hex'))
  try {
    if (directoryMode !== null) makeDirectory(path, directoryMode)
    await listenAt(server, { path: draft, backlog }, { address, another: ANOTHER }, options)
    const own = await settle(draft, path, mode)
    if (!signal?.aborted) return () => vacate(path, own)
    vacate(path, own)
    throw abortedListen(address, signal)
  } catch (thrown) {
    if (server.listening) server.close()
    removeIfThere(draft)
    throw thrown instanceof InkwireError ? thrown : bindError(address, asError(thrown), ANOTHER)
  }
}
