/** What only links between threads have: a hub, threads that end, memory that the other side spoils, and nothing to do at rest. */
import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { lossy } from '../../../src/policies/lossy.ts'
import { Arena, bytesOf, End, pattern } from '../../../src/testing/conformance/transport-arena.ts'
import { MAPPED_HEADER_BYTES, MappedRing } from '../../../src/transports/ring/mapped-ring.ts'
import { WORD } from '../../../src/transports/ring/ring.ts'
import { Messenger } from '../../../src/transactions/messenger.ts'
import { workerHub, type WorkerHub } from '../../../src/transports/worker-hub.ts'
import { linkMemory, workerLink } from '../../../src/transports/worker-link.ts'
import { worker, type WorkerOptions } from '../../../src/transports/worker.ts'
import { until } from '../../support/until.ts'

const ECHO = { scheme: 'worker', host: 'echo', port: 0 }

async function echoThread(t: Test, hub: WorkerHub, options: object = {}): Promise<{ thread: Worker; said: unknown[] }> {
  const door = hub.door()
  const file = new URL('../../support/ring-thread.ts', import.meta.url)
  const thread = new Worker(file, { workerData: { door, options }, transferList: [door] })
  const said: unknown[] = []
  thread.on('message', (word: unknown) => said.push(word))
  t.teardown(() => thread.terminate())
  await until('the thread listens', () => said.includes('ready'))
  return { thread, said }
}

t.test('options are checked at once', async (t) => {
  const door = workerHub().door()
  for (const options of [
    undefined,
    {},
    { door: {} },
    { door, ringBytes: 5000 },
    { door, ringBytes: 2048 },
    { door, x: 1 },
  ])
    t.throws(() => worker(options as WorkerOptions), { code: 'INK_BAD_OPTION' })
  t.throws(() => worker({ door }).dial({ scheme: 'memory', host: 'a', port: 0 }), { code: 'INK_BAD_ADDRESS' })
  t.throws(() => worker({ door }).parse({ scheme: 'worker', host: 'a b', port: 0 }), { code: 'INK_BAD_ADDRESS' })
})

for (const options of [{}, { ringBytes: 4096 }, { busyPoll: false }]) {
  t.test(`bytes go to another thread and back, with ${JSON.stringify(options)}`, async (t) => {
    const hub = workerHub()
    const { said } = await echoThread(t, hub, options)
    const end = new End(worker({ ...options, door: hub.door() }).dial(ECHO))
    end.link.write([bytesOf('echo')])
    await end.received(4)
    const bytes = 8 * 1024 * 1024
    await Promise.all([end.send(1, bytes), end.received(4 + bytes)])
    // One at a time: each finds the other side asleep, or about to fall asleep.
    for (let round = 0; round < 300; round++) {
      const { count } = end
      end.link.write([pattern(0, 1 + (round % 50))])
      await end.received(count + 1 + (round % 50))
    }
    end.link.close()
    t.match(await end.closed, { end: 'local' })
    await until('the other side knows', () => said.length === 2)
    t.equal(said[1], 'remote')
  })
}

t.test('a thread that ends takes its links and its name with it', async (t) => {
  const hub = workerHub()
  const { thread } = await echoThread(t, hub)
  const transport = worker({ door: hub.door() })
  const [end, idle] = [new End(transport.dial(ECHO)), new End(transport.dial(ECHO))]
  await Promise.all([end.opened(), idle.opened()])
  await t.rejects(
    transport.listen(ECHO, () => {}),
    { code: 'INK_ADDRESS_IN_USE' },
  )
  const exit = once(thread, 'exit')
  end.link.write([bytesOf('d')])
  t.match(await end.closed, { end: 'reset', message: /its thread ended/ })
  t.match(await idle.closed, { end: 'reset' })
  await exit
  // The hub hears of it in a turn of its own: who dials before is told as those who had a link.
  let next = await new End(transport.dial(ECHO)).closed
  while (next.end === 'reset') next = await new End(transport.dial(ECHO)).closed
  t.match(next, { end: 'refused', message: /Nobody listens at worker:\/\/echo/ })
  await (await transport.listen(ECHO, () => {})).close()
})

