/** Transfers over real sockets: what is lent while it is read is used again at once, and no byte of it gets mixed up. */
import { createHash } from 'node:crypto'
import t from 'tap'
import { buffers } from '../../src/buffers/index.ts'
import { TRANSFER } from '../../src/buffers/machine/limits.ts'
import { Messenger, defineCall, lossy, memory, peer, tcp, type Policy, type Transport } from '../../src/index.ts'
import { CALLS } from '../../src/transactions/machine/limits.ts'
import { pattern, reasonOf } from '../unit/buffers/lab.ts'

const SIZE = 3 * 2 ** 20 + 12_345

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

for (const policy of [peer(), lossy({ bodies: 'lend' })] satisfies Policy[]) {
  t.test(`two transfers each way beside messages: ${policy.kind}, ${policy.bodies}`, async (t) => {
    const [owner, holder] = ['osd.0', 'client.a'].map((name) => new Messenger({ name, policies: { default: policy } }))
    const connection = holder!.connect(await owner!.bind('tcp://127.0.0.1:0'))
    let others = 0
    owner!.use({
      dispatch: ({ data }) => {
        if (data.every((byte) => byte === 5)) others++
      },
    })
    const memory = [pattern(SIZE), pattern(SIZE, 2), new Uint8Array(SIZE), new Uint8Array(SIZE)]
    const refs = memory.map((one) => buffers(owner!).register(one, { rights: 'read-write' }))
    const lender = buffers(holder!)
    const messages = (async () => {
      for (let sent = 0; sent < 200; sent++) {
        if (!connection.send({ type: 1, data: new Uint8Array(30_000).fill(5) })) await connection.drained()
        await new Promise(setImmediate)
      }
    })()
    const [one, other] = await Promise.all([
      lender.receive(refs[0]!),
      lender.receive(refs[1]!),
      lender.send(refs[2]!, { from: pattern(SIZE, 3) }),
      lender.send(refs[3]!, { from: pattern(SIZE, 4) }),
      messages,
    ])
    t.equal(hash(one), hash(memory[0]!))
    t.equal(hash(other), hash(memory[1]!))
    t.equal(hash(memory[2]!), hash(pattern(SIZE, 3)))
    t.equal(hash(memory[3]!), hash(pattern(SIZE, 4)))
    await holder!.close()
    await owner!.close()
    t.equal(others, 200)
  })
}

/** What is moved beside the small calls, in bytes. */
const MANY = Number(process.env['INKWIRE_BUFFER_BYTES'] ?? 256 * 2 ** 20)
/** What is on its way at most. */
const { pacedBytesMax } = CALLS
const raw = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes }
const Ping = defineCall({ type: 1, name: 'Ping', request: raw, reply: raw })

t.test(
  'BF-6: beside a long transfer, which needs little memory, a small call hardly ever waits for more than the largest window',
  async (t) => {
    const policies = { default: peer() }
    const [owner, holder] = ['osd.0', 'client.a'].map((name) => new Messenger({ name, policies }))
    owner!.serve(Ping, (body) => ({ body }))
    const connection = holder!.connect(await owner!.bind('tcp://127.0.0.1:0'))
    await connection.opened()
    const chunk = new Uint8Array(TRANSFER.chunkBytes)
    const ref = buffers(owner!).register({ size: MANY, read: (_offset, length) => chunk.slice(0, length) })
    let placed = 0
    let most = 0
    let state: 'moving' | 'over' = 'moving'
    const write = (_offset: number, bytes: Uint8Array): void => {
      placed += bytes.length
      most = Math.max(most, process.memoryUsage.rss())
    }
    const before = process.memoryUsage.rss()
    const waits: number[] = []
    const probing = (async () => {
      while (state === 'moving') {
        const then = placed
        await connection.call(Ping, new Uint8Array(64))
        waits.push(placed - then)
        await new Promise(setImmediate)
      }
    })()
    await buffers(holder!).receive(ref, { into: { write } })
    state = 'over'
    await probing
    t.equal(placed, MANY)
    // In bytes that were placed meanwhile, not in time: that would be the machine's. So would be the median: the window is as
    // large as what a few milliseconds move (test/unit/transactions/pump-window.test.ts has its terms).
    waits.sort((a, b) => a - b)
    const share = (of: number): number => waits[Math.floor(waits.length * of)] ?? Infinity
    const [p50, p99] = [share(0.5), share(0.99)]
    t.comment(`${waits.length} calls, ${p50} bytes at p50, ${p99} at p99, ${(most - before) / 2 ** 20} MiB more`)
    t.ok(waits.length > 8, `${waits.length} calls beside it`)
    t.ok(p99 <= pacedBytesMax, `${p99} bytes`)
    // Of what was moved a small part: how small is the collector's, which has its time on a busy machine, and on each version of Node.
    t.ok(most - before < MANY / 4, `${most - before} bytes more in both sides`)
    await Promise.all([owner!.close(), holder!.close()])
  },
)

/** How many race over each way; in simulated time there are ten thousand. */
const RACERS = Number(process.env['INKWIRE_BUFFER_RACERS'] ?? 1000)
const inProcess = memory()
const WAYS: readonly (readonly [string, () => Transport, string])[] = [
  ['TCP', () => tcp(), 'tcp://127.0.0.1:0'],
  ['memory', () => inProcess, 'memory://owner'],
]

for (const [way, transport, address] of WAYS) {
  t.test(`BF-2: ${RACERS} writers over ${way} race against unregister(): behind it no byte changes`, async (t) => {
    const [owner, ...writers] = ['osd.0', 'client.a', 'client.b'].map(
      (name) => new Messenger({ name, policies: { default: peer() }, transports: [transport()] }),
    )
    const lent = buffers(owner!, { limits: { transfersMax: RACERS, transfersPerPeerMax: RACERS } })
    const there = await owner!.bind(address)
    await Promise.all(writers.map((writer) => writer.connect(there).opened()))
    const target = new Uint8Array(RACERS)
    const ref = lent.register(target, { rights: 'write' })
    let atFence: Uint8Array = new Uint8Array(0)
    const reasons: Promise<string>[] = []
    for (let racer = 0; racer < RACERS; racer++) {
      const from = Uint8Array.of(1 + (racer % 255))
      reasons.push(reasonOf(buffers(writers[racer % 2]!).send(ref, { offset: racer, from })))
      if (racer === RACERS / 2) {
        void lent.unregister(ref).then(() => {
          atFence = target.slice()
        })
      }
      if (racer % 100 === 99) await new Promise(setImmediate)
    }
    const ends = new Set(await Promise.all(reasons))
    t.ok(ends.has('done') && ends.has('stale'), [...ends].join())
    for (const fine of ['done', 'stale', 'quota']) ends.delete(fine)
    t.strictSame([...ends], [])
    await Promise.all([...writers, owner!].map((messenger) => messenger.close()))
    t.ok(Buffer.from(atFence).equals(target), 'what was there at the fence, and nothing else')
    t.equal(lent.dump().transfers, 0)
  })
}
