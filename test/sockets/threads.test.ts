/**
 * One address for several threads: each peer comes to the thread of its name, again and again, with all that it has said; and who
 * says no name, is gone, or finds nobody there, costs nobody else anything.
 *
 * Only where sockets move between threads. INKWIRE_GATE_MESSAGES says how many messages each peer sends.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { losslessClient, Messenger, socketGate, tcp } from '../../src/index.ts'
import type { MessengerEvent, SocketGate, SocketGateOptions } from '../../src/index.ts'
import { socketsMove } from '../../src/transports/moving-sockets.ts'
import { Ask, type Seen } from '../support/gate-thread.ts'
import { NumberedStream, pump } from '../support/numbered.ts'
import { orSkip } from '../support/or-skip.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

const test = orSkip(t, !socketsMove() && 'sockets of this Node stay in their thread')
const MESSAGES = Number(process.env['INKWIRE_GATE_MESSAGES'] ?? 300)
const LOUD = ['reset', 'remoteReset', 'refused', 'undeliverable']

interface Open {
  readonly gate: SocketGate
  readonly port: number
  readonly threads: Worker[]
  readonly missed: string[]
}

async function startThread(t: Test, gate: SocketGate, thread: number): Promise<Worker> {
  const door = gate.door(thread)
  const file = new URL('../support/gate-thread.ts', import.meta.url)
  const worker = new Worker(file, { workerData: { door, address: gate.address }, transferList: [door] })
  t.teardown(() => worker.terminate())
  await once(worker, 'message')
  return worker
}

async function open(t: Test, count: number, more: Partial<SocketGateOptions> = {}): Promise<Open> {
  const missed: string[] = []
  const onMissed = (reason: string): void => void missed.push(reason)
  const gate = await socketGate({ address: 'tcp://127.0.0.1:0', threads: count, onMissed, ...more })
  t.teardown(() => gate.close())
  const threads = await Promise.all(Array.from({ length: count }, (_, thread) => startThread(t, gate, thread)))
  return { gate, port: Number(gate.address.split(':').at(-1)), threads, missed }
}

function client(t: Test, name: string, events: MessengerEvent[] = []): Messenger {
  const policies = { osd: losslessClient({ backoff: { firstMs: 5, maxMs: 50 } }) }
  const messenger = new Messenger({ name, policies, transports: [tcp()] })
  messenger.events$.subscribe((event) => events.push(event))
  t.teardown(() => messenger.close())
  return messenger
}

async function ask(messenger: Messenger, address: string): Promise<Seen> {
  return (await messenger.connect(address, { name: 'osd.0' }).call(Ask, null)).body
}

test('each name has its thread, whatever link it comes on, and sessions live through cuts', async (t) => {
  const { gate, port, threads, missed } = await open(t, 3)
  const proxy = await startProxy(port)
  t.teardown(() => proxy.close())
  const events: MessengerEvent[] = []
  const names = Array.from({ length: 9 }, (_, index) => `client.${index}`)
  const sessions = names.map((name) => {
    const messenger = client(t, name, events)
    return { name, messenger, connection: messenger.connect(`tcp://127.0.0.1:${proxy.port}`, { name: 'osd.0' }) }
  })
  await Promise.all(sessions.map(({ connection }) => connection.opened()))
  const sent = sessions.map(async ({ connection }, id) => {
    await pump(connection, new NumberedStream({ id, bytesMax: 20_000, lanes: true }), MESSAGES)
    return (await connection.call(Ask, null)).body
  })
  for (let cut = 0; cut < 3; cut++) {
    await until('messages flow again', () => proxy.links >= names.length)
    proxy.cutAll()
  }
  const seen = await Promise.all(sent)
  const byThread = new Map<number, number>()
  for (const [index, { thread }] of seen.entries()) {
    t.equal(thread, threads[gate.threadOf(names[index]!)]!.threadId)
    byThread.set(thread, (byThread.get(thread) ?? 0) + 1)
  }
  t.ok(byThread.size > 1, 'and not all have the same')
  const last = await Promise.all(sessions.map(({ connection }) => connection.call(Ask, null)))
  for (const { body } of last) {
    const { thread, count, violations } = body
    t.strictSame([count, violations], [MESSAGES * byThread.get(thread)!, []])
  }
  t.strictSame(
    events.map(({ type }) => type).filter((type) => LOUD.includes(type)),
    [],
  )
  for (const { connection } of sessions) t.match(connection.dump().counters, { sessions: 1 })
  t.strictSame(missed, [])
})

test('a rule of the user says which thread; one that fails costs that connection', async (t) => {
  const threadOf = (name: string): number => {
    if (name === 'client.bad') throw new Error('no rule for that')
    return name === 'client.odd' ? 7 : Number(name.slice('client.'.length)) % 2
  }
  const { gate, threads, missed } = await open(t, 2, { threadOf })
  for (const number of [4, 5])
    t.equal((await ask(client(t, `client.${number}`), gate.address)).thread, threads[number % 2]!.threadId)
  for (const name of ['client.bad', 'client.odd']) client(t, name).connect(gate.address, { name: 'osd.0' })
  await until('both were refused', () =>
    [/no rule for that/, /gave 7/].every((why) => missed.some((one) => why.test(one))),
  )
})

test('bytes that come one by one, strangers, and those who say nothing', async (t) => {
  const { gate, port, threads, missed } = await open(t, 2, { strangersMax: 3, strangerTimeoutMs: 60_000 })
  const proxy = await startProxy(port, { dribble: true })
  t.teardown(() => proxy.close())
  const slow = await ask(client(t, 'client.slow'), `tcp://127.0.0.1:${proxy.port}`)
  t.equal(slow.thread, threads[gate.threadOf('client.slow')]!.threadId)
  const dial = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  const newer = await dial()
  let heard = ''
  newer.on('data', (chunk: Buffer) => (heard += String(chunk))).write('INKWIRE\n\x09\0\0\0\0\0\0\0')
  await until('a thread has told it which version is spoken here', () => heard.startsWith('INKWIRE'))
  const silent: Socket[] = []
  for (let count = 0; count < 5; count++) silent.push(await dial())
  await until(
    'the oldest make room',
    () => silent.filter((socket) => socket.readableEnded || socket.closed).length === 2,
  )
  t.match(await ask(client(t, 'client.late'), gate.address), { violations: [] })
  t.strictSame(missed, [])
})

test('who does not say who it is in time is closed, and that is told', async (t) => {
  const { port, missed } = await open(t, 1, { strangerTimeoutMs: 30 })
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.resume()
  await once(socket, 'close')
  t.match(missed, [/did not say who it is within 30 ms/])
})

test('a thread that ends is replaced; its peers find its successor, and others notice nothing', async (t) => {
  const threadOf = (name: string): number => Number(name.slice('client.'.length))
  const { gate, threads, missed } = await open(t, 2, { threadOf })
  const events: MessengerEvent[] = []
  const other = client(t, 'client.1', events)
  const ended: MessengerEvent[] = []
  const lost = client(t, 'client.0', ended)
  t.equal((await ask(lost, gate.address)).thread, threads[0]!.threadId)
  t.equal((await ask(other, gate.address)).thread, threads[1]!.threadId)
  await threads[0]!.terminate()
  await until('its peer is not let in', () => missed.some((reason) => /thread 0.*does not listen/.test(reason)))
  const successor = await startThread(t, gate, 0)
  await until('it is told what it has lost', () => ended.some(({ type }) => type === 'remoteReset'))
  t.equal((await ask(lost, gate.address)).thread, successor.threadId)
  t.equal((await ask(other, gate.address)).thread, threads[1]!.threadId)
  t.notOk(events.some(({ type }) => ['fault', ...LOUD].includes(type)))
})

test('orderly ends: a messenger that shuts down leaves its door, a gate that closes ends no session', async (t) => {
  const { gate, threads, missed } = await open(t, 1)
  const messenger = client(t, 'client.a')
  t.match(await ask(messenger, gate.address), { count: 0 })
  await gate.close()
  await gate.close()
  t.match(await ask(messenger, gate.address), { count: 0 }, 'the socket has long been with its thread')
  t.throws(() => gate.door(0), { code: 'INK_CLOSED' })
  const exit = once(threads[0]!, 'exit')
  threads[0]!.postMessage('end')
  await exit
  t.strictSame(missed, [])
})

test("a caller's mistakes are told at once", async (t) => {
  const wrong: readonly (readonly [object, string])[] = [
    [{}, 'INK_BAD_OPTION'],
    [{ address: 'tcp://127.0.0.1:0' }, 'INK_BAD_OPTION'],
    [{ address: 'tcp://127.0.0.1:0', threads: 0 }, 'INK_BAD_OPTION'],
    [{ address: 'tcp://127.0.0.1:0', threads: 2, threadOf: 1 }, 'INK_BAD_OPTION'],
    [{ address: 'tcp://127.0.0.1:0', threads: 2, strangersMax: 0 }, 'INK_BAD_OPTION'],
    [{ address: 'tcp://127.0.0.1:0', threads: 2, more: 1 }, 'INK_BAD_OPTION'],
    [{ address: 'unix://@a', threads: 2 }, 'INK_BAD_ADDRESS'],
    [{ address: 'tcp://192.0.2.1:1', threads: 2 }, 'INK_BIND_FAILED'],
  ]
  for (const [options, code] of wrong) await t.rejects(socketGate(options as SocketGateOptions), { code })
  const { gate } = await open(t, 1)
  await t.rejects(socketGate({ address: gate.address, threads: 1 }), { code: 'INK_ADDRESS_IN_USE' })
  for (const thread of [-1, 1, 0.5]) t.throws(() => gate.door(thread), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => tcp({ door: {} as never }), { code: 'INK_BAD_OPTION' })

  const transport = tcp({ door: gate.door(0) })
  const address = transport.parse({ scheme: 'tcp', host: '127.0.0.1', port: 0 })
  const listen = (one = address, options = {}) => transport.listen(one, () => {}, options)
  await t.rejects(listen({ ...address, port: 1 }), { code: 'INK_BIND_FAILED', message: /The door leads to tcp:/ })
  await t.rejects(listen(address, { signal: AbortSignal.abort() }), { code: 'INK_ABORTED' })
  const controller = new AbortController()
  const given = listen(address, { signal: controller.signal })
  controller.abort()
  await t.rejects(given, { code: 'INK_ABORTED' })
  const listener = await listen()
  t.match(listener.address, gate.address.includes(String(listener.address.port)) ? { host: '127.0.0.1' } : {})
  await t.rejects(listen(), { code: 'INK_ADDRESS_IN_USE' })
  await listener.close()
  await listener.close()
  await (await listen()).close()
  await gate.close()
  await t.rejects(listen(), { code: 'INK_BIND_FAILED', message: /the gate was closed/ })
})
