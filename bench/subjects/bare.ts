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

/** As it is, or with a loop that stays awake for POLL_MS behind each read, whoever else needs the processor. */
export function bare(how: 'sleeping' | 'polling'): Subject {
  const heard = how === 'polling' ? stayAwake : (): void => {}
  return {
    async listen(_options, receive) {
      const server = createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
        const inside = accepted as unknown as Inside
        const handle = inside._handle
        inside._handle = null
        accepted.destroy()
        attach(receive, heard, (options) => new Socket({ ...options, handle } as SocketOptions))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return { address: String((server.address() as AddressInfo).port), close: () => void server.close() }
    },
    async dial(address, _options, receive) {
      const { socket, pipe } = attach(receive, heard, (options) => new Socket(options))
      socket.connect({ port: Number(address), host: '127.0.0.1', noDelay: true })
      await once(socket, 'connect')
      return pipe
    },
  }
}

const POLL_MS = 0.2
let awakeUntilMs = 0
let looking = false

function stayAwake(): void {
  awakeUntilMs = performance.now() + POLL_MS
  if (looking) return
  looking = true
  setImmediate(look)
}

function look(): void {
  looking = performance.now() < awakeUntilMs
  if (looking) setImmediate(look)
}

function attach(
  receive: Receive,
  heard: () => void,
  make: (options: SocketOptions) => Socket,
): { socket: Socket; pipe: Pipe } {
  const reader = new BareReader((data) => receive(data, pipe))
  const socket = make({
    onread: {
      buffer: () => reader.space(),
      callback: (count: number) => {
        heard()
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
