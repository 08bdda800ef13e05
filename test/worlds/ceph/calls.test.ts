/** Calls over Ceph's protocol: it has no words for them, and their caller hears that as soon as it is known who is there. */
import t from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { losslessClient, losslessServer, Messenger, type Connection, type Policy } from '../../../src/index.ts'
import { Simulation } from '../../../src/testing/index.ts'
import { simulatedTcp } from '../../support/simulated-tcp.ts'
import { Echo, failureOf } from '../../unit/transactions/lab.ts'

t.test('a call over msgr2 is refused, before and with a link, and a message that expires is handled', async (t) => {
  const sim = new Simulation({ seed: 5 })
  const make = (name: string, host: string, policy: Policy): Messenger => {
    const process = sim.process(host)
    const policies = { default: policy }
    return new Messenger({ name, policies, wire: msgr2(), ...process.options, transports: [simulatedTcp(process)] })
  }
  const server = make('osd.0', '10.0.0.1', losslessServer({ concurrency: 1 }))
  const client = make('client.1', '10.0.0.2', losslessClient())
  let calls = 0
  server.serve(Echo, (body) => {
    calls++
    return { body }
  })
  const got: number[] = []
  server.use({
    async dispatch({ type }) {
      got.push(type)
      await sim.clock.sleep(100)
    },
  })
  await sim.run(async () => {
    const address = await server.bind('v2:10.0.0.1:6800/0')
    const connect = (): Connection => client.connect(address, { type: 'osd' })
    const refused = { reason: 'refused', code: 'INK_INCOMPATIBLE', indeterminate: false }
    for (const when of ['before the link', 'with it']) {
      t.match(await failureOf(connect().call(Echo, 'a', { timeoutMs: 5000 })), refused, when)
      t.match(await failureOf(client.callOnce(connect, Echo, 'a', { timeoutMs: 5000 })), refused, `${when}, once`)
    }
    for (const type of [901, 902]) connect().send({ type, expiresMs: 50 })
    await connect().close()
  })
  t.strictSame([calls, got], [0, [901, 902]], 'what is on the link is handled whenever it is its turn')
  await sim.run(() => Promise.all([client.shutdown(), server.shutdown()]))
})
