/**
 * Misfortunes of real messengers that machines alone cannot have: a network that is open one way only, a process that starts again under
 * its name, with nothing, credit that is smaller than a message, states that are large when sides merge, introductions that lie, and two
 * connections where one would do.
 */
import t from 'tap'
import { configOf } from '../../../src/groups/config.ts'
import { groups } from '../../../src/groups/index.ts'
import { groupKey } from '../../../src/groups/key.ts'
import { GROUPS } from '../../../src/groups/machine/limits.ts'
import { KIND, helloBytes } from '../../../src/groups/service-words.ts'
import { lossy, peer, type Messenger } from '../../../src/index.ts'
import { Cluster, text } from './cluster.ts'
import { Replicas, cutOff } from './replicas.ts'

const THREE = ['osd.0', 'osd.1', 'osd.2']
const VOTES = Object.fromEntries(THREE.map((name) => [name, 1]))

for (const [from, to] of [
  ['osd.0', 'osd.2'],
  ['osd.1', 'osd.2'],
] as const) {
  t.test(`nothing passes from ${from} to ${to}, and all else does: few changes, then rest`, async (t) => {
    const cluster = new Cluster({ group: { suspectAfterMs: 300 } })
    await cluster.play(THREE, async () => {
      cluster.simulation.network.partition(from, to)
      await cluster.pass(4000)
      const before = cluster.living.map(({ group }) => group.view.number)
      await cluster.pass(5000)
      const after = cluster.living.map(({ group }) => group.view.number)
      t.strictSame(after, before, 'the views rest')
      for (const node of cluster.living) await cluster.publish(node, { type: 1, data: text(`of ${node.name}`) })
      cluster.simulation.network.heal()
      await cluster.together()
      await cluster.publish(cluster.node('osd.1'), { type: 1, data: text('all') }, { order: 'safe' })
      await cluster.pass(1000)
      t.strictSame(cluster.violations(), [])
    })
  })
}

for (const kind of ['reset', 'silent'] as const) {
  t.test(`a process starts again under its name before it is missed (${kind}): it is another member`, async (t) => {
    const cluster = new Cluster()
    await cluster.play(THREE, async () => {
      const old = cluster.node('osd.1').group.id
      const told = cluster.node('osd.0').told.length
      cluster.crash('osd.1', kind)
      const anew = await cluster.start('osd.1')
      await cluster.publish(cluster.node('osd.0'), { type: 1, data: text('to whoever is there') })
      await cluster.together()
      await cluster.publish(anew, { type: 1, data: text('of the new one') }, { order: 'safe' })
      await cluster.pass(1000)
      t.not(anew.group.id, old)
      const changes = cluster
        .node('osd.0')
        .told.slice(told)
        .filter((event) => event.kind === 'view')
      t.ok(
        changes.some(({ left }) => left.some(({ member }) => member === old)),
        'its old life has left',
      )
      t.strictSame(
        changes.flatMap(({ joined }) => joined.map(({ member, reason }) => `${member} ${reason}`)),
        [`${anew.group.id} join`],
      )
      t.strictSame(cluster.violations(), [])
    })
  })
}

t.test('two that start again with nothing are a majority, and elect no empty primary view', async (t) => {
  const all = new Replicas({ quorum: { votes: VOTES, waitForAll: true } })
  const { cluster } = all
  const isPrimary = (name: string): boolean => cluster.node(name).group.view.isPrimary
  await cluster.simulation.run(async () => {
    await all.start(...THREE)
    await cluster.together()
    await all.publish('osd.0', 'acknowledged')
    for (const name of ['osd.0', 'osd.1']) cluster.crash(name, 'silent')
    cutOff(cluster, 'osd.2')
    await all.start('osd.0', 'osd.1')
    for (const name of ['osd.0', 'osd.1']) cutOff(cluster, 'osd.2', name)
    await cluster.pass(6000)
    t.equal(cluster.node('osd.0').group.view.members.length, 2)
    t.strictSame(THREE.map(isPrimary), [false, false, false], 'two votes of three, but they were never with all')
    const publish = (): unknown => cluster.node('osd.1').group.publish({ type: 1 }, { primary: true })
    t.throws(publish, { code: 'INK_NOT_PRIMARY' })
    cluster.simulation.network.heal()
    await cluster.together()
    await all.publish('osd.1', 'all are there')
    await cluster.pass(1000)
    t.strictSame(THREE.map(isPrimary), [true, true, true])
    t.strictSame(all.lists, ['acknowledged,all are there'], 'nothing that was acknowledged is lost')
  })
})

