/**
 * The ceiling: the same frames, checksum and batching as Inkwire's, and nothing else: no session, no acks, no credit, no
 * queue, no dispatch.
 *
 * Messages are written straight into a slab, one frame header and one crc32c for all of a turn, and scanned out of a large
 * reused buffer at the other end. Whatever keeps promises on top can only be slower; how much slower is its price.
 */
import { once } from 'node:events'
import { createServer, Socket, type AddressInfo, type OnReadOpts, type SocketConstructorOpts } from 'node:net'
import type { Pipe, Receive, Subject } from '../harness/subject.ts'
import { BareReader } from './bare-reader.ts'
import { BareWriter } from './bare-writer.ts'

/** An accepted socket is made anew around its handle, because only a new one can have `onread`. */
interface Inside {
  _handle: object | null
}

/** Options that net.Socket takes and its types leave out. */
interface SocketOptions extends SocketConstructorOpts {
  readonly onread: OnReadOpts
  readonly handle?: object | null
}

export const bare: Subject = {
  async listen(_options, receive) {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
      const inside = accepted as unknown as Inside
      const handle = inside._handle
      inside._handle = null
      accepted.destroy()
      attach(receive, (options) => new Socket({ ...options, handle } as SocketOptions))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { address: String((server.address() as AddressInfo).port), close: () => void server.close() }
  },
  async dial(address, _options, receive) {
    const { socket, pipe } = attach(receive, (options) => new Socket(options))
    socket.connect({ port: Number(address), host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return pipe
  },
}

function attach(receive: Receive, make: (options: SocketOptions) => Socket): { socket: Socket; pipe: Pipe } {
  const reader = new BareReader((data) => receive(data, pipe))
  const socket = make({
    onread: {
      buffer: () => reader.space(),
      callback: (count: number) => {
        reader.take(count)
        return true
      },
    },
  })
  socket.on('error', () => {})
  const writer = new BareWriter(socket)
  const pipe: Pipe = {
    send: (data) => writer.send(data),
    close() {
      socket.destroy()
    },
  }
  return { socket, pipe }
}
