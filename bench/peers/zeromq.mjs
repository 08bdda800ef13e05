/**
 * zeromq.js over TCP. One connection: PUSH and PULL, a pair each way, which is its fastest. More: DEALER and ROUTER.
 */
import { Dealer, Pull, Push, Router } from 'zeromq'

const LINE_MESSAGES = 256

export const subject = {
  listen: (options, receive) => (options.connections > 1 ? listenRouter(receive) : listenPull(receive)),
  dial: (address, options, receive) =>
    options.connections > 1 ? dialDealer(address, receive) : dialPush(address, receive),
}

async function listenPull(receive) {
  const pull = new Pull()
  const push = new Push({ linger: 0 })
  await pull.bind('tcp://127.0.0.1:*')
  await push.bind('tcp://127.0.0.1:*')
  const pipe = pipeOf(push)
  void read(pull, ([data]) => receive(data, pipe))
  return { address: `${pull.lastEndpoint},${push.lastEndpoint}`, close: () => (pull.close(), push.close()) }
}

async function dialPush(address, receive) {
  const [to, from] = address.split(',')
  const push = new Push({ linger: 0 })
  const pull = new Pull()
  push.connect(to)
  pull.connect(from)
  const pipe = pipeOf(push)
  void read(pull, ([data]) => receive(data, pipe))
  return pipe
}

async function listenRouter(receive) {
  const router = new Router({ linger: 0 })
  await router.bind('tcp://127.0.0.1:*')
  const pipes = new Map()
  const send = sender(router)
  void read(router, ([id, data]) => {
    const key = id.toString('latin1')
    let pipe = pipes.get(key)
    if (pipe === undefined) pipes.set(key, (pipe = { send: (reply) => send([id, reply]), close: () => {} }))
    receive(data, pipe)
  })
  return { address: router.lastEndpoint, close: () => router.close() }
}

async function dialDealer(address, receive) {
  const dealer = new Dealer({ linger: 0 })
  dealer.connect(address)
  const pipe = pipeOf(dealer)
  void read(dealer, ([data]) => receive(data, pipe))
  return pipe
}

function pipeOf(socket) {
  return { send: sender(socket), close: () => socket.close() }
}

/** Only one send may be under way, so what comes meanwhile waits in line; who sends waits when the line is long. */
function sender(socket) {
  let waiting = []
  let pumping
  const pump = async () => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      for (const frames of batch) await socket.send(frames)
    }
    pumping = undefined
  }
  return (frames) => {
    waiting.push(frames)
    pumping ??= pump()
    return waiting.length < LINE_MESSAGES ? undefined : pumping
  }
}

async function read(socket, onFrames) {
  for await (const frames of socket) onFrames(frames)
}
