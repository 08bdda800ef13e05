/**
 * What reaches handlers, when, and what they may do wrong: errors are reported and break nothing, urgent messages
 * overtake, concurrency and throttle hold, and the loopback and typed messages keep the same contract.
 */
import protobuf from 'protobufjs'
import t from 'tap'
import { defineMessage, losslessClient, losslessServer, lossy, peer } from '../../src/index.ts'
import type { Connection } from '../../src/index.ts'
import { actor } from '../support/actor.ts'
import { Ledger, NumberedStream, pump } from '../support/numbered.ts'
import { rejection, until, within } from '../support/until.ts'

t.test('a handler that throws or rejects is reported, and the session goes on', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', peer()), await actor(t, 'osd.2', peer())]
  const seen: number[] = []
  b.messenger.use({
    dispatch({ tid }) {
      seen.push(tid)
      if (tid === 1) throw new Error('thrown')
      if (tid === 2) return Promise.reject(new Error('rejected'))
      if (tid === 3) throw 'a string' // eslint-disable-line @typescript-eslint/only-throw-error -- on purpose
      return undefined
    },
    fastDispatch({ tid }) {
      if (tid === 4) throw new Error('fast')
      return false
    },
    onAccept() {
      throw new Error('onAccept')
    },
  })
  const connection = a.messenger.connect(b.address)
  const failed = { code: 'INK_HANDLER_FAILED', outcome: 'failed' }
  for (let tid = 1; tid <= 4; tid++) t.match(await rejection('its fate', connection.deliver({ type: 1, tid })), failed)
  await connection.deliver({ type: 1, tid: 5 })
  t.strictSame(seen, [1, 2, 3, 5])
  const errors = b.eventsOf('dispatchError').map(({ error, message }) => [message?.tid ?? null, error.message])
  t.strictSame(errors, [
    [null, 'onAccept'],
    [1, 'thrown'],
    [2, 'rejected'],
    [3, 'a string'],
    [4, 'fast'],
  ])
  t.equal(a.eventsOf('fault').length + b.eventsOf('fault').length, 0)
})

t.test('deliver() resolves when the handler has finished, or has said so by ack()', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', peer()), await actor(t, 'osd.2', peer())]
  const order: string[] = []
  let release: (() => void) | undefined
  b.messenger.use({
    async dispatch(message) {
      if (message.tid === 2) message.ack()
      await new Promise<void>((resolve) => (release = resolve))
      order.push(`handled ${message.tid}`)
    },
  })
  const connection = a.messenger.connect(b.address)
  const first = connection.deliver({ type: 1, tid: 1 }).then(() => order.push('delivered 1'))
  await until('the handler runs', () => release !== undefined)
  t.strictSame(order, [], 'not before')
  release!()
  await first
  t.strictSame(order, ['handled 1', 'delivered 1'])
  await connection.deliver({ type: 1, tid: 2 })
  t.strictSame(order, ['handled 1', 'delivered 1'], 'ack() comes before the end')
  release!()
})

t.test('a small urgent message overtakes large ones that are queued, and one on its way', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', peer()), await actor(t, 'osd.2', peer())]
  const order: number[] = []
  b.messenger.use({ dispatch: ({ tid }) => void order.push(tid) })
  const connection = a.messenger.connect(b.address)
  await connection.deliver({ type: 1, tid: 0 })
  const data = new Uint8Array(4 << 20)
  for (let tid = 1; tid <= 8; tid++) connection.send({ type: 1, tid, data })
  const before = connection.dump().counters.sentBytes
  const sentBytes = (): number => connection.dump().counters.sentBytes - before
  // Turn by turn: a link takes only so much in one.
  while (sentBytes() === 0) await new Promise((resolve) => setImmediate(resolve))
  const begun = Math.ceil(sentBytes() / data.length)
  connection.send({ type: 1, tid: 99, priority: 255, data: new Uint8Array(64) })
  await until('all arrived', () => order.length === 10)
  t.ok(begun < 8, `${begun} were under way`)
  t.ok(order.indexOf(99) <= begun, `overtook all others, and the last of those: ${order.join()}`)
  t.strictSame(
    order.filter((tid) => tid !== 99),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
    'the others keep their order',
  )
})

t.test('concurrency bounds the handlers of a connection, the throttle those of all', async (t) => {
  const server = await actor(t, 'osd.1', { client: losslessServer({ concurrency: 3, throttle: { messages: 5 } }) })
  const running = new Map<Connection, number>()
  let [most, mostOfOne, done] = [0, 0, 0]
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  server.messenger.use({
    async dispatch(_message, connection) {
      running.set(connection, (running.get(connection) ?? 0) + 1)
      mostOfOne = Math.max(mostOfOne, running.get(connection)!)
      most = Math.max(
        most,
        [...running.values()].reduce((sum, one) => sum + one),
      )
      await gate
      await new Promise((resolve) => setImmediate(resolve))
      running.set(connection, running.get(connection)! - 1)
      done++
    },
  })
  for (let index = 0; index < 4; index++) {
    const client = await actor(t, `client.${index}`, losslessClient(), { bind: null })
    const connection = client.messenger.connect(server.address)
    for (let tid = 0; tid < 100; tid++) connection.send({ type: 1, tid })
    if (index === 0) await until('one has all that it may', () => mostOfOne === 3)
  }
  await until('all together have what they may', () => most === 5)
  open()
  await until('all are handled', () => done === 400)
  t.strictSame([most, mostOfOne], [5, 3])
})

