/**
 * What a gate and the threads behind its doors say to each other, and whether sockets of this Node move between threads at all.
 *
 * A gate listens, reads who comes, and gives the socket away; a door is the port through which a thread gets it, with what was
 * read of it. See ../threads/socket-gate.ts and door-listener.ts.
 */
import { badOption } from '../common/options.ts'
import { nodeNet, nodeThreads } from '../late/modules.ts'
import type { Address } from './transport.ts'

/** What a thread says: it listens, it listens no more, it has taken one more socket. */
export type ThreadWord = { readonly say: 'listen' | 'leave' | 'took' }

/** What a gate says: where it listens; that nothing more comes; a socket, and what was read of it. */
export type GateWord =
  | { readonly say: 'here'; readonly address: Address }
  | { readonly say: 'left' }
  | { readonly say: 'socket'; readonly handle: object; readonly first: Uint8Array }

let moves: boolean | undefined

/**
 * Whether sockets move to another thread. A Node that can do so says of a server that does not listen that it cannot be moved
 * now; one that cannot does not know what it was given.
 */
export function socketsMove(): boolean {
  return (moves ??= tryToMove())
}

function tryToMove(): boolean {
  const { port1 } = new (nodeThreads().MessageChannel)()
  try {
    port1.postMessage(null, [nodeNet().createServer() as never])
    return false
  } catch (thrown) {
    return (thrown as { readonly code?: unknown }).code === 'ERR_WORKER_HANDLE_NOT_TRANSFERABLE'
  } finally {
    port1.close()
  }
}

/** Throws `INK_BAD_OPTION` where they do not. */
export function mustMoveSockets(where: string): void {
  if (!socketsMove())
    throw badOption(
      `${where} needs a Node whose sockets move between threads, such as 24.21 or 26.10; this is ${process.version}. ` +
        'Elsewhere each thread binds a port of its own',
    )
}
