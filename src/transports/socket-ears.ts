/**
 * What a link hears of its socket, and how it speaks to it: the parts of net.Socket that its types do not tell, or tell wrongly.
 *
 * All sockets call the same functions, each for the link that it carries: closures of their own would weigh more than a link does.
 */
import type { Socket } from 'node:net'
import { concat } from '../common/bytes.ts'

/** What is told of a socket. */
export interface SocketHearer {
  /** A dialled one is through. */
  onOpened(): void
  /** The other side writes no more, or has broken it off: see wasReset. */
  onEnd(): void
  onError(error: Error): void
  /** The last one. */
  onClose(): void
}

/** What Node's sockets carry inside, and other runtimes' may not. */
interface SocketInside {
  _handle?: { getpeername?(out: object): number } | null
}

/** Under which a socket knows the link that it carries. */
const LINK = Symbol('link')

interface LinkSocket extends Socket {
  [LINK]: SocketHearer
}

/** So little in several chunks, as a handshake is, goes out in one: each chunk costs more than its copy. */
const JOIN_BYTES_MAX = 4096

/** From now on the link hears of the socket's end; that it is through, it asks for itself: which event says so differs. */
export function listenTo(socket: Socket, link: SocketHearer): void {
  ;(socket as LinkSocket)[LINK] = link
  socket.on('end', ended)
  socket.on('error', failed)
  socket.on('close', closed)
}

export function opened(this: Socket): void {
  ;(this as LinkSocket)[LINK].onOpened()
}

function ended(this: Socket): void {
  ;(this as LinkSocket)[LINK].onEnd()
}

function failed(this: Socket, error: Error): void {
  ;(this as LinkSocket)[LINK].onError(error)
}

function closed(this: Socket): void {
  ;(this as LinkSocket)[LINK].onClose()
}

/** All chunks in one write of the system, as far as the socket can. `flushed` is called when they were passed on. */
export function writeAll(socket: Socket, chunks: readonly Uint8Array[], flushed: () => void): void {
  if (chunks.length === 1) {
    socket.write(chunks[0]!, flushed)
  } else if (chunks.reduce((sum, chunk) => sum + chunk.length, 0) <= JOIN_BYTES_MAX) {
    socket.write(concat(chunks), flushed)
  } else {
    const last = chunks.length - 1
    socket.cork()
    for (let index = 0; index < last; index++) socket.write(chunks[index]!)
    socket.write(chunks[last]!, flushed)
    socket.uncork()
  }
}

/**
 * libuv reports a RST behind unread data as an orderly end. A connection that got a RST has no peer any more, one that
 * got a FIN has; the socket's own `remoteAddress` is a cached answer.
 */
export function wasReset(socket: Socket): boolean {
  const { _handle: handle } = socket as Socket & SocketInside
  return handle?.getpeername !== undefined && handle.getpeername({}) !== 0
}
