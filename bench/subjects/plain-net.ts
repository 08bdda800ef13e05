/** What most people write first: a length, the bytes, one write per message; Buffer.concat on the other side. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Pipe, Receive, Subject } from '../harness/subject.ts'

export const plainNet: Subject = {
  async listen(_options, receive) {
    const server = createServer({ noDelay: true }, (socket) => void attach(socket, receive))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { address: String((server.address() as AddressInfo).port), close: () => void server.close() }
  },
  async dial(address, _options, receive) {
    const socket = connect({ port: Number(address), host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return attach(socket, receive)
  },
}

function attach(socket: Socket, receive: Receive): Pipe {
  let waiting: Promise<void> | undefined
  socket.on('drain', () => (waiting = undefined))
  const pipe: Pipe = {
    send(data) {
      const message = Buffer.allocUnsafe(4 + data.length)
      message.writeUInt32LE(data.length, 0)
      message.set(data, 4)
      if (socket.write(message)) return undefined
      return (waiting ??= new Promise((resolve) => socket.once('drain', resolve)))
    },
    close() {
      socket.destroy()
    },
  }
  let parts: Buffer[] = []
  let bytes = 0
  let wanted = 4
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes < wanted) return
    let buffer = parts.length === 1 ? chunk : Buffer.concat(parts)
    wanted = 4
    while (buffer.length >= 4) {
      wanted = 4 + buffer.readUInt32LE(0)
      if (buffer.length < wanted) break
      receive(buffer.subarray(4, wanted), pipe)
      buffer = buffer.subarray(wanted)
      wanted = 4
    }
    parts = buffer.length === 0 ? [] : [buffer]
    bytes = buffer.length
  })
  return pipe
}
