/** Looking for a monitor, in simulated time: who is dialled, when, and when it is given up. */
import t from 'tap'
import { msgr2 } from '../../src/index.ts'
import { keyOf } from '../auth/cephx/simulated-cluster.ts'
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

t.test('refused keys end the hunt with the reason: another monitor would refuse them, too', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    await cluster.monitor()
    await cluster.monitor()
    const { messenger, monitors } = cluster.client({}, msgr2({ key: keyOf(1) }))
    await t.rejects(monitors.command({ prefix: 'status' }), { code: 'INK_AUTH_REFUSED' })
    t.match(monitors.state, { name: 'closed', error: { code: 'INK_AUTH_REFUSED' } })
    await t.rejects(monitors.monMap(), { code: 'INK_AUTH_REFUSED' })
    await messenger.shutdown()
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
