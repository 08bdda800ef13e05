/**
 * What one key costs its victim at the most, counted: connections, and memory of messages that handlers do not finish.
 * Dials are in led-on.test.ts, control words in word-tricks.test.ts.
 */
import t from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { Messenger, peer } from '../../../src/index.ts'
import { MESSAGE_OVERHEAD_BYTES } from '../../../src/policies/held-budget.ts'
import { HostilePeer, Simulation } from '../../../src/testing/index.ts'
import { simulatedTcp } from '../../support/simulated-tcp.ts'

const KIB = 1024
const LIMITS = { heldBytesPerNameMax: 4096 * KIB, connectionsPerNameMax: 16 } as const
/** The largest read of a simulated link, of records of four bytes. */
const READ_COST_BYTES = ((64 * KIB) / 4) * MESSAGE_OVERHEAD_BYTES

for (const wire of ['native', 'msgr2'] as const) {
  t.test(`over ${wire}: as many connections as a name may have, and all of them full of messages`, async (t) => {
    const sim = new Simulation({ seed: 1 })
    const ceph = wire === 'msgr2'
    const [process, theirs] = [sim.process('10.0.0.1'), sim.process('10.0.0.6')]
    const transports = ceph ? [simulatedTcp(process)] : process.options.transports
    const victim = new Messenger({
      ...{ name: 'osd.0', policies: { default: peer() }, ...process.options, transports, limits: LIMITS },
      ...(ceph && { wire: msgr2() }),
    })
    let handled = 0
    victim.use({
      dispatch: () => {
        handled++
        return new Promise<void>(() => undefined)
      },
    })
    const hostile = new HostilePeer({
      name: 'osd.6',
      ...(ceph && { wire: msgr2() }),
      ...{ transport: ceph ? simulatedTcp(theirs) : theirs.transport, clock: theirs.clock },
      targets: [ceph ? 'v2:10.0.0.1:6800/0' : 'sim://10.0.0.1:6800'],
      appetite: { links: 200, flood: ceph ? 20_000 : 8000 },
    })
    let connections: ReturnType<Messenger['dump']>['connections'] = []
    await sim.run(async () => {
      await victim.bind(ceph ? 'v2:10.0.0.1:6800/0' : 'sim://10.0.0.1:6800')
      await hostile.play('tinyMessages')
      ;({ connections } = victim.dump())
      await hostile.stop()
    })
    const messages = connections.reduce((sum, { heldMessages }) => sum + heldMessages, 0)
    const bytes = messages * MESSAGE_OVERHEAD_BYTES
    t.comment(
      `${connections.length} connections hold ${messages} messages that cost ${bytes} bytes; ${handled} handled`,
    )
    t.ok(connections.length <= LIMITS.connectionsPerNameMax)
    t.ok(bytes > LIMITS.heldBytesPerNameMax / 2, 'it got what it may have')
    t.ok(bytes <= LIMITS.heldBytesPerNameMax + READ_COST_BYTES, 'and one read more, not one of each link')
    void victim.shutdown()
  })
}
