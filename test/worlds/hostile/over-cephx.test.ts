/**
 * The tricks on a Ceph monitor that asks for proofs (cephx), by a daemon with its own key: what was promised to two clients
 * does not change, and what the daemon says is never taken for theirs (L14).
 */
import t from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { losslessClient, losslessServer } from '../../../src/index.ts'
import { acquaintances, HOSTILE_TRICKS, HostilePeer } from '../../../src/testing/index.ts'
import { tricksFor } from '../../../src/testing/hostile/tricks.ts'
import { KEYS, keyringFile, SimulatedCluster } from '../../support/ceph/simulated-cluster.ts'
import { simulatedTcp } from '../../support/simulated-tcp.ts'

const QUICK = { backoff: { firstMs: 5, maxMs: 50 }, keepalive: { intervalMs: 500, timeoutMs: 2000 } } as const
const CLIENTS = ['client.admin', 'client.other'] as const
const ROUNDS = 25
/** What the daemon got handled, under all tricks together. */
let handled = 0

for (const trick of tricksFor('msgr2', 'cephx')) {
  t.test(`${trick}: ${HOSTILE_TRICKS[trick]}, and nothing changes for others`, async (t) => {
    const cluster = new SimulatedCluster()
    const { sim } = cluster
    const server = { default: losslessServer({ keepalive: QUICK.keepalive }) }
    const mon = await cluster.listening('mon.0', { keyring: keyringFile(t) }, server)
    const clients = CLIENTS.map((name) =>
      cluster.node(name, { key: KEYS[name]! }, { default: losslessClient({ ...QUICK, connectTimeoutMs: 500 }) }),
    )
    const process = sim.process('10.0.0.9')
    const hostile = new HostilePeer({
      name: 'osd.0',
      wire: msgr2({ key: KEYS['osd.0']! }),
      transport: simulatedTcp(process),
      clock: process.clock,
      targets: [mon.address],
      knows: () => acquaintances([mon.messenger, ...clients.map(({ messenger }) => messenger)]),
    })
    await sim.run(async () => {
      await hostile.listen('tcp://10.0.0.9:6800')
      const work = clients.map(async ({ messenger }, index) => {
        const connection = messenger.connect(mon.address, { type: 'mon' })
        for (let round = 0; round < ROUNDS; round++) {
          await connection.deliver({ type: 100 + index })
          await sim.clock.sleep(30)
        }
      })
      await sim.clock.sleep(50)
      await hostile.play(trick)
      await hostile.play(trick)
      await Promise.all(work)
      await hostile.stop()
    })
    for (const [index, { events }] of clients.entries()) {
      const mine = mon.got.filter(({ type }) => type === 100 + index)
      t.strictSame(
        mine.map(({ principal }) => principal),
        Array.from({ length: ROUNDS }, () => CLIENTS[index]),
      )
      t.strictSame(
        events.map(({ type }) => type),
        ['connect'],
        'one session from beginning to end',
      )
    }
    const others = mon.got.filter(({ type }) => type < 100)
    handled += others.length
    t.ok(others.every(({ principal }) => principal === 'osd.0'))
    t.strictSame(hostile.heard, [], 'nobody sent it anything')
    for (const { messenger } of [mon, ...clients]) await sim.run(() => messenger.shutdown())
  })
}

t.test('and it was let in, under its own name', (t) => {
  t.ok(handled > 10, `${handled} of its messages were handled`)
  t.end()
})
