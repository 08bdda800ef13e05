/** Whose the bytes of messages are, over real sockets: what handlers may read, for how long, and what they may do to it. */
import t from 'tap'
import { peer } from '../../src/index.ts'
import type { Connection, Message } from '../../src/index.ts'
import { actor } from '../support/actor.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

/** Every byte says which message it is of. */
function filled(bytes: number, tid: number): Uint8Array {
  return new Uint8Array(bytes).fill(tid)
}

function isWhole(data: Uint8Array, bytes: number, tid: number): boolean {
  return data.length === bytes && data.every((byte) => byte === (tid & 255))
}

for (const bodies of ['keep', 'lend'] as const) {
  t.test(
    `what came whole ahead of altered bytes is handled at once and unaltered, also without a link: ${bodies}`,
    async (t) => {
      const quick = { backoff: { firstMs: 1, maxMs: 2 } }
      const a = await actor(t, 'osd.0', peer(quick), { bind: null, limits: { batchMessages: 4 } })
      const b = await actor(t, 'osd.1', peer({ ...quick, bodies }))
      const proxy = await startProxy(b.port)
      t.teardown(() => proxy.close())
      const got: number[] = []
      const altered: number[] = []
      b.messenger.use({
        dispatch({ tid, data }) {
          got.push(tid)
          if (!isWhole(data, 100, tid)) altered.push(tid)
        },
      })
      const connection = a.messenger.connect(`tcp://127.0.0.1:${proxy.port}`)
      await connection.deliver({ type: 1, tid: 1, data: filled(100, 1) })
      b.messenger.events$.subscribe(({ type }) => {
        if (type === 'fault') proxy.refuse()
      })
      proxy.flipAfter(2500)
      for (let tid = 2; tid <= 61; tid++) connection.send({ type: 1, tid, data: filled(100, tid) })
      await until('a fault', () => b.eventsOf('fault').length === 1)
      await new Promise(setImmediate)
      const [held] = b.messenger.dump().connections
      t.ok(got.length > 10 && got.length < 40, `${got.length} came before the bad byte`)
      t.strictSame([held?.counters.receivedMessages, held?.heldMessages], [got.length, 0], 'and none of them waits')
      await proxy.accept()
      await until('all the others', () => got.length === 61)
      t.strictSame(
        got,
        Array.from({ length: 61 }, (_, index) => index + 1),
      )
      t.strictSame(altered, [])
    },
  )
}

/** Sends `count` messages of each size, and waits until all were handled. */
async function exchange(connection: Connection, sizes: readonly number[], count: number): Promise<void> {
  for (const bytes of sizes) {
    for (let tid = 1; tid <= count; tid++) {
      if (!connection.send({ type: 1, tid, data: filled(bytes, tid) })) await connection.drained()
    }
  }
  await connection.deliver({ type: 2 })
}

const SIZES = [1, 100, 3000, 20_000, 100_000]
const COUNT = 24