t.test('a hub that is gone says so', async (t) => {
  const { port1, port2 } = new MessageChannel()
  const transport = worker({ door: port2 })
  const asked = transport.listen(ECHO, () => {})
  port1.close()
  await t.rejects(asked, { code: 'INK_BIND_FAILED', message: /the thread of the hub has ended/ })
  await t.rejects(
    transport.listen(ECHO, () => {}),
    { code: 'INK_BIND_FAILED' },
  )
  t.match(await new End(transport.dial(ECHO)).closed, { end: 'refused' })
})

t.test('who gives up waiting for a name leaves it free', async (t) => {
  const hub = workerHub()
  const [one, other] = [worker({ door: hub.door() }), worker({ door: hub.door() })]
  const controller = new AbortController()
  const asked = one.listen(ECHO, () => {}, { signal: controller.signal })
  controller.abort()
  await t.rejects(asked, { code: 'INK_ABORTED' })
  for (;;) {
    const got = await other.listen(ECHO, () => {}).catch(() => null)
    if (got !== null) return got.close()
  }
})

t.test('memory that is spoilt ends the link, and nothing else', async (t) => {
  for (const word of [WORD.WRITTEN, WORD.READ, WORD.END]) {
    const memory = linkMemory(4096)
    const { port1, port2 } = new MessageChannel()
    const settings = { highWaterBytes: 1000, closeTimeoutMs: 1000, watch: null }
    const end = new End(
      workerLink(settings, { port: port1, memory, role: 'accepted', localAddress: '', remoteAddress: '' }),
    )
    const [there, back] = [0, 4096 + MAPPED_HEADER_BYTES].map((offset) => new MappedRing(memory, offset, 4096))
    end.link.write([bytesOf('well')])
    ;(word === WORD.READ ? back : there)!.store(word, 77_777)
    // More than fits: now it matters what the reader says.
    end.link.write([pattern(0, 5000)])
    port2.postMessage(0)
    t.match(await end.closed, { end: 'failed', message: /memory of the link is spoilt: the (reader|writer) of a ring/ })
    t.equal(end.count, 0)
    port2.close()
  }
})

t.test('links at rest look nowhere, and ring no bell', async (t) => {
  const hub = workerHub()
  await echoThread(t, hub)
  const arena = new Arena(worker({ door: hub.door() }), () => 'worker://here')
  const far = arena.dial(ECHO)
  const { dialled, accepted } = await arena.pair()
  for (const [from, to] of [
    [dialled, accepted],
    [far, far],
  ] as const) {
    from.link.write([bytesOf('e')])
    await to.received(1)
  }
  // When they have fallen asleep, a turn of the event loop brings nothing but itself.
  let turns = 0
  const before = performance.eventLoopUtilization()
  await until('the loop has slept', () => {
    turns++
    return performance.eventLoopUtilization(before).idle > 50
  })
  t.ok(turns > 1)
  await arena.clear()
})

t.test('a messenger in each thread', async (t) => {
  const hub = workerHub()
  const options = (): ConstructorParameters<typeof Messenger>[0] => ({
    name: 'client.?',
    policies: { default: lossy() },
    transports: [worker({ door: hub.door() })],
  })
  const osd = new Messenger({ ...options(), name: 'osd.0' })
  const client = new Messenger({ ...options(), name: 'client.a' })
  t.teardown(() => Promise.all([osd.close(), client.close()]))
  const address = await osd.bind('worker://osd.0')
  const arrived = new Promise((resolve) => {
    osd.messages$.subscribe(({ data }) => resolve(data.length))
  })
  client.connect(address).send({ type: 1, data: pattern(1, 3_000_000) })
  t.equal(await arrived, 3_000_000)
})
