/** rsocket-js over TCP: fire-and-forget in both directions, bounded by a request per window; and requests with a response. */
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
  listen(_options, receive) {
    return serve((remote) => responder(pipeOf(remote), receive))
  },
  async dial(address, _options, receive) {
    let pipe
    const rsocket = await connect(
      address,
      responder(null, (data) => receive(data, pipe)),
    )
    pipe = pipeOf(rsocket)
    return pipe
  },
  calls: {
    serve: (_options, answer) => serve(() => ({ requestResponse: answering((data) => bytesOf(answer(data))) })),
    async dial(address) {
      const rsocket = await connect(address, {})
      return { call: (data) => request(rsocket, bytesOf(data)), close: () => rsocket.close() }
    },
  },
}

async function serve(responderOf) {
  const port = await freePort()
  const transport = new server.TcpServerTransport({ listenOptions: { port, host: '127.0.0.1' } })
  const acceptor = { accept: async (_setup, remote) => responderOf(remote) }
  const bound = await new core.RSocketServer({ transport, acceptor }).bind()
  return { address: String(port), close: () => bound.close() }
}

async function connect(address, responder) {
  const transport = new client.TcpClientTransport({ connectionOptions: { host: '127.0.0.1', port: Number(address) } })
  const connector = new core.RSocketConnector({
    transport,
    responder,
    setup: { keepAlive: KEEPALIVE.interval, lifetime: KEEPALIVE.lifetime },
  })
  return await connector.connect()
}

function responder(pipe, receive) {
  return {
    fireAndForget(payload, observer) {
      receive(payload.data, pipe)
      observer.onComplete()
      return { cancel() {} }
    },
    requestResponse: answering(() => ANSWER),
  }
}

function answering(answer) {
  return (payload, observer) => {
    observer.onNext({ data: answer(payload.data) }, true)
    return { cancel() {}, onExtension() {} }
  }
}

function request(rsocket, data) {
  return new Promise((resolve, reject) => {
    rsocket.requestResponse(
      { data },
      { onNext: (payload) => resolve(payload.data), onComplete() {}, onError: reject, onExtension() {} },
    )
  })
}

function pipeOf(rsocket) {
  const window = new Window(() => request(rsocket, ANSWER))
  return {
    send(data) {
      const bytes = bytesOf(data)
      rsocket.fireAndForget({ data: bytes }, NOTHING)
      return window.sent(bytes.length)
    },
    close: () => rsocket.close(),
  }
}

function bytesOf(data) {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.length)
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
