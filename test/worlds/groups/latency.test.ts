/** How long a group takes, in trips between its members: virtual time, in which every trip takes as long as every other. */
import t, { type Test } from 'tap'
import { Cluster, text, type Node } from './cluster.ts'

const THREE = ['osd.0', 'osd.1', 'osd.2']
const FIVE = [...THREE, 'osd.3', 'osd.4']
/** The defaults of the service. */
const SUSPECT_AFTER_MS = 1000
const TICK_MS = 100

/** A group whose members are together, the first of which is the sequencer, one trip apart. */
function story(
  name: string,
  names: readonly string[],
  tripMs: number,
  tell: (t: Test, cluster: Cluster) => Promise<void>,
): void {
  t.test(name, async (t) => {
    const cluster = new Cluster()
    await cluster.play(names, async () => {
      t.match(cluster.node('osd.0').group.view.id, cluster.node('osd.0').group.id)
      cluster.simulation.network.change({ latencyMinMs: tripMs, latencyMeanMs: tripMs })
      await tell(t, cluster)
      t.strictSame(cluster.violations(), [])
    })
  })
}

for (const [order, who, trips] of [
  ['agreed', 'osd.0', 1],
  ['agreed', 'osd.1', 2],
  ['safe', 'osd.0', 2],
  ['safe', 'osd.1', 3],
  ['safe', 'osd.4', 3],
] as const) {
  story(`${order} of ${who} is told to all within ${trips} trips`, FIVE, 10, async (t, cluster) => {
    const sentMs = cluster.simulation.clock.nowMs()
    const publishing = cluster.publish(cluster.node(who), { type: 1, data: text('once') }, { order })
    await cluster.pass(trips * 10 + 1)
    const told = cluster.living.map(({ told }) => told.findLast((event) => event.kind === 'message')?.order)
    t.strictSame(
      told,
      FIVE.map(() => order),
    )
    t.equal((await publishing).isTransitional, false)
    t.ok(cluster.simulation.clock.nowMs() - sentMs <= trips * 10 + 2)
    await cluster.pass(200)
  })
}

story('where two do not reach each other, safe takes one trip more', FIVE, 10, async (t, cluster) => {
  const { network, clock } = cluster.simulation
  network.partition('osd.3', 'osd.4')
  network.partition('osd.4', 'osd.3')
  await cluster.pass(5000)
  const { id } = cluster.node('osd.0').group.view
  const sentMs = clock.nowMs()
  await cluster.publish(cluster.node('osd.4'), { type: 1, data: text('round about') }, { order: 'safe' })
  t.ok(clock.nowMs() - sentMs <= 41, `${clock.nowMs() - sentMs} ms`)
  t.equal(cluster.node('osd.0').group.view.id, id, 'the view is as it was')
  network.heal()
  await cluster.pass(500)
})

/** Who publishes behind the death: the next sequencer, or who has the longest way. */
for (const [names, tripMs, order, who] of [
  [THREE, 1, 'agreed', 'osd.1'],
  [FIVE, 1, 'safe', 'osd.4'],
  [THREE, 20, 'safe', 'osd.2'],
  [FIVE, 20, 'agreed', 'osd.4'],
  [FIVE, 75, 'agreed', 'osd.1'],
  [FIVE, 75, 'safe', 'osd.4'],
] as const) {
  story(
    `the sequencer of ${names.length} dies, ${tripMs} ms apart: ${order} of ${who} is told within three round trips of its detection`,
    names,
    tripMs,
    async (t, cluster) => {
      const survivors = cluster.living.filter(({ name }) => name !== 'osd.0')
      const { clock } = cluster.simulation
      const publish = (words: string): void => {
        void cluster.publish(cluster.node(who), { type: 1, data: text(words) }, { order }).catch(() => null)
      }
      for (let count = 0; count < 20; count++) {
        publish(`before ${count}`)
        await cluster.pass(10)
      }
      cluster.crash('osd.0', 'silent')
      const diedMs = clock.nowMs()
      const isDetected = (): boolean => survivors.some(({ group }) => group.dump().phase === 'flushing')
      while (!isDetected()) await cluster.pass(1)
      const detectedMs = clock.nowMs()
      // Heard last one trip before, at most one beat earlier, and noticed by the tick after; two ticks make one that came late.
      t.ok(detectedMs - diedMs <= SUSPECT_AFTER_MS + 2 * TICK_MS + tripMs, `${detectedMs - diedMs} ms`)
      publish('behind')
      while (!survivors.every((node) => isTold(node, 'behind'))) await cluster.pass(1)
      t.ok(clock.nowMs() - detectedMs <= 6 * tripMs + 1, `${clock.nowMs() - detectedMs} ms behind detection`)
      await cluster.together()
      await cluster.pass(1000)
    },
  )
}

function isTold({ told }: Node, words: string): boolean {
  return told.some((event) => event.kind === 'message' && Buffer.from(event.data).toString() === words)
}
