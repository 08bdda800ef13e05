/**
 * EP-6: everybody dials everybody in the same tick of virtual time. One session for each pair, no word of an end, and never
 * more than two links of a pair. INKWIRE_CROSSING says of how many nodes the largest mesh is.
 */
import t from 'tap'
import { peer } from '../../src/index.ts'
import type { Messenger, MessengerEvent } from '../../src/index.ts'
import { Simulation, seededRandom } from '../../src/testing/index.ts'

const LARGEST = Number(process.env['INKWIRE_CROSSING'] ?? 7)
/** What tells that a session ended, or began anew. */
const ENDS: readonly MessengerEvent['type'][] = ['reset', 'remoteReset', 'refused', 'closed', 'resume']
const addressOf = (index: number): string => `sim://osd.${index}:6800`

/** Links that a pair has now. */
function linksOf(sim: Simulation, size: number): number {
  let most = 0
  for (let a = 0; a < size; a++)
    for (let b = a + 1; b < size; b++) most = Math.max(most, sim.network.circuits(`osd.${a}`, `osd.${b}`).length)
  return most
}

for (const size of new Set([2, 3, 5, LARGEST])) {
  t.test(`EP-6: ${size} nodes dial each other at once, in any order`, async (t) => {
    for (let order = 0; order < (size <= 3 ? 6 : 1); order++) {
      const sim = new Simulation({ seed: `crossing ${size} ${order}` })
      const ends: string[] = []
      const got = new Map<string, number>()
      const nodes = Array.from({ length: size }, (_, index): Messenger => {
        const messenger = sim.messenger(`osd.${index}`, { policies: { default: peer() } })
        messenger.use({
          dispatch: (_message, { peer: { name } }) => {
            const pair = `${name} to ${messenger.name}`
            got.set(pair, (got.get(pair) ?? 0) + 1)
          },
        })
        messenger.events$.subscribe(({ type }) => {
          if (ENDS.includes(type)) ends.push(`${messenger.name}: ${type}`)
        })
        return messenger
      })
      await sim.run(async () => {
        for (const [index, node] of nodes.entries()) await node.bind(addressOf(index))
        const dials = nodes.flatMap((node, from) => nodes.map((_other, to) => ({ node, from, to })))
        const sent = seededRandom(`order ${order}`)
          .shuffled(dials.filter(({ from, to }) => from !== to))
          .map(({ node, to }) => node.connect(addressOf(to), { name: `osd.${to}` }).deliver({ type: 1 }))
        let isOver = false
        const over = Promise.all(sent).then(() => (isOver = true))
        let most = 0
        while (!isOver) {
          most = Math.max(most, linksOf(sim, size))
          await new Promise((resolve) => void sim.clock.setTimer(() => resolve(null), 1))
        }
        await over
        t.ok(most <= 2, `at most ${most} links of a pair`)
        t.strictSame(ends, [])
        t.strictSame([got.size, new Set(got.values())], [size * (size - 1), new Set([1])])
        for (const { connections } of nodes) {
          t.equal(connections.length, size - 1)
          for (const connection of connections) t.equal(connection.dump().counters.sessions, 1)
        }
        await new Promise((resolve) => void sim.clock.setTimer(() => resolve(null), 1000))
        t.equal(linksOf(sim, size), 1, 'one is left')
        ends.length = 0
        await Promise.all(nodes.map((node) => node.shutdown()))
      })
    }
  })
}
