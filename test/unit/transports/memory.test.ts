import t from 'tap'
import { parseAddress } from '../../../src/transports/address.ts'
import { memory, type MemoryOptions } from '../../../src/transports/memory.ts'
import { Arena, bytesOf } from '../../../src/testing/conformance/transport-arena.ts'
import { until } from '../../support/until.ts'

const arenaOf = (options?: MemoryOptions): Arena => new Arena(memory(options), () => 'memory://a')

t.test('options are checked at once', async (t) => {
  const bad: unknown[] = [
    { delay: 1 },
    { highWaterBytes: 0 },
    { closeTimeoutMs: '1' },
    { defer: 1 },
    { timer: null },
    1,
  ]
  for (const options of bad) {
    t.throws(() => memory(options as MemoryOptions), { code: 'INK_BAD_OPTION' }, JSON.stringify(options))
  }
})

t.test('parse refuses what is no name', async (t) => {
  const addresses = [
    parseAddress('tcp://127.0.0.1:1'),
    parseAddress('memory://a:1'),
    parseAddress('memory:///a'),
    parseAddress(`memory://${'a'.repeat(33)}`),
    { scheme: 'memory', host: '', port: 0 },
  ]
  for (const address of addresses) {
    t.throws(() => memory().parse(address), { code: 'INK_BAD_ADDRESS' }, JSON.stringify(address))
    t.throws(() => memory().dial(address), { code: 'INK_BAD_ADDRESS' })
  }
})

t.test('hubs do not see each other', async (t) => {
  const [here, there] = [arenaOf(), arenaOf()]
  const listener = await here.listen()
  t.match(await there.dial(listener.address).closed, { end: 'refused', message: /memory:\/\/a/ })
  await here.clear()
})

t.test('closing a listener twice does not take the name from the next one', async (t) => {
  const arena = arenaOf()
  const first = await arena.listen()
  await first.close()
  const second = await arena.listen()
  await first.close()
  await t.rejects(arena.listen(), { code: 'INK_ADDRESS_IN_USE' })
  arena.dial(second.address)
  await arena.accepted()
  await arena.clear()
})

t.test('says where a link leads, and of a dialler only that it is here', async (t) => {
  const arena = arenaOf()
  const listener = await arena.listen()
  const dialled = arena.dial(listener.address)
  const accepted = await arena.accepted()
  t.equal(dialled.link.remoteAddress, 'memory://a')
  t.equal(accepted.link.localAddress, 'memory://a')
  t.strictSame([dialled.link.localAddress, accepted.link.remoteAddress], ['', ''])
  await arena.clear()
})

t.test('no byte is copied: the receiver sees the very chunks of the sender', async (t) => {
  const arena = arenaOf()
  const { dialled, accepted } = await arena.pair()
  const chunks = [bytesOf('one'), bytesOf('two')]
  const seen: Uint8Array[] = []
  accepted.onData = (chunk) => {
    seen.push(chunk)
    t.equal(dialled.link.bufferedBytes, seen.length === 1 ? 6 : 3, 'the chunk is held until data returns')
  }
  dialled.link.write(chunks)
  await accepted.received(6)
  t.equal(seen[0], chunks[0])
  t.equal(seen[1], chunks[1])
  await arena.clear()
})

t.test('two ends that always answer each other leave room for timers', async () => {
  const arena = arenaOf()
  const { dialled, accepted } = await arena.pair()
  for (const end of [dialled, accepted]) end.onData = (chunk) => end.link.write([chunk])
  dialled.link.write([bytesOf('ball')])
  // until() looks again by a timer.
  let fired = 0
  await until('timers fire', () => ++fired > 2)
  await accepted.received(400)
  await arena.clear()
})

t.test('everything happens through the given scheduler', async (t) => {
  const steps: (() => void)[] = []
  const timers: { run: () => void; ms: number; cancelled: boolean }[] = []
  const arena = arenaOf({
    closeTimeoutMs: 77,
    defer: (run) => steps.push(run),
    timer: (run, ms) => {
      const timer = { run, ms, cancelled: false }
      timers.push(timer)
      return () => (timer.cancelled = true)
    },
  })
  const drain = (): void => {
    while (steps.length > 0) steps.shift()!()
  }
  const listener = await arena.listen()
  const dialled = arena.dial(listener.address)
  t.same(dialled.events, [])
  drain()
  t.same(dialled.events, ['opened'])
  const accepted = await arena.accepted()
  accepted.link.pause()
  dialled.link.write([bytesOf('stuck')])
  dialled.link.close()
  drain()
  t.match(timers, [{ ms: 77, cancelled: false }])
  timers[0]!.run()
  drain()
  t.same(dialled.events, ['opened', 'closed'])
  t.match(await dialled.closed, { end: 'local' })
  t.match(await accepted.closed, { end: 'reset' })
  t.match(timers, [{ ms: 77, cancelled: true }])
})
