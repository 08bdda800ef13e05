/** State transfer and primary views: replicas that join, that are cut off, and that come back, end with the same state. */
import t from 'tap'
import { groups } from '../../../src/groups/index.ts'
import { text } from './cluster.ts'
import { Replicas, cutOff } from './replicas.ts'

t.test('who joins has the state before it is told a message, also a large one in parts', async (t) => {
  const all = new Replicas()
  const { cluster } = all
  await cluster.simulation.run(async () => {
    await all.start('osd.0', 'osd.1')
    await cluster.together()
    for (let count = 0; count < 50; count++) await all.publish('osd.0', `before ${count}`)
    for (const name of ['osd.0', 'osd.1']) all.of(name).parts = 40
    const gets = all.of('osd.0').gets + all.of('osd.1').gets
    const joining = all.start('osd.2')
    for (let count = 0; count < 50; count++) await all.publish('osd.1', `meanwhile ${count}`)
    await joining
    await cluster.together()
    await all.publish('osd.2', 'mine')
    await cluster.pass(1000)
    t.equal(all.lists.length, 1)
    t.equal(all.of('osd.2').list.length, 101)
    t.equal(all.of('osd.2').sets, 1)
    t.equal(all.of('osd.0').gets + all.of('osd.1').gets - gets, 1, 'one of the others gave it')
  })
})

t.test('the view changes while the state is on its way: the joiner gets it all the same', async (t) => {
  for (const victim of ['osd.0', 'osd.1', 'osd.2']) {
    const all = new Replicas()
    const { cluster } = all
    await cluster.simulation.run(async () => {
      await all.start('osd.0', 'osd.1', 'osd.2')
      await cluster.together()
      for (let count = 0; count < 40; count++) await all.publish('osd.0', `before ${count}`)
      for (const replica of all.replicas.values()) replica.parts = 500
      cluster.simulation.network.change({ latencyMinMs: 3, latencyMeanMs: 4 })
      await all.start('osd.9')
      const joiner = cluster.node('osd.9').group
      while (joiner.view.members.length < 4) await cluster.pass(5)
      await cluster.pass(30)
      t.equal(all.of('osd.9').sets, 0, 'it is on its way')
      cluster.crash(victim)
      await cluster.together()
      await all.publish(cluster.living[0]!.name, 'after')
      await cluster.pass(8000)
      t.equal(all.lists.length, 1, `${victim} died: ${all.lists.map((list) => list.length).join()}`)
      t.equal(all.of('osd.9').list.length, 41)
    })
  }
})

t.test('a provider that fails is not asked again, and nobody is put out', async (t) => {
  const all = new Replicas()
  const { cluster } = all
  await cluster.simulation.run(async () => {
    await all.start('osd.0', 'osd.1')
    await cluster.together()
    await all.publish('osd.0', 'before')
    for (const replica of all.replicas.values()) {
      replica.parts = 4
      replica.breaksAt = 2
    }
    await all.start('osd.2')
    await cluster.together()
    await cluster.pass(5000)
    t.equal(all.of('osd.2').sets, 1)
    t.equal(all.lists.length, 1)
    t.equal(cluster.living.length, 3)
  })
})

t.test('a member that cannot take the state says so, and goes', async (t) => {
  const all = new Replicas()
  const { cluster } = all
  await cluster.simulation.run(async () => {
    await all.start('osd.0', 'osd.1')
    await cluster.together()
    await all.publish('osd.0', 'before')
    const broken = { get: () => new Uint8Array(0), set: () => Promise.reject(new Error('no space left')) }
    const messenger = cluster.simulation.messenger('osd.7', {
      policies: { default: cluster.node('osd.0').messenger.connections[0]!.policy },
    })
    messenger.connect('sim://osd.0:6800')
    messenger.connect('sim://osd.1:6800')
    const group = groups(messenger).join('the-group', { state: broken })
    const end = await group.closed
    t.match(end.error?.message, /no space left/)
    await cluster.together()
  })
})

const VOTES = { 'osd.0': 1, 'osd.1': 1, 'osd.2': 1, 'osd.3': 1, 'osd.4': 1 }
const FIVE = Object.keys(VOTES)

