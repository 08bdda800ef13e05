/**
 * How often a peer is dialled that answers every dial and never lets anybody have anything of it: counted, for a minute
 * of simulated time, while the application wants to send all the time.
 */
import t from 'tap'
import { losslessClient, Messenger, peer } from '../../../src/index.ts'
import type { Policy } from '../../../src/index.ts'
import { LIMITS } from '../../../src/policies/limits.ts'
import { ANSWER_TRICKS } from '../../../src/testing/hostile/answer-tricks.ts'
import { HostilePeer, Simulation } from '../../../src/testing/index.ts'
import type { HostileTrick } from '../../../src/testing/index.ts'

const SECONDS = 60
/** Of a peer that is of no use: the wait has grown to its longest by then. */
const USELESS_MAX = 100

/** How many dials it takes a caller who never gives up, when the peer does this to each of them. */
async function dialsOf(trick: HostileTrick, policy: Policy): Promise<number> {
  const sim = new Simulation({ seed: 1 })
  const [process, theirs] = [sim.process('osd.0'), sim.process('osd.6')]
  const dial = process.transport.dial.bind(process.transport)
  let dials = 0
  process.transport.dial = (...args) => {
    dials++
    return dial(...args)
  }
  const victim = new Messenger({ name: 'osd.0', policies: { default: policy }, ...process.options })
  const hostile = new HostilePeer({
    ...{ name: 'osd.6', transport: theirs.transport, clock: theirs.clock, targets: ['sim://osd.0:6800'] },
    appetite: { receiveMs: SECONDS * 1000 },
  })
  await sim.run(async () => {
    await victim.bind('sim://osd.0:6800')
    const address = await hostile.listen('sim://osd.6:6800')
    // What a lost session hands back is sent again at once; after the end of a connection the next is asked for in a while.
    const insist = (): void => {
      if (!done) victim.connect(address).send({ type: 1 })
    }
    let done = false
    victim.use({
      dispatch: () => undefined,
      onRemoteReset: insist,
      onReset: () => void sim.clock.setTimer(insist, 500),
    })
    const played = hostile.play(trick)
    // It has shown itself by then, and lies.
    await sim.clock.sleep(1000)
    insist()
    await played
    done = true
    await hostile.stop()
    await victim.shutdown()
  })
  return dials
}

for (const trick of Object.keys(ANSWER_TRICKS) as HostileTrick[]) {
  for (const policy of [peer(), losslessClient()]) {
    t.test(`${trick}, to a ${policy.kind}`, async (t) => {
      const dials = await dialsOf(trick, policy)
      t.comment(`${dials} dials`)
      t.ok(dials > 0)
      t.ok(dials <= LIMITS.dialsPerSecondMax * (SECONDS + 1), `${dials} dials`)
      if (trick.startsWith('yield') || trick === 'hangUp' || trick === 'speakOtherwise')
        t.ok(dials <= USELESS_MAX, `${dials} dials`)
    })
  }
}
