/** The client of monitors, in simulated time: answers, deadlines, maps, and monitors that are lost. */
import t from 'tap'
import { firstValueFrom } from 'rxjs'
import { CephError } from '../../../src/ceph/ceph-error.ts'
import { MonMapMessage } from '../../../src/ceph/messages/mon-map.ts'
import { InkwireError } from '../../../src/index.ts'
import { FakeCluster, FSID } from './fake-cluster.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
const SILENT = () => null

t.test('commands, versions and maps are answered', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const monitor = await cluster.monitor()
    await cluster.osd()
    const { monitors, close } = cluster.client()
    t.match(monitors.state, { name: 'hunting' })
    const { output } = await monitors.command({ prefix: 'status' })
    t.equal(text(output), 'done')
    t.match(monitors.state, { name: 'open', monitor: monitor.address })
    t.strictSame(await monitors.versions('osdmap'), { handle: 1, newest: 1, oldest: 1 })
    const map = await monitors.monMap()
    t.match(map, { fsid: FSID, monitors: [{ name: 'm0', address: monitor.address }] })
    t.equal(await firstValueFrom(monitors.monMap$), map)
    t.equal((await monitors.osdMap()).osds.get(0)?.address, cluster.osds[0]?.address)
    await close()
  })
})

t.test('an error number becomes a CephError, and others may still be answered', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const monitor = await cluster.monitor()
    monitor.answer = ({ prefix }) => (prefix === 'no' ? { result: -22 } : { result: 0, output: 'yes' })
    const { monitors, close } = cluster.client()
    const error = await monitors.command({ prefix: 'no' }).catch((thrown: unknown) => thrown)
    t.ok(error instanceof CephError && error instanceof InkwireError)
    t.match(error, { code: 'INK_CEPH_ERROR', errno: 22, errorName: 'EINVAL', message: /EINVAL, no/ })
    t.equal(text((await monitors.command({ prefix: 'yes' })).output), 'yes')
    await close()
  })
})

t.test('what was not answered by a monitor that is lost is asked again at the next', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const [first, second] = [await cluster.monitor(), await cluster.monitor()]
    await cluster.osd()
    const { monitors, close } = cluster.client()
    const states: string[] = []
    monitors.state$.subscribe(({ name }) => states.push(name))
    cluster.epoch = 5
    await monitors.osdMap()
    first.answer = SILENT
    const repeated = monitors.command({ prefix: 'again' })
    const rejected = monitors.command({ prefix: 'once' }, { onLost: 'reject' }).catch((thrown: unknown) => thrown)
    await monitors.versions('osdmap')
    t.equal(first.commands.length, 2)
    cluster.sim.crash('10.0.0.1')
    t.match(await rejected, { code: 'INK_RESET' })
    t.equal(text((await repeated).output), 'done')
    t.strictSame(second.commands, ['{"prefix":"again"}'])
    t.strictSame(states, ['hunting', 'open', 'hunting', 'open'])
    const { topics } = second.subscriptions[0]!
    t.match([topics.get('monmap'), topics.get('osdmap')], [{ start: 2 }, { start: 6 }], 'from what is known on')
    await close()
  })
})

t.test('a monitor that restarts is found again, however long it takes', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    await cluster.monitor()
    const { monitors, close } = cluster.client({ timeoutMs: 600_000 })
    await monitors.monMap()
    cluster.sim.crash('10.0.0.1')
    const asked = monitors.command({ prefix: 'status' })
    const before = cluster.sim.clock.nowMs()
    await new Promise((resolve) => cluster.sim.clock.setTimer(() => resolve(null), 60_000))
    t.match(monitors.state, { name: 'hunting' })
    cluster.monitors.length = 0
    await cluster.monitor()
    t.equal(text((await asked).output), 'done')
    const took = cluster.sim.clock.nowMs() - before - 60_000
    t.ok(took < 10_000, `found ${took} ms after it was there`)
    await close()
  })
})