for (const bodies of ['keep', 'lend'] as const) {
  t.test(`a view that a handler took before it waited is right until the handler is done: ${bodies}`, async (t) => {
    const a = await actor(t, 'osd.0', peer(), { bind: null })
    const b = await actor(t, 'osd.1', peer({ bodies }))
    const waiting: (() => void)[] = []
    let handled = 0
    const altered: string[] = []
    b.messenger.use({
      async dispatch(message) {
        if (message.type === 2) return
        const { data, tid } = message
        const { length } = data
        // Some wait for a turn, some until others have come.
        if (tid % 3 === 0) await new Promise(setImmediate)
        else if (tid % 3 === 1) await new Promise<void>((resolve) => waiting.push(resolve))
        if (waiting.length > 7) for (const go of waiting.splice(0)) go()
        if (!isWhole(data, length, tid) || !isWhole(message.data, length, tid)) altered.push(`${tid} of ${length}`)
        handled++
      },
    })
    const connection = a.messenger.connect(b.address)
    const done = exchange(connection, SIZES, COUNT)
    while (handled < COUNT * SIZES.length) {
      for (const go of waiting.splice(0)) go()
      await new Promise(setImmediate)
    }
    await done
    t.strictSame(altered, [])
  })

  for (const way of ['dispatch', 'fastDispatch'] as const) {
    t.test(`what is sent on from a handler arrives unaltered: ${bodies}, ${way}`, async (t) => {
      const c = await actor(t, 'osd.2', peer())
      const altered: string[] = []
      let got = 0
      c.messenger.use({
        dispatch({ tid, data }) {
          got++
          if (!isWhole(data, data.length, tid)) altered.push(`${tid} of ${data.length}`)
        },
      })
      const a = await actor(t, 'osd.0', peer(), { bind: null })
      const b = await actor(t, 'osd.1', peer({ bodies }))
      const onward = b.messenger.connect(c.address)
      const forward = ({ type, tid, data }: Message): boolean => {
        if (type === 1) onward.send({ type, tid, data })
        return true
      }
      b.messenger.use(way === 'dispatch' ? { dispatch: (message) => void forward(message) } : { fastDispatch: forward })
      await exchange(a.messenger.connect(b.address), SIZES, COUNT)
      await until('all of them', () => got === COUNT * SIZES.length)
      t.strictSame(altered, [])
    })
  }
}

for (const [bodies, way] of [
  ['keep', 'dispatch'],
  ['keep', 'fastDispatch'],
  ['lend', 'dispatch'],
] as const) {
  t.test(`who transfers a received body away takes nobody else’s: ${bodies}, ${way}`, async (t) => {
    const a = await actor(t, 'osd.0', peer(), { bind: null })
    const b = await actor(t, 'osd.1', peer({ bodies }))
    const altered: string[] = []
    const views: { data: Uint8Array; tid: number; bytes: number }[] = []
    const take = ({ type, tid, data }: Message): boolean => {
      if (type === 2) return true
      if (!isWhole(data, data.length, tid)) altered.push(`${tid} of ${data.length}`)
      if (tid % 2 === 1 && bodies === 'keep' && way === 'dispatch') views.push({ data, tid, bytes: data.length })
      if (tid % 2 === 0) {
        try {
          structuredClone(data, { transfer: [data.buffer as ArrayBuffer] })
          ;(data.buffer as ArrayBuffer & { transfer?(): void }).transfer?.()
        } catch {
          // What is shared is refused by newer versions of Node, and copied by Node 20.
        }
      }
      return true
    }
    b.messenger.use(way === 'dispatch' ? { dispatch: take } : { fastDispatch: take })
    const connection = a.messenger.connect(b.address)
    await exchange(connection, SIZES, COUNT)
    t.strictSame(altered, [])
    t.strictSame(
      views.filter(({ data, tid, bytes }) => !isWhole(data, bytes, tid)).map(({ tid }) => tid),
      [],
    )
    t.strictSame([a.eventsOf('fault'), b.eventsOf('fault')], [[], []])
  })
}

t.test('small messages that are kept pin little memory, also when each came among many', async (t) => {
  const a = await actor(t, 'osd.0', peer(), { bind: null })
  const b = await actor(t, 'osd.1', peer())
  const kept = new Set<Uint8Array>()
  b.messenger.use({
    dispatch({ tid, data }) {
      if (tid % 40 === 0) kept.add(data)
    },
  })
  const connection = a.messenger.connect(b.address)
  await exchange(connection, [100], 8000)
  const pinned = new Set([...kept].map(({ buffer }) => buffer))
  const bytes = [...pinned].reduce((sum, { byteLength }) => sum + byteLength, 0)
  t.equal(kept.size, 201)
  t.ok([...pinned].every(({ byteLength }) => byteLength <= 2048))
  t.ok(bytes <= kept.size * 2048, `${bytes} bytes`)
})