t.test('send() says when to wait, drained() when to go on, and past the limit it throws', async (t) => {
  const options = { replay: { messages: 100 }, highWater: 0.5 } as const
  const [a, b] = [await actor(t, 'osd.1', peer(options)), await actor(t, 'osd.2', peer(options))]
  const ledger = new Ledger()
  b.messenger.use({ dispatch: (message) => ledger.take(message) })
  const connection = a.messenger.connect(b.address)
  const stream = new NumberedStream({ id: 1, bytesMax: 10 })
  const answers = Array.from({ length: 100 }, () => connection.send(stream.next()))
  t.strictSame(answers.lastIndexOf(true), 48)
  t.throws(() => connection.send({ type: 1 }), { code: 'INK_QUEUE_FULL', message: /100 messages .* drained\(\)/ })
  await connection.drained()
  t.ok(connection.dump().queuedMessages <= 25)
  await pump(connection, stream, 400)
  await until('all arrived', () => ledger.count === 500)
  t.strictSame(ledger.violations, [])
})

t.test('the loopback: the same handlers, never inside send()', async (t) => {
  const { messenger, address } = await actor(t, 'osd.1', peer())
  const ledger = new Ledger()
  messenger.use({ dispatch: (message) => ledger.take(message) })
  t.equal(messenger.connect(address), messenger.loopback, "a messenger's own address is its loopback")
  const stream = new NumberedStream({ id: 1 })
  for (let sent = 0; sent < 100; sent++) messenger.loopback.send(stream.next())
  t.equal(ledger.count, 0)
  await messenger.loopback.deliver({ type: 2 })
  t.strictSame([ledger.count, ledger.violations], [100, []])
  t.strictSame(messenger.connections, [], 'it is not among the connections')
})

t.test('typed messages: protobufjs, other codecs, and a body that does not decode', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', lossy()), await actor(t, 'osd.2', lossy(), { takes: false })]
  const PutProto = new protobuf.Type('Put').add(new protobuf.Field('oid', 1, 'string'))
  new protobuf.Root().add(PutProto)
  const codec = {
    encode: (body: { oid: string }) => PutProto.encode(PutProto.create(body)),
    decode: (bytes: Uint8Array) => PutProto.decode(bytes) as unknown as { oid: string },
  }
  const Put = defineMessage({ type: 0x101, name: 'Put', codec })
  const text = {
    encode: (body: string) => new TextEncoder().encode(body),
    decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
  }
  const Note = defineMessage({ type: 0x102, name: 'Note', codec: text, version: 3 })
  const got: unknown[] = []
  b.messenger.on(Put, ({ oid }, { message }) => void got.push([oid, message.data.length, message.priority]))
  const off = b.messenger.on(Note, (body, { message }) => void got.push([body, message.version]))
  const connection = a.messenger.connect(b.address)
  await connection.deliver(Put({ oid: 'rbd.7' }, { data: new Uint8Array(9), priority: 200 }))
  await connection.deliver(Note('hello'))
  t.strictSame(got, [
    ['rbd.7', 9, 200],
    ['hello', 3],
  ])
  const wrong = connection.deliver({ type: 0x101, front: Uint8Array.of(0xff, 0xff) })
  t.match(await rejection('the wrong body', wrong), { code: 'INK_DECODE_FAILED', outcome: 'failed' })
  t.match(b.eventsOf('dispatchError'), [
    { error: { code: 'INK_DECODE_FAILED', message: /body of Put does not decode/ } },
  ])
  off()
  const unheard = rejection('what nobody hears', connection.deliver(Note('nobody listens')))
  t.match(await unheard, { code: 'INK_UNHANDLED', outcome: 'failed' })
  t.equal(b.eventsOf('unhandled').length, 1)
})

t.test('streams show every message, beside the dispatchers', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', peer()), await actor(t, 'osd.2', peer())]
  const seen: string[] = []
  b.messenger.messages$.subscribe(({ tid }) => seen.push(`all ${tid}`))
  b.messenger.use({
    onAccept: (connection) => void connection.messages$.subscribe(({ tid }) => seen.push(`one ${tid}`)),
  })
  b.messenger.use({ dispatch: ({ tid }) => void seen.push(`handled ${tid}`) })
  const connection = a.messenger.connect(b.address)
  await within('both', Promise.all([connection.deliver({ type: 1, tid: 1 }), connection.deliver({ type: 1, tid: 2 })]))
  t.strictSame(seen, ['all 1', 'one 1', 'handled 1', 'all 2', 'one 2', 'handled 2'])
})
