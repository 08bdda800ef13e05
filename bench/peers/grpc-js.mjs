/** grpc-js: one bidirectional stream per connection, with raw bytes as messages (no protobuf). */
import grpc from '@grpc/grpc-js'

const same = (bytes) => bytes
const STREAM = {
  path: '/bench.Bench/Stream',
  requestStream: true,
  responseStream: true,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
}
const LIMITS = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }
const Client = grpc.makeGenericClientConstructor({ stream: STREAM }, 'bench.Bench')

export const subject = {
  async listen(_options, receive) {
    const server = new grpc.Server(LIMITS)
    server.addService({ stream: STREAM }, { stream: (call) => void attach(call, receive) })
    const port = await new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      )
    })
    return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() }
  },
  async dial(address, _options, receive) {
    // Without a pool of its own every client shares one HTTP/2 connection.
    const client = new Client(address, grpc.credentials.createInsecure(), {
      ...LIMITS,
      'grpc.use_local_subchannel_pool': 1,
    })
    await new Promise((resolve, reject) => {
      client.waitForReady(Date.now() + 10_000, (error) => (error ? reject(error) : resolve()))
    })
    return attach(client.stream(), receive)
  },
}

function attach(call, receive) {
  let waiting
  const pipe = {
    send(data) {
      const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.length)
      if (call.write(bytes)) return undefined
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
