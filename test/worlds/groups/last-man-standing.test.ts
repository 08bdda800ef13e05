/** Groups that shrink: the majority follows the last primary view, step by step, and there are never two that act. */
import t, { type Test } from 'tap'
import type { GroupOptions, QuorumOptions } from '../../../src/groups/index.ts'
import { attempted, merged, memoryBytes, readMemory, type Memory } from '../../../src/groups/machine/electorate.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { Cluster, text } from './cluster.ts'

const FIVE = ['osd.0', 'osd.1', 'osd.2', 'osd.3', 'osd.4']
const votes = Object.fromEntries(FIVE.map((name) => [name, 1]))

function story(
  name: string,
  quorum: Omit<QuorumOptions, 'votes'>,
  tell: (t: Test, cluster: Cluster) => Promise<void>,
  seed = 1,
): void {
  const group: GroupOptions = { quorum: { votes, lastManStanding: true, ...quorum }, suspectAfterMs: 300 }
  t.test(name, async (t) => {
    const cluster = new Cluster({ seed, group })
    await cluster.play(FIVE, async () => {
      await cluster.pass(500)
      await tell(t, cluster)
    })
  })
}

const isPrimary = (cluster: Cluster, name: string): boolean => cluster.node(name).group.view.isPrimary

async function lose(cluster: Cluster, name: string): Promise<void> {
  cluster.crash(name, 'silent')
  await cluster.together()
  await cluster.pass(500)
}

/** Cuts the network into these sides. */
function split(cluster: Cluster, ...sides: readonly (readonly string[])[]): void {
  const { network } = cluster.simulation
  network.heal()
  const sideOf = (name: string): number => sides.findIndex((side) => side.includes(name))
  for (const one of FIVE) for (const other of FIVE) if (sideOf(one) !== sideOf(other)) network.partition(one, other)
}

story('of five, two are left and act; the last one does not', {}, async (t, cluster) => {
  for (const name of ['osd.0', 'osd.3', 'osd.1']) {
    await lose(cluster, name)
    t.equal(isPrimary(cluster, 'osd.4'), true, `without ${name}`)
  }
  await cluster.publish(cluster.node('osd.2'), { type: 1, data: text('two') }, { order: 'safe', primary: true })
  await lose(cluster, 'osd.2')
  t.equal(isPrimary(cluster, 'osd.4'), false, 'one of two is no majority')
  const told = cluster.node('osd.4').told.filter(({ kind }) => kind === 'message')
  t.equal(told.length, 1, 'what the group says to itself is told to nobody')
})

story('with a tie-break the last one acts', { tieBreak: 'highest' }, async (t, cluster) => {
  for (const name of FIVE.slice(0, 4)) await lose(cluster, name)
  t.equal(isPrimary(cluster, 'osd.4'), true)
})

story('who was cut off, and two that start again, do not outvote the two that went on', {}, async (t, cluster) => {
  split(cluster, ['osd.2'], ['osd.0', 'osd.1', 'osd.3', 'osd.4'])
  await cluster.pass(4000)
  for (const name of ['osd.3', 'osd.4']) cluster.crash(name, 'silent')
  await cluster.pass(4000)
  t.equal(isPrimary(cluster, 'osd.0'), false, 'half of four: without a tie-break neither half acts')
  split(cluster, ['osd.2', 'osd.3', 'osd.4'], ['osd.0', 'osd.1'])
  for (const name of ['osd.3', 'osd.4']) await cluster.start(name)
  await cluster.pass(5000)
  t.equal(cluster.node('osd.2').group.view.members.length, 3)
  t.equal(isPrimary(cluster, 'osd.2'), false, 'three of five names, but two of them remember nothing')
  cluster.simulation.network.heal()
  await cluster.together()
  t.equal(isPrimary(cluster, 'osd.3'), true, 'all names are there')
})

story('who comes back counts again, once it was in a primary view', {}, async (t, cluster) => {
  await lose(cluster, 'osd.0')
  await lose(cluster, 'osd.1')
  await cluster.start('osd.0')
  await cluster.together()
  await cluster.pass(500)
  t.equal(isPrimary(cluster, 'osd.0'), true)
  split(cluster, ['osd.0', 'osd.2'], ['osd.3', 'osd.4'])
  await cluster.pass(4000)
  t.strictSame([isPrimary(cluster, 'osd.0'), isPrimary(cluster, 'osd.3')], [false, false], 'the four are the electors')
  split(cluster, FIVE)
  await cluster.together()
  t.equal(isPrimary(cluster, 'osd.0'), true)
})

for (const seed of [1, 2]) {
  story(
    `no two views of one moment act, however five are split, lost and started again: ${seed}`,
    { tieBreak: 'lowest' },
    async (t, cluster) => {
      const { random } = cluster.simulation
      for (let round = 0; round < 8; round++) {
        const sides: string[][] = [[], [], []]
        for (const name of FIVE) sides[random.integer(0, 2)]!.push(name)
        split(cluster, ...sides)
        const victim = random.pick(FIVE)
        if (cluster.nodes.has(victim) && cluster.nodes.size > 2) cluster.crash(victim, 'silent')
        else if (!cluster.nodes.has(victim)) await cluster.start(victim)
        await cluster.pass(random.pick([100, 700, 2500]))
        // Who has not noticed yet that it is cut off takes its view for primary, and no SAFE message gets through there.
        const before = new Map(cluster.living.map(({ name, told }) => [name, told.length]))
        for (const node of cluster.living) {
          if (!node.group.view.isPrimary) continue
          const data = text(`${node.name} ${round}`)
          cluster.publish(node, { type: 1, data }, { order: 'safe', primary: true }).catch(() => null)
        }
        await cluster.pass(2000)
        const views = cluster.living.flatMap(({ name, told }) =>
          told
            .slice(before.get(name))
            .flatMap((event) => (event.kind === 'message' && !event.isTransitional ? [event.view] : [])),
        )
        t.ok(new Set(views).size <= 1, `round ${round}: ${[...new Set(views)].join()} acted`)
      }
      cluster.simulation.network.heal()
      for (const name of FIVE) if (!cluster.nodes.has(name)) await cluster.start(name)
      await cluster.together()
      t.ok(cluster.living.every(({ group }) => group.view.isPrimary))
      t.strictSame(cluster.violations(), [])
    },
    seed,
  )
}

t.test('of what several remember the last whole view counts, and what came after it', (t) => {
  const of = (era: number, ...names: string[]) => ({ era, names })
  const early: Memory = { electors: of(1, 'a', 'b', 'c'), attempts: [of(3, 'a', 'b'), of(7, 'a', 'c')] }
  const late: Memory = { electors: of(5, 'a', 'b'), attempts: [of(9, 'a', 'c')] }
  t.strictSame(merged([early, late]), { electors: of(5, 'a', 'b'), attempts: [of(9, 'a', 'c')] })
  t.equal(merged([]), null)
  t.strictSame(attempted(late, of(11, 'b')).attempts, [of(9, 'a', 'c'), of(11, 'b')])
  const voters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
  const memory: Memory = { electors: of(5, 'a', 'i'), attempts: [of(2 ** 40, 'h', 'i'), of(6)] }
  const bytes = memoryBytes(memory, voters)
  t.strictSame(readMemory(bytes, voters), memory)
  t.equal(readMemory(memoryBytes(null, voters), voters), null)
  t.equal(readMemory(bytes.subarray(1), voters), null)
  const random = seededRandom('memory')
  for (let count = 0; count < 500; count++) readMemory(random.bytes(random.integer(0, 60)), voters)
  t.end()
})