t.test('deadlines, signals and the bound of the table each have their own error', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const monitor = await cluster.monitor()
    monitor.answer = SILENT
    const { monitors, close } = cluster.client({ pendingMax: 2 })
    const started = cluster.sim.clock.nowMs()
    await t.rejects(monitors.command({ prefix: 'x' }, { timeoutMs: 700 }), { code: 'INK_TIMEOUT', message: /700 ms/ })
    t.ok(cluster.sim.clock.nowMs() - started >= 700)
    const abort = new AbortController()
    const aborted = t.rejects(monitors.command({ prefix: 'x' }, { signal: abort.signal }), { code: 'INK_ABORTED' })
    const closed = t.rejects(monitors.command({ prefix: 'y' }), { code: 'INK_CLOSED' })
    await t.rejects(monitors.command({ prefix: 'z' }), { code: 'INK_QUEUE_FULL' })
    abort.abort()
    await aborted
    await close()
    await closed
    await t.rejects(monitors.command({ prefix: 'x' }), { code: 'INK_CLOSED' })
    await t.rejects(monitors.osdMap(), { code: 'INK_CLOSED' })
  })
})

t.test('a command that is none is refused before anything is sent', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const monitor = await cluster.monitor()
    const { monitors, close } = cluster.client()
    await monitors.monMap()
    await t.rejects(monitors.command('status' as unknown as object), { code: 'INK_BAD_ARGUMENT' })
    await t.rejects(monitors.command({ prefix: 'x' }, { timeoutMs: -1 }), { code: 'INK_BAD_ARGUMENT' })
    t.strictSame(monitor.commands, [])
    await close()
  })
})

t.test('nobody there: the deadline says so and why', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const { monitors, close } = cluster.client({ monitors: ['v2:10.0.0.9:3300/0'], timeoutMs: 500 })
    await t.rejects(monitors.command({ prefix: 'status' }), {
      code: 'INK_TIMEOUT',
      message: /no monitor: v2:10\.0\.0\.9:3300\/0: Nobody listens at /,
    })
    await close()
  })
})

t.test('a gap between changes is closed with the whole map', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const monitor = await cluster.monitor()
    await cluster.osd()
    const { monitors, close } = cluster.client()
    t.equal((await monitors.osdMap()).epoch, 1)
    cluster.epoch = 7
    monitor.osdMapFor = (start) =>
      start === 0 ? { maps: [[7, cluster.osdMap()]] } : { changes: [[7, cluster.osdMap().fill(7, 12, 90)]] }
    const old = monitor.messenger.connections[0]
    old?.markDown()
    t.equal((await monitors.osdMap({ epoch: 7 })).epoch, 7)
    const asked = monitor.subscriptions.map(({ topics }) => topics.get('osdmap')?.start)
    t.strictSame(asked.slice(-2), [2, 0])
    await close()
  })
})

t.test('a monitor that sends what does not decode is left, and so is one of another cluster', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const [first, second] = [await cluster.monitor(), await cluster.monitor()]
    const { monitors, close } = cluster.client()
    await monitors.monMap()
    const reasons: string[] = []
    monitors.state$.subscribe((state) => {
      if (state.name === 'hunting') reasons.push(state.reason)
    })
    first.messenger.connections[0]?.send(MonMapMessage.make(Uint8Array.of(9, 6, 255, 255, 255, 255)))
    await monitors.command({ prefix: 'status' })
    t.match(monitors.state, { monitor: second.address })
    second.messenger.connections[0]?.send(MonMapMessage.make(cluster.monMap(FSID.replace('3b', '4c'))))
    await monitors.versions('osdmap')
    // The answer may have been faster than the wrong map; what counts is that it is left.
    await monitors.command({ prefix: 'status' })
    await monitors.versions('osdmap')
    t.match(reasons, [/map of monitors does not decode/, /of the cluster 4c/])
    t.match(monitors.state, { monitor: first.address })
    await close()
  })
})

t.test('a command that cannot be sent fails alone', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    await cluster.monitor()
    const { monitors, close } = cluster.client()
    await monitors.monMap()
    const [small, large, other] = [
      monitors.command({ prefix: 'a' }),
      monitors.command({ prefix: 'b' }, { input: new Uint8Array(129 << 20) }),
      monitors.command({ prefix: 'c' }),
    ]
    await t.rejects(large, { code: 'INK_MESSAGE_TOO_LARGE' })
    t.strictSame([text((await small).output), text((await other).output)], ['done', 'done'])
    await close()
  })
})

t.test('a messenger that is shut down ends its clients', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const monitor = await cluster.monitor()
    monitor.answer = SILENT
    const { messenger, monitors } = cluster.client()
    await monitors.monMap()
    const waiting = t.rejects(monitors.command({ prefix: 'x' }), { code: 'INK_CLOSED' })
    await messenger.shutdown()
    await waiting
    t.match(monitors.state, { name: 'closed', error: { code: 'INK_CLOSED' } })
    await monitors.close()
  })
})
