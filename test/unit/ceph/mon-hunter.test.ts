/** Looking for a monitor, in simulated time: who is dialled, when, and when it is given up. */
import { NEVER } from 'rxjs'
import t from 'tap'
import { MonHunter } from '../../../src/ceph/mon-hunter.ts'
import { msgr2 } from '../../../src/ceph/index.ts'
import { type Connection, type Dispatcher, Messenger } from '../../../src/index.ts'
import { keyOf, keyringFile } from '../../support/ceph/simulated-cluster.ts'
import { simulatedTcp } from '../../support/simulated-tcp.ts'
import { FakeClock } from '../messenger/fake-clock.ts'
import { FakeCluster } from './fake-cluster.ts'

t.test('a monitor that is silent costs huntMs, then the next is asked', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const { address } = await cluster.monitor()
    // Nothing answers there, not even a refusal.
    cluster.sim.network.partition('10.0.2.1', '10.0.9.9')
    const { monitors, close } = cluster.client({ monitors: ['v2:10.0.9.9:3300/0', address], huntMs: 400 })
    const reasons: string[] = []
    monitors.state$.subscribe((state) => {
      if (state.name === 'hunting') reasons.push(state.reason)
    })
    await monitors.monMap()
    t.match(monitors.state, { monitor: address })
    t.match(reasons[1], /10\.0\.9\.9/)
    t.ok(cluster.sim.clock.nowMs() < 1000)
    await close()
  })
})

t.test('the other monitors are learnt from the map', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const [first, second] = [await cluster.monitor(), await cluster.monitor()]
    const { monitors, close } = cluster.client({ monitors: [first.address] })
    await monitors.monMap()
    cluster.sim.crash('10.0.0.1', 'reset')
    await monitors.command({ prefix: 'status' })
    t.match(monitors.state, { name: 'open', monitor: second.address })
    await close()
  })
})

t.test('a refusal without proof ends no hunt; the reason is told at once, and by the call that waits', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    await cluster.monitor()
    await cluster.monitor()
    const { monitors, close } = cluster.client({}, msgr2({ key: keyOf(1) }))
    const reasons: string[] = []
    monitors.state$.subscribe((state) => reasons.push(state.name === 'hunting' ? state.reason : state.name))
    const refused = { code: 'INK_TIMEOUT', message: /no monitor: v2:10.*: authentication with cephx is not taken/ }
    await t.rejects(monitors.command({ prefix: 'status' }, { timeoutMs: 5000 }), refused)
    t.match(reasons[1], /authentication with cephx is not taken/)
    t.ok(reasons.length > 5 && reasons.length < 40, `${reasons.length} dials in five seconds`)
    await close()
  })
})

t.test('what this side knows for certain does end it: there is no key for its name', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    await cluster.monitor()
    const { messenger, monitors } = cluster.client({}, msgr2({ keyring: keyringFile(t, ['client.other']) }))
    await t.rejects(monitors.command({ prefix: 'status' }), { code: 'INK_AUTH_REFUSED', message: /holds no key/ })
    t.match(monitors.state, { name: 'closed', error: { code: 'INK_AUTH_REFUSED' } })
    await t.rejects(monitors.monMap(), { code: 'INK_AUTH_REFUSED' })
    await messenger.shutdown()
  })
})

t.test('a monitor that says no, or hangs up, is left for the next one at once', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const [first, second] = [await cluster.monitor(), await cluster.monitor()]
    // As one that is outside the quorum does: it takes the link, and gives nobody a number.
    first.messenger.use({ onAccept: (connection) => connection.markDown() })
    const { monitors, close } = cluster.client({ huntMs: 60_000 })
    await monitors.monMap()
    t.match(monitors.state, { monitor: second.address })
    t.ok(cluster.sim.clock.nowMs() < 500)
    await close()
    const strict = cluster.sim.process('10.0.0.9')
    const transports = [simulatedTcp(strict)]
    const keys = new Messenger({ name: 'mon.9', wire: msgr2({ key: keyOf(1) }), ...strict.options, transports })
    const closed = await keys.bind('v2:10.0.0.9:3300/0')
    const before = cluster.sim.clock.nowMs()
    const other = cluster.client({ huntMs: 60_000, monitors: [closed, second.address] })
    await other.monitors.monMap()
    t.ok(cluster.sim.clock.nowMs() - before < 500)
    await other.close()
    await keys.shutdown()
  })
})

t.test('with nobody there the dials become rare', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    const { monitors, close } = cluster.client({
      monitors: ['v2:10.0.9.1:3300/0', 'v2:10.0.9.2:3300/0'],
      timeoutMs: 60_000,
    })
    let lost = 0
    monitors.state$.subscribe(() => lost++)
    await t.rejects(monitors.monMap(), { code: 'INK_TIMEOUT' })
    t.ok(lost > 20 && lost < 120, `${lost} dials in a minute`)
    await close()
  })
})

t.test('a process that stood still for longer than huntMs takes the answer that came meanwhile', async (t) => {
  for (const answers of [true, false]) {
    const clock = new FakeClock()
    const told: string[] = []
    const dialled: Connection[] = []
    let dispatcher: Dispatcher = {}
    const messenger = {
      use: (given: Dispatcher) => {
        dispatcher = given
        return () => undefined
      },
      connect(address: string) {
        const connection = {
          peer: { address },
          messages$: NEVER,
          state$: NEVER,
          dump: () => ({ lastFault: null }),
          markDown() {},
        }
        dialled.push(connection as unknown as Connection)
        return connection
      },
    }
    const hunter = new MonHunter({
      messenger: messenger as unknown as Messenger,
      runtime: { clock, random: { next: () => 0, bytes: (count) => new Uint8Array(count) }, warn: () => undefined },
      monitors: ['v2:10.0.0.1:3300/0', 'v2:10.0.0.2:3300/0'],
      huntMs: 400,
      events: {
        opened: (_connection, address) => void told.push(`opened ${address}`),
        lost: (reason) => void told.push(reason),
        message: () => undefined,
        failed: ({ code }) => void told.push(code),
      },
    })
    hunter.start()
    clock.pass(60_000)
    // What lies in the socket is read in the turn after the timers.
    if (answers) clock.later(() => void dispatcher.onConnect?.(dialled[0]!))
    await clock.advance(0)
    t.equal(told.length, 1)
    t.match(told[0], answers ? /^opened v2:10\.0\.0\.1/ : /^v2:10\.0\.0\.1:3300\/0 did not answer within 400 ms$/)
    hunter.stop()
    t.equal(clock.timers, 0)
  }
})
