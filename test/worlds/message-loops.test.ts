/** Loops over the messages of a connection: what is in whose hands, and what becomes of the rest when a loop is left. */
import t from 'tap'
import { defineMessage, peer } from '../../src/index.ts'
import type { Connection, Message, Messenger, PolicyOptions } from '../../src/index.ts'
import { Simulation } from '../../src/testing/index.ts'

interface Stage {
  readonly sim: Simulation
  readonly server: Messenger
  /** Who sends, and the other end, on which the loops are. */
  readonly sender: Connection
  readonly connection: Connection
  /** The tids that reached the server's dispatcher. */
  readonly handled: number[]
}

async function stage(body: (stage: Stage) => Promise<void>, options: PolicyOptions = {}): Promise<void> {
  const sim = new Simulation({ seed: 2 })
  await sim.run(async () => {
    const client = sim.messenger('client.1', { policies: { default: peer() } })
    const server = sim.messenger('osd.1', { policies: { default: peer(options) } })
    const sender = client.connect(await server.bind('sim://osd.1:1'))
    await sender.opened()
    while (server.connections.length === 0) await sim.clock.sleep(1)
    const handled: number[] = []
    server.use({ dispatch: ({ tid }) => void handled.push(tid) })
    await body({ sim, server, sender, connection: server.connections[0] as Connection, handled })
    await Promise.all([client.close(), server.close()])
  })
}

function sendAll(sender: Connection, from: number, to: number): void {
  for (let tid = from; tid <= to; tid++) sender.send({ type: 1, tid, data: `message ${tid}` })
}

t.test('a loop has the messages of its connection in order, and no handler has them', async (t) => {
  await stage(async ({ server, sender, connection, handled }) => {
    const Typed = defineMessage({ type: 1, name: 'Typed', codec: { encode: () => new Uint8Array(0), decode: String } })
    server.on(Typed, () => t.fail('the typed handler is not asked'))
    sendAll(sender, 1, 20)
    const got: string[] = []
    for await (const { tid, data } of connection.messages()) {
      got.push(Buffer.from(data).toString())
      if (tid === 20) break
    }
    t.strictSame(
      got,
      Array.from({ length: 20 }, (_, index) => `message ${index + 1}`),
    )
    t.strictSame(handled, [])
  })
})

t.test('a message is acked when the next one is asked for, and not before', async (t) => {
  await stage(async ({ sim, sender, connection }) => {
    const acked: number[] = []
    const loop = connection.messages()
    for (const tid of [1, 2]) void sender.deliver({ type: 1, tid }).then(() => acked.push(tid))
    await sim.clock.sleep(1000)
    t.strictSame(acked, [], 'nobody has asked')
    t.match(await loop.next(), { done: false, value: { tid: 1 } })
    await sim.clock.sleep(1000)
    t.strictSame(acked, [], 'the first is in hand')
    t.match(await loop.next(), { done: false, value: { tid: 2 } })
    await sim.clock.sleep(1000)
    t.strictSame(acked, [1])
    const third = loop.next()
    await sim.clock.sleep(1000)
    t.strictSame(acked, [1, 2], 'whoever waits holds nothing')
    sender.send({ type: 1, tid: 3 })
    t.match(await third, { value: { tid: 3 } })
    await loop.return()
  })
})

t.test('a slow loop slows its sender down: credit is held until the next message is asked for', async (t) => {
  await stage(
    async ({ sim, sender, connection }) => {
      const got: number[] = []
      sendAll(sender, 1, 40)
      for await (const { tid } of connection.messages()) {
        got.push(tid)
        if (tid === 1) {
          await sim.clock.sleep(5000)
          t.equal(connection.dump().counters.receivedMessages, 4, 'no more than the window')
          t.equal(sender.dump().queuedMessages, 40)
        }
        if (tid === 40) break
      }
      t.equal(got.length, 40)
    },
    { window: { messages: 4 } },
  )
})

t.test('memory that is lent is right until the next message is asked for', async (t) => {
  await stage(
    async ({ sim, sender, connection }) => {
      for (let tid = 1; tid <= 8; tid++) sender.send({ type: 1, tid, data: new Uint8Array(100_000).fill(tid) })
      for await (const { tid, data } of connection.messages()) {
        const before = data.slice()
        await sim.clock.sleep(100)
        t.strictSame(data, before)
        if (tid === 8) break
      }
    },
    { bodies: 'lend' },
  )
})

