/** Whose the bytes of messages are, over real sockets: what handlers may read, for how long, and what they may do to it. */
import t from 'tap'
import { peer } from '../../src/index.ts'
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
