/** Work that its sender has taken back is work until its handler is done (HTTP/2 called this Rapid Reset). */
import t from 'tap'
import { peer } from '../../src/index.ts'
import { HostilePeer, Simulation } from '../../src/testing/index.ts'

t.test('handlers whose session is gone count against the throttle until they finish', async (t) => {
  const sim = new Simulation({ seed: 4 })
  const victim = sim.messenger('osd.0', { policies: { default: peer({ throttle: { messages: 30 } }) } })
  let running = 0
  let most = 0
  const finish: (() => void)[] = []
  victim.use({
    dispatch: () => {
      most = Math.max(most, ++running)
      return new Promise<void>((resolve) => finish.push(resolve)).then(() => {
        running--
      })
    },
  })
  const { transport, clock } = sim.process('osd.6')
  const hostile = new HostilePeer({ name: 'osd.6', transport, clock, targets: ['sim://osd.0:1'] })
  await sim.run(async () => {
    await victim.bind('sim://osd.0:1')
    await hostile.play('takeBackWork')
    await hostile.play('takeBackWork')
    await hostile.stop()
    await sim.clock.sleep(1000)
  })
  t.equal(most, 30, 'hundreds of messages of dozens of sessions, and no more handlers than one session may have')
  t.equal(running, 30)
  for (const one of finish) one()
  await sim.clock.advance(1000)
  t.equal(running, 0)
  t.equal(most, 30, 'what waited went with its session')
})
