/**
 * Links that are not read because the window is full, as this protocol has no credit: whose silence that is, and what a
 * link that takes the place of such a one begins as. Whole messengers in simulated time.
 */
import t from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { losslessClient, losslessServer, Messenger, type Message } from '../../../src/index.ts'
import { Simulation } from '../../../src/testing/index.ts'
import { simulatedTcp } from '../../support/simulated-tcp.ts'

const KEEPALIVE = { intervalMs: 500, timeoutMs: 2000 }
const WINDOW = { messages: 4, bytes: 1 << 20 }

/** A server whose handlers finish when they are told to, and a client whose first messages, in one write, have filled its window. */
async function stage(first = [1, 2, 3, 4]) {
  const sim = new Simulation({ seed: 21 })
  const node = (host: string, name: string, policy: ReturnType<typeof losslessServer>) => {
    const process = sim.process(host)
    const transports = [simulatedTcp(process)]
    const messenger = new Messenger({
      name,
      policies: { default: policy },
      wire: msgr2(),
      ...process.options,
      transports,
    })
    const faults: string[] = []
    messenger.events$.subscribe((event) => {
      if (event.type === 'fault') faults.push(event.reason)
    })
    return { messenger, faults }
  }
  const server = node('10.0.0.1', 'mds.0', losslessServer({ keepalive: KEEPALIVE, window: WINDOW }))
  // The client is patient: what is tried here is whether the server is.
  const client = node('10.0.0.2', 'client.1', losslessClient({ keepalive: false, backoff: { firstMs: 5, maxMs: 10 } }))
  const got: number[] = []
  const held: (() => void)[] = []
  let holding = true
  server.messenger.use({
    dispatch: ({ tid }: Message) => {
      got.push(tid)
      return holding ? new Promise<void>((resolve) => held.push(resolve)) : undefined
    },
  })
  const address = await server.messenger.bind('v2:10.0.0.1:6800/0')
  const connection = client.messenger.connect(address, { type: 'mds' })
  const send = (...tids: readonly number[]): void => {
    for (const tid of tids) connection.send({ type: 1, tid, data: new Uint8Array(100) })
  }
  const pass = (ms: number) => sim.clock.advance(ms)
  send(...first)
  await pass(1000)
  return {
    ...{ sim, server, client, got, connection, send, pass },
    /** Lets one handler finish, or all that run and every later one. */
    finish: (all = false): void => {
      if (all) holding = false
      for (const resolve of held.splice(0, all ? held.length : 1)) resolve()
    },
  }
}

t.test('the time in which a link was not read is no silence of the peer, neither then nor afterwards', async (t) => {
  const { server, got, send, pass, finish } = await stage()
  await pass(60_000)
  finish()
  // It is read again from here on, and nothing comes before the peer is asked in half a second.
  await pass(60_000)
  t.strictSame(server.faults, [])
  send(5)
  await pass(100)
  t.strictSame(got, [1, 2, 3, 4, 5])
  await pass(60_000)
  finish(true)
  await pass(60_000)
  t.strictSame(server.faults, [])
})

t.test('an ack that is due while a link is not read finds no silence either', async (t) => {
  const { server, connection, got, pass, finish } = await stage([1, 2, 3, 4, 5, 6])
  t.strictSame(got, [1, 2, 3, 4, 5, 6], 'what was read already is beyond the window')
  await pass(60_000)
  t.equal(connection.state, 'open')
  finish()
  await pass(100)
  finish()
  await pass(60_000)
  t.strictSame(server.faults, [])
  t.equal(server.messenger.dump().connections[0]?.heldMessages, 4, 'it is full still')
})

t.test('a link that takes the place of one that was not read is not read either, until there is room', async (t) => {
  const { sim, server, client, got, connection, send, pass, finish } = await stage()
  send(5, 6, 7)
  for (let round = 0; round < 3; round++) {
    sim.network.cut()
    await pass(5000)
    t.equal(connection.state, 'open')
    t.strictSame(got, [1, 2, 3, 4])
  }
  finish(true)
  await pass(5000)
  t.strictSame(got, [1, 2, 3, 4, 5, 6, 7])
  t.strictSame([server.faults.length, client.faults.length], [3, 3], 'nothing but the cuts')
})

t.test('a link is read when there is room by then, whatever became of the one before it', async (t) => {
  const { sim, server, got, connection, send, pass, finish } = await stage()
  send(5, 6, 7)
  sim.network.cut()
  finish(true)
  await pass(60_000)
  t.equal(connection.state, 'open')
  t.strictSame(got, [1, 2, 3, 4, 5, 6, 7])
  t.equal(server.faults.length, 1)
})
