/** Buffers that callers transfer away or resize while their messages wait or travel: who fails, and who must not notice. */
import t, { type Test } from 'tap'
import { msgr2 } from '../../src/ceph/index.ts'
import { losslessClient, losslessServer, lossy, peer, type Policy } from '../../src/index.ts'
import { outboundMessage } from '../../src/messenger/message-init.ts'
import { memory } from '../../src/transports/memory.ts'
import { isIntact } from '../../src/wire/message.ts'
import { detour } from '../support/detour.ts'
import { actor, type Actor, type ActorOptions } from '../support/actor.ts'
import { resizable } from '../support/resizable.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

/** Messages of all sorts, one of them in memory that can be resized. */
const LENGTHS = [new ArrayBuffer(8), resizable(8)].map((buffer) =>
  outboundMessage({ type: 1, data: new Uint8Array(buffer) }, null),
)

function filled(bytes: number, tid: number): Uint8Array {
  return new Uint8Array(bytes).fill(tid)
}

/** As `postMessage(data, [data.buffer])` does. */
function give(data: Uint8Array): void {
  structuredClone(0, { transfer: [data.buffer as ArrayBuffer] })
}

for (const [wire, make] of [
  ['native', undefined],
  ['msgr2', msgr2],
] as const) {
  for (const bytes of [1, 1000, 100_000]) {
    t.test(`${wire}: a message of ${bytes} bytes that is given away fails alone; all others arrive`, async (t) => {
      const options = () => (make === undefined ? {} : { wire: make() })
      const a = await actor(t, 'osd.0', peer(), { bind: null, ...options() })
      const b = await actor(t, 'osd.1', peer(), options())
      const got: string[] = []
      b.messenger.use({ dispatch: ({ tid, data }) => void got.push(`${tid}: ${data.length} of ${data[0]}`) })
      const connection = a.messenger.connect(b.address)
      await connection.deliver({ type: 1, tid: 1, data: filled(1, 1) })
      const data = filled(bytes, 2)
      const lost = connection.deliver({ type: 1, tid: 2, data })
      const next = connection.deliver({ type: 1, tid: 3, data: filled(bytes, 3) })
      give(data)
      await t.rejects(lost, { code: 'INK_MESSAGE_CHANGED', outcome: 'undelivered' })
      await next
      await connection.deliver({ type: 1, tid: 4, data: filled(9, 4) })
      t.strictSame(got, ['1: 1 of 1', `3: ${bytes} of 3`, '4: 9 of 4'])
      t.match(a.eventsOf('undeliverable'), [{ message: { tid: 2 }, fate: 'undelivered' }])
      t.strictSame([a.eventsOf('fault'), b.eventsOf('fault')], [[], []])
    })
  }
}

t.test(
  'every length that changes while a dial is under way fails its message, and send() has room again',
  async (t) => {
    const a = await actor(
      t,
      'client.a',
      { osd: losslessClient({ replay: { messages: 4, bytes: 1000 } }) },
      { bind: null },
    )
    const b = await actor(t, 'osd.1', { client: losslessServer() })
    const got: number[] = []
    b.messenger.use({ dispatch: ({ tid }) => void got.push(tid) })
    const connection = a.messenger.connect(b.address, { type: 'osd' })
    const [given, shrunk, grown] = [new ArrayBuffer(8), resizable(8), resizable(8)]
    const waits = [given, shrunk, grown].map((buffer) => connection.deliver({ type: 1, data: new Uint8Array(buffer) }))
    const room = connection.drained()
    give(new Uint8Array(given))
    shrunk.resize(4)
    grown.resize(16)
    for (const wait of waits) await t.rejects(wait, { code: 'INK_MESSAGE_CHANGED' })
    await room
    await connection.deliver({ type: 1, tid: 7 })
    t.strictSame(got, [7])
    await connection.close()
  },
)

t.test('a queue of which every second message was given away closes in order', async (t) => {
  const a = await actor(t, 'osd.0', peer(), { bind: null })
  const b = await actor(t, 'osd.1', peer())
  const got: number[] = []
  b.messenger.use({ dispatch: ({ tid }) => void got.push(tid) })
  const connection = a.messenger.connect(b.address)
  for (let tid = 0; tid < 2000; tid++) {
    const data = filled(100, tid)
    connection.send({ type: 1, tid, data })
    if (tid % 2 === 1) give(data)
  }
  await connection.close()
  t.strictSame(
    got,
    Array.from({ length: 1000 }, (_, index) => index * 2),
  )
  t.equal(a.eventsOf('undeliverable').length, 1000)
})

t.test(
  'over memory(), bytes that are taken away on their way break the link, and nothing is read in their place',
  async (t) => {
    const transport = memory()
    const a = await actor(t, 'osd.0', peer(), { bind: null, transports: [transport] })
    const b = await actor(t, 'osd.1', peer(), { bind: 'memory://b', transports: [transport] })
    const got: string[] = []
    b.messenger.use({ dispatch: ({ tid, data }) => void got.push(`${tid}: ${data.length}`) })
    const connection = a.messenger.connect(b.address)
    await connection.deliver({ type: 1, tid: 1 })
    const data = filled(40_000, 2)
    connection.send({ type: 1, tid: 2, data })
    await new Promise<void>((resolve) => {
      // What was sent in a turn is written at its end; the other side reads it in a later one.
      queueMicrotask(() => process.nextTick(resolve))
    })
    give(data)
    await until('a fault', () => a.eventsOf('fault').length + got.length > 1)
    t.notOk(got.some((one) => one.startsWith('2:') && one !== '2: 40000'))
  },
)

