/** grpc-js, with raw bytes as messages (no protobuf): one bidirectional stream per connection, and unary calls. */
import grpc from '@grpc/grpc-js'

const same = (bytes) => bytes
const RAW = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
}
const STREAM = { path: '/bench.Bench/Stream', requestStream: true, responseStream: true, ...RAW }
const UNARY = { path: '/bench.Bench/Unary', requestStream: false, responseStream: false, ...RAW }
const LIMITS = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }
const Client = grpc.makeGenericClientConstructor({ stream: STREAM, unary: UNARY }, 'bench.Bench')

export const subject = {
  listen(_options, receive) {
    return serve({ stream: STREAM }, { stream: (call) => void attach(call, receive) })
  },
  async dial(address, _options, receive) {
    return attach((await ready(address)).stream(), receive)
  },
  calls: {
    serve(_options, answer) {
      return serve({ unary: UNARY }, { unary: (call, reply) => reply(null, bytesOf(answer(call.request))) })
    },
    async dial(address) {
      const client = await ready(address)
      return {
        call: (data) =>
          new Promise((resolve, reject) => {
            client.unary(bytesOf(data), (error, reply) => (error ? reject(error) : resolve(reply)))
          }),
        close: () => client.close(),
      }
    },
  },
}

async function serve(service, handlers) {
  const server = new grpc.Server(LIMITS)
  server.addService(service, handlers)
  const port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() }
}

async function ready(address) {
  // Without a pool of its own every client shares one HTTP/2 connection.
  const client = new Client(address, grpc.credentials.createInsecure(), {
    ...LIMITS,
    'grpc.use_local_subchannel_pool': 1,
  })
  await new Promise((resolve, reject) => {
    client.waitForReady(Date.now() + 10_000, (error) => (error ? reject(error) : resolve()))
  })
  return client
}

function bytesOf(data) {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.length)
}

function attach(call, receive) {
  let waiting
  const pipe = {
    send(data) {
      if (call.write(bytesOf(data))) return undefined
      return (waiting ??= new Promise((resolve) => {
        call.once('drain', () => {
          waiting = undefined
          resolve()
        })
      }))
    },
    close: () => call.cancel?.(),
  }
  call.on('data', (data) => receive(data, pipe))
  call.on('error', () => {})
  return pipe
}
