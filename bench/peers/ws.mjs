/** ws: WebSockets, without compression. */
import { once } from 'node:events'
import { WebSocket, WebSocketServer } from 'ws'

const HIGH_WATER_BYTES = 1024 * 1024
const OPTIONS = { perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 }

export const subject = {
  async listen(_options, receive) {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...OPTIONS })
    server.on('connection', (socket) => attach(socket, receive))
    await once(server, 'listening')
    return { address: `ws://127.0.0.1:${server.address().port}`, close: () => server.close() }
  },
  async dial(address, _options, receive) {
    const socket = new WebSocket(address, OPTIONS)
    const pipe = attach(socket, receive)
    await once(socket, 'open')
    return pipe
  },
}

function attach(socket, receive) {
  const pipe = {
    send(data) {
      if (socket.bufferedAmount < HIGH_WATER_BYTES) {
        socket.send(data)
        return undefined
      }
      return new Promise((resolve) => socket.send(data, () => resolve()))
    },
    close: () => socket.terminate(),
  }
  socket.on('message', (data) => receive(data, pipe))
  socket.on('error', () => {})
  return pipe
}