t.test('what a loop has not asked for when it is left goes to the handlers, in order', async (t) => {
  await stage(async ({ sim, sender, connection, handled }) => {
    const last = sender.deliver({ type: 1, tid: 0 })
    sendAll(sender, 1, 9)
    for await (const { tid } of connection.messages()) {
      await sim.clock.sleep(100)
      if (tid === 2) break
    }
    await last
    await sim.clock.sleep(100)
    t.strictSame(handled, [3, 4, 5, 6, 7, 8, 9])
    await sender.deliver({ type: 1, tid: 10 })
    t.strictSame(handled.at(-1), 10)
  })
})

t.test('a loop that is aborted rejects once, as the platform does; what was in hand is done', async (t) => {
  await stage(async ({ sim, sender, connection, handled }) => {
    for (const inHand of [false, true]) {
      const controller = new AbortController()
      const loop = connection.messages({ signal: controller.signal })
      handled.length = 0
      if (inHand) {
        sendAll(sender, 1, 3)
        t.match(await loop.next(), { value: { tid: 1 } })
        await sim.clock.sleep(100)
      }
      const waiting = inHand ? null : loop.next()
      controller.abort(new Error('enough'))
      await t.rejects(waiting ?? loop.next(), { name: 'AbortError', code: 'INK_ABORTED', cause: { message: 'enough' } })
      t.match(await loop.next(), { done: true })
      await sim.clock.sleep(100)
      t.strictSame(handled, inHand ? [2, 3] : [])
    }
    const loop = connection.messages({ signal: AbortSignal.abort() })
    await t.rejects(loop.next(), { name: 'AbortError' })
    await sender.deliver({ type: 1, tid: 4 })
    t.equal(handled.at(-1), 4, 'it never took any')
  })
})

t.test('a loop ends with its connection, without an error; closed has the reason', async (t) => {
  await stage(async ({ sender, connection }) => {
    const got: number[] = []
    const looped = (async () => {
      for await (const { tid } of connection.messages()) got.push(tid)
    })()
    await sender.deliver({ type: 1, tid: 1 })
    sender.markDown()
    await looped
    t.strictSame(got, [1])
    t.not((await connection.closed).code, 'INK_CLOSED')
    t.match(await connection.messages().next(), { done: true }, 'there is nothing more')
  })
})

t.test('an orderly end of the peer waits for what the loop has not done yet', async (t) => {
  await stage(async ({ sim, sender, connection }) => {
    const got: number[] = []
    sendAll(sender, 1, 5)
    const closed = sender.close()
    for await (const { tid } of connection.messages()) {
      await sim.clock.sleep(100)
      got.push(tid)
    }
    await closed
    t.strictSame(got, [1, 2, 3, 4, 5])
  })
})

t.test('there is one loop per connection, and the next may begin when it is left', async (t) => {
  await stage(async ({ server, sender, connection }) => {
    {
      await using loop = connection.messages()
      t.throws(() => connection.messages(), { code: 'INK_BAD_ARGUMENT', message: /a loop already/ })
      t.throws(() => connection.messages({ signall: 1 } as object), { code: 'INK_BAD_ARGUMENT' })
      t.ok(loop)
    }
    const other = server.loopback.messages()
    const loop = connection.messages()
    server.loopback.send({ type: 1, tid: 8 })
    sender.send({ type: 1, tid: 9 })
    t.match(await loop.next(), { value: { tid: 9 } })
    t.match(await other.next(), { value: { tid: 8 } }, 'the loopback has loops, too')
    await Promise.all([loop.return(), other.return()])
  })
})

t.test('who asks several times at once gets as many messages, in order', async (t) => {
  await stage(async ({ sender, connection }) => {
    const loop = connection.messages()
    const asked = [loop.next(), loop.next(), loop.next()]
    sendAll(sender, 1, 3)
    const results = await Promise.all(asked)
    t.strictSame(
      results.map(({ value }) => (value as Message).tid),
      [1, 2, 3],
    )
    const waiting = loop.next()
    await loop.return()
    t.match(await waiting, { done: true })
    t.match(await loop.next(), { done: true })
  })
})