t.test('sides with large states merge while all publish: one state holds, whole', async (t) => {
  const all = new Replicas({ quorum: { votes: VOTES } })
  const { cluster } = all
  const letters = 'x'.repeat(60_000)
  await cluster.simulation.run(async () => {
    await all.start(...THREE)
    await cluster.together()
    cutOff(cluster, 'osd.2')
    await cluster.pass(4000)
    for (const name of THREE) {
      all.of(name).parts = 30
      for (let count = 0; count < 5; count++) await all.publish(name, `${name} ${count} ${letters}`)
    }
    cluster.simulation.network.change({ bytesPerMs: 2000 })
    cluster.simulation.network.heal()
    const publishing = THREE.map(async (name) => {
      for (let count = 0; count < 10; count++) await all.publish(name, `${name} meanwhile ${count}`).catch(() => null)
    })
    await cluster.together()
    await Promise.all(publishing)
    await cluster.pass(5000)
    t.equal(all.lists.length, 1, 'all have the same')
    const list = all.of('osd.2').list
    t.equal(list.filter((words) => words.endsWith(letters)).length, 10, 'that of the majority')
    t.equal(
      list.some((words) => words.startsWith('osd.2 0 ')),
      false,
    )
    t.equal(all.of('osd.2').sets > 0, true)
    t.strictSame(cluster.violations(), [])
  })
})

t.test('a message that is larger than the credit of a session arrives, and holds up nobody for good', async (t) => {
  const cluster = new Cluster({ policy: () => peer({ window: { messages: 4, bytes: GROUPS.wordBytesMax } }) })
  await cluster.play(THREE, async () => {
    const large = new Uint8Array(900_000).map((_, at) => (at * 7) & 0xff)
    const sent = THREE.map((name, index) =>
      cluster.publish(cluster.node(name), { type: 1, data: large.subarray(index) }, { order: 'safe' }),
    )
    for (const name of THREE) sent.push(cluster.publish(cluster.node(name), { type: 2, data: text(`of ${name}`) }))
    await Promise.all(sent)
    await cluster.pass(1000)
    for (const { told } of cluster.living) {
      t.equal(told.filter((event) => event.kind === 'message').length, 6)
    }
    t.strictSame(cluster.violations(), [])
  })
})

t.test('who could not take a word of a group says so once, and stays alone', async (t) => {
  const warnings: string[] = []
  t.intercept(process, 'emitWarning', { value: (warning: string | Error) => void warnings.push(String(warning)) })
  const narrow = peer({ window: { bytes: GROUPS.wordBytesMax - 1 } })
  const cluster = new Cluster({ policy: () => narrow })
  await cluster.simulation.run(async () => {
    for (const name of THREE) await cluster.start(name)
    await cluster.pass(2000)
    t.strictSame(
      cluster.living.map(({ group }) => group.view.members.length),
      [1, 1, 1],
    )
  })
  t.equal(warnings.length, 3, 'each messenger says it once')
  t.match(warnings[0], /a window of 262143 bytes is below 262144; members over peer\(\) do not meet/)
})

t.test(
  'a peer of a later version says more than this one knows, one of an earlier version nothing: all go on',
  async (t) => {
    const cluster = new Cluster()
    await cluster.play(THREE, async () => {
      const { simulation } = cluster
      const [later, earlier] = ['client.later', 'client.earlier'].map((name) =>
        simulation.messenger(name, { policies: { default: peer() } }),
      ) as [Messenger, Messenger]
      const nothing = new Uint8Array(0)
      later.useService({
        name: 'groups-of-tomorrow',
        number: 6,
        adopted: (session) => {
          for (const kind of [14, 15])
            session.send(Uint8Array.of(kind, 1, 2, 3), { type: 0, front: nothing, data: nothing })
        },
      })
      const ids = cluster.living.map(({ group }) => group.view.id)
      const connections = [later, earlier].flatMap((messenger) =>
        THREE.map((name) => messenger.connect(`sim://${name}:6800`)),
      )
      await Promise.all(connections.map((connection) => connection.opened()))
      await cluster.pass(2000)
      for (const node of cluster.living) await cluster.publish(node, { type: 1, data: text(`of ${node.name}`) })
      await cluster.pass(1000)
      t.strictSame(
        cluster.living.map(({ group }) => group.view.id),
        ids,
      )
      t.ok(connections.every(({ state }) => state === 'open'))
      t.strictSame(cluster.violations(), [])
    })
  },
)

const LIES: readonly (readonly [
  what: string,
  seats: readonly (readonly [seat: number, id: string])[],
  reason: RegExp,
])[] = [
  ['a member in the name of another', [[1, 'osd.1/ff.1']], /in the name of another/],
  ['a seat twice', [1, 2].map((life) => [1, `client.x/${life}.1`] as const), /a seat that is taken/],
  ['a member at two seats', [1, 2].map((seat) => [seat, 'client.x/ff.1'] as const), /a member that has a seat/],
  ['a name that is longer than any', [[1, `client.x/${'f'.repeat(300)}`]], /cannot be read/],
]

