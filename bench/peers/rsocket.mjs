/** rsocket-js over TCP: fire-and-forget in both directions, bounded by a request per window. */
import { createServer } from 'node:net'
import { once } from 'node:events'
import core from 'rsocket-core'
import client from 'rsocket-tcp-client'
import server from 'rsocket-tcp-server'
import { Window } from './window.mjs'

const KEEPALIVE = { interval: 60_000, lifetime: 600_000 }
const NOTHING = { onError() {}, onComplete() {} }
const ANSWER = Buffer.from('ok')

export const subject = {
  async listen(_options, receive) {
    const port = await freePort()
    const transport = new server.TcpServerTransport({ listenOptions: { port, host: '127.0.0.1' } })
    const acceptor = { accept: async (_setup, remote) => responder(pipeOf(remote), receive) }
    const bound = await new core.RSocketServer({ transport, acceptor }).bind()
    return { address: String(port), close: () => bound.close() }
  },
  async dial(address, _options, receive) {
    const transport = new client.TcpClientTransport({ connectionOptions: { host: '127.0.0.1', port: Number(address) } })
    let pipe
    const inbound = responder(null, (data) => receive(data, pipe))
    const connector = new core.RSocketConnector({
      transport,
      responder: inbound,
      setup: { keepAlive: KEEPALIVE.interval, lifetime: KEEPALIVE.lifetime },
    })
    const rsocket = await connector.connect()
    pipe = pipeOf(rsocket)
    return pipe
  },
}

function responder(pipe, receive) {
  return {
    fireAndForget(payload, observer) {
      receive(payload.data, pipe)
      observer.onComplete()
      return { cancel() {} }
    },
    requestResponse(_payload, observer) {
      observer.onNext({ data: ANSWER }, true)
      return { cancel() {}, onExtension() {} }
    },
  }
}

function pipeOf(rsocket) {
  const window = new Window(
    () =>
      new Promise((resolve, reject) => {
        rsocket.requestResponse(
          { data: ANSWER },
          { onNext: () => resolve(), onComplete() {}, onError: reject, onExtension() {} },
        )
      }),
  )
  return {
    send(data) {
      const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.length)
      rsocket.fireAndForget({ data: bytes }, NOTHING)
      return window.sent(data.length)
    },
    close: () => rsocket.close(),
  }
}

/** Its server cannot tell which port it got. */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}