t.test('of two sides only the majority is primary, and its state holds when they merge', async (t) => {
  const all = new Replicas({ quorum: { votes: VOTES } })
  const { cluster } = all
  await cluster.simulation.run(async () => {
    await all.start(...FIVE)
    await cluster.together()
    await all.publish('osd.0', 'all')
    for (const name of ['osd.0', 'osd.1']) cutOff(cluster, name)
    cluster.simulation.network.heal('osd.0', 'osd.1')
    cluster.simulation.network.heal('osd.1', 'osd.0')
    await cluster.pass(5000)
    const [minor, major] = [cluster.node('osd.0').group, cluster.node('osd.4').group]
    t.equal(minor.view.isPrimary, false)
    t.equal(major.view.isPrimary, true)
    t.throws(() => minor.publish({ type: 1 }, { primary: true }), { code: 'INK_NOT_PRIMARY' })
    await major.publish({ type: 1, data: text('the majority acts') }, { order: 'safe', primary: true })
    await minor.publish({ type: 1, data: text('a minority should not') })
    cluster.simulation.network.heal()
    await cluster.together()
    await all.publish('osd.1', 'together')
    await cluster.pass(3000)
    t.strictSame(all.lists, ['all,the majority acts,together'], 'what the minority did is gone with its state')
    t.equal(all.of('osd.0').sets >= 1 && all.of('osd.1').sets >= 1, true)
  })
})

t.test('no two views of one moment are primary, however five are split', async (t) => {
  for (let seed = 1; seed <= 2; seed++) {
    const all = new Replicas({ quorum: { votes: VOTES }, suspectAfterMs: 300 }, seed)
    const { cluster } = all
    const { network, random } = cluster.simulation
    await cluster.simulation.run(async () => {
      await all.start(...FIVE)
      await cluster.together()
      for (let round = 0; round < 6; round++) {
        network.heal()
        const sides = FIVE.map(() => random.integer(0, 2))
        FIVE.forEach((one, a) =>
          FIVE.forEach((other, b) => {
            if (sides[a] !== sides[b]) network.partition(one, other)
          }),
        )
        for (let beat = 0; beat < 12; beat++) {
          const primaries = cluster.living.filter(({ group }) => group.view.isPrimary).map(({ group }) => group.view)
          const newest = primaries.reduce((most, { number }) => Math.max(most, number), 0)
          const acting = new Set(primaries.filter(({ number }) => number === newest).map(({ id }) => id))
          t.ok(acting.size <= 1, 'the newest primary view is one')
          for (const node of cluster.living)
            if (node.group.view.isPrimary) {
              cluster
                .publish(
                  node,
                  { type: 1, data: text(`${node.name} ${round} ${beat}`) },
                  { order: 'safe', primary: true },
                )
                .catch(() => null)
            }
          await cluster.pass(150)
        }
      }
      network.heal()
      await cluster.together()
      await cluster.pass(5000)
      t.equal(all.lists.length, 1, `seed ${seed}`)
    })
  }
})

t.test('halves, waiting for all, and two nodes', async (t) => {
  const four = { 'osd.0': 1, 'osd.1': 1, 'osd.2': 1, 'osd.3': 1 }
  const all = new Replicas({ quorum: { votes: four, tieBreak: 'lowest', waitForAll: true } })
  const { cluster } = all
  const isPrimary = (name: string): boolean => cluster.node(name).group.view.isPrimary
  await cluster.simulation.run(async () => {
    await all.start('osd.0', 'osd.1', 'osd.2')
    await cluster.together()
    t.equal(isPrimary('osd.0'), false, 'three of four, but all were never seen')
    await all.start('osd.3')
    await cluster.together()
    t.equal(isPrimary('osd.0'), true)
    for (const one of ['osd.0', 'osd.1'])
      for (const other of ['osd.2', 'osd.3']) {
        cluster.simulation.network.partition(one, other)
        cluster.simulation.network.partition(other, one)
      }
    await cluster.pass(5000)
    t.equal(isPrimary('osd.1'), true, 'the half with the lowest name')
    t.equal(isPrimary('osd.3'), false)
  })
  const two = new Replicas({ quorum: { votes: { 'osd.0': 1, 'osd.1': 1 }, twoNode: true } })
  await two.cluster.simulation.run(async () => {
    await two.start('osd.0')
    await two.cluster.pass(500)
    t.equal(two.cluster.node('osd.0').group.view.isPrimary, false, 'two nodes wait for both')
    await two.start('osd.1')
    await two.cluster.together()
    two.cluster.crash('osd.1')
    await two.cluster.together()
    t.equal(two.cluster.node('osd.0').group.view.isPrimary, true, 'then one is enough')
  })
  const messenger = cluster.simulation.messenger('osd.8', {
    policies: { default: cluster.node('osd.0').messenger.connections[0]!.policy },
  })
  const join = (quorum: unknown): unknown =>
    groups(messenger).join('x', { quorum: quorum as { votes: Record<string, number> } })
  t.throws(() => join({}), { code: 'INK_BAD_OPTION' })
  t.throws(() => join({ votes: { a: 0 } }), { code: 'INK_BAD_OPTION' })
  t.throws(() => join({ votes: { a: 1 }, twoNode: true }), { code: 'INK_BAD_OPTION' })
  t.throws(() => join({ votes: { a: 1 }, tieBreak: 'first' }), { code: 'INK_BAD_OPTION' })
})