for (const [what, seats, reason] of LIES) {
  t.test(`an introduction that lies is a fault: ${what}`, async (t) => {
    const cluster = new Cluster()
    await cluster.play(THREE, async () => {
      const { id } = cluster.node('osd.0').group.view
      const [key, config] = [groupKey('the-group'), configOf(false, false, null)]
      const front = helloBytes(seats.map(([seat, id]) => ({ seat, key, id, config })))
      const liar = cluster.simulation.messenger('client.x', { policies: { default: peer() } })
      liar.useService({
        name: 'liar',
        number: 6,
        adopted: (session) => session.send(Uint8Array.of(KIND.HELLO), { type: 0, front, data: new Uint8Array(0) }),
      })
      const faults: string[] = []
      cluster.node('osd.0').messenger.events$.subscribe((event) => {
        if (event.type === 'fault' || event.type === 'reset') faults.push(event.reason)
      })
      liar.connect('sim://osd.0:6800')
      await cluster.pass(500)
      t.match(faults[0], reason)
      t.equal(cluster.node('osd.0').group.view.members.filter((member) => member.startsWith('client.x')).length, 0)
      await cluster.pass(3000)
      t.match(cluster.node('osd.0').group.view.members, cluster.node('osd.1').group.view.members)
      await cluster.publish(cluster.node('osd.1'), { type: 1, data: text('as before') })
      t.equal(cluster.node('osd.0').group.view.id, id, 'nobody was disturbed')
    })
  })
}

t.test(
  'two connections between two processes: words go by one of them, and by the other when that is lost',
  async (t) => {
    const cluster = new Cluster({ policy: lossy })
    await cluster.play(THREE, async () => {
      const { id } = cluster.node('osd.0').group.view
      for (const name of ['osd.1', 'osd.2']) cluster.node('osd.0').messenger.connect(`sim://${name}:6800`)
      for (let count = 0; count < 30; count++) {
        for (const node of cluster.living) {
          void cluster.publish(node, { type: 1, data: text(`${node.name} ${count}`) }).catch(() => null)
        }
        await cluster.pass(5)
      }
      await cluster.pass(200)
      t.equal(cluster.node('osd.0').group.view.id, id, 'the second way changed nothing')
      for (const node of cluster.living) t.equal(node.told.filter(({ kind }) => kind === 'message').length, 90)
      const first = cluster.node('osd.1').messenger.connections.find(({ peer: { name } }) => name === 'osd.0')
      void first?.close()
      await cluster.pass(1000)
      await cluster.together()
      for (const node of cluster.living)
        await cluster.publish(node, { type: 1, data: text(`${node.name} by the other`) })
      await cluster.pass(1000)
      t.strictSame(cluster.violations(), [])
    })
  },
)

t.test(
  'sixty-four members that remember the votes of 1,024 names are one view, over the narrowest sessions',
  async (t) => {
    const votes = Object.fromEntries(Array.from({ length: GROUPS.votersMax }, (_, at) => [`osd.${at}`, 1]))
    const quorum = { votes, lastManStanding: true, waitForAll: true }
    const narrow = { bytes: GROUPS.wordBytesMax }
    const cluster = new Cluster({ policy: () => peer({ window: narrow, replay: narrow }), group: { quorum } })
    await cluster.simulation.run(async () => {
      for (const name of ['osd.0', 'osd.1', 'osd.2', 'osd.3']) {
        const { messenger } = await cluster.start(name)
        for (let seat = 1; seat < GROUPS.membersMax / 4; seat++) groups(messenger).join('the-group', { quorum })
      }
      const all = cluster.living.flatMap(({ messenger }) => groups(messenger).joined)
      for (let ms = 0; all.some(({ view }) => view.members.length < all.length) && ms < 20_000; ms += 100) {
        await cluster.pass(100)
      }
      t.equal(new Set(all.map(({ view }) => view.id)).size, 1)
      t.equal(all[0]?.view.members.length, GROUPS.membersMax)
      await all[7]!.publish({ type: 1, data: text('to all') }, { order: 'safe' })
    })
    const odd = { ...votes, 'osd.1024': 1 }
    const messenger = cluster.simulation.messenger('osd.4', { policies: { default: peer() } })
    const join = (): unknown => groups(messenger).join('x', { quorum: { votes: odd, lastManStanding: true } })
    t.throws(join, { code: 'INK_BAD_OPTION', message: /1024 names/ })
  },
)