for (const [wire, make] of [
  ['native', () => ({})],
  ['msgr2', () => ({ wire: msgr2() })],
] as const) {
  t.test(`${wire}: what grows while it lies in the queue of a socket arrives as it was sent`, async (t) => {
    const b = await actor(t, 'osd.1', peer(), make())
    const a = await actor(t, 'osd.0', peer(), { bind: null, ...make() })
    const got: string[] = []
    let open = (): void => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    b.messenger.use({
      async dispatch({ tid, data }) {
        got.push(`${tid}: ${data.length} of ${data[0]}`)
        // While it waits for the first, the others fill the window, and then the socket.
        if (tid === 1) await opened
      },
    })
    const connection = a.messenger.connect(b.address)
    const grown = Array.from({ length: 600 }, () => resizable(20_000))
    const all = grown.map((buffer, index) => {
      const data = new Uint8Array(buffer).fill(index + 1)
      return connection.deliver({ type: 1, tid: index + 1, data })
    })
    await until('some are on the link', () => connection.dump().counters.sentMessages > 50)
    const sent = connection.dump().counters.sentMessages
    for (const buffer of grown.slice(0, sent)) buffer.resize(30_000)
    open()
    await Promise.all(all)
    t.strictSame(
      got,
      grown.map((_, index) => `${index + 1}: 20000 of ${(index + 1) % 256}`),
    )
    t.strictSame([a.eventsOf('fault'), b.eventsOf('fault')], [[], []])
  })
}

const QUICK = { backoff: { firstMs: 1, maxMs: 2 } }

/** Two messages are on a link that passes nothing on, and the first loses its bytes; then the link is cut. */
async function stranded(t: Test, policy: Policy, bytes: number, wire: () => ActorOptions) {
  const b = await actor(t, 'osd.1', policy, wire())
  const port = Number(/:(\d+)(\/\d+)?$/.exec(b.address)?.[1])
  const proxy = await startProxy(port)
  t.teardown(() => proxy.close())
  const transports = [detour(new Map([[port, proxy.port]]))]
  const a = await actor(t, 'osd.0', policy, { bind: null, transports, ...wire() })
  const got: string[] = []
  const note = ({ messenger }: Actor): void => {
    messenger.use({ dispatch: ({ tid, data }) => void got.push(`${tid}: ${data.length}`) })
  }
  note(b)
  const { address } = b
  const connection = a.messenger.connect(address)
  await connection.deliver({ type: 1, tid: 1 })
  proxy.blackhole('toTarget')
  const data = filled(bytes, 2)
  const lost = connection.deliver({ type: 1, tid: 2, data })
  const next = connection.deliver({ type: 1, tid: 3, data: filled(9, 3) })
  // Their ends are looked at later.
  void Promise.allSettled([lost, next])
  await until('both are on the link', () => connection.dump().counters.sentMessages === 3)
  give(data)
  const cut = (): void => {
    proxy.cutAll()
    proxy.heal()
  }
  return { a, proxy, got, note, address, connection, lost, next, cut }
}

for (const [wire, make] of [
  ['native', () => ({})],
  ['msgr2', () => ({ wire: msgr2() })],
] as const) {
  for (const [name, policy] of [
    ['peer', peer(QUICK)],
    ['peer, requeue', peer({ ...QUICK, onReset: 'requeue' })],
    ['lossy', lossy(QUICK)],
  ] as const) {
    // Lossy msgr2 has no acks: what the link took counts as sent, and nothing is sent again.
    if (wire === 'msgr2' && policy.kind === 'lossy') continue
    for (const bytes of [1000, 30_000, 300_000]) {
      t.test(
        `${wire}, ${name}: what lost its ${bytes} bytes is not sent again as others when its link is cut`,
        async (t) => {
          // Whatever a program has sent before; see isIntact.
          for (let round = 0; round < 20_000; round++) isIntact(LENGTHS[round % LENGTHS.length]!)
          const { a, got, address, connection, lost, next, cut } = await stranded(t, policy, bytes, make)
          cut()
          await t.rejects(lost, { code: 'INK_RESET', outcome: 'unknown' })
          await t.rejects(next, { code: 'INK_RESET', outcome: 'unknown' })
          t.equal(connection.state, 'closed')
          t.equal(a.eventsOf('reset').length, 1)
          await a.messenger.connect(address).deliver({ type: 1, tid: 4 })
          t.strictSame(got, ['1: 0', '4: 0'])
        },
      )
    }
  }
}

t.test('with onReset requeue a peer that lost the session gets what is whole, and the other fails alone', async (t) => {
  const policy = peer({ ...QUICK, onReset: 'requeue' })
  const { a, proxy, got, note, connection, lost, next, cut } = await stranded(t, policy, 1000, () => ({}))
  const reborn = await actor(t, 'osd.1', policy)
  note(reborn)
  proxy.retarget(reborn.port)
  cut()
  await t.rejects(lost, { code: 'INK_MESSAGE_CHANGED', outcome: 'unknown' })
  await next
  t.equal(connection.state, 'open')
  t.strictSame(got, ['1: 0', '3: 9'])
  t.match(a.eventsOf('undeliverable'), [{ message: { tid: 2 }, fate: 'unknown' }])
})
