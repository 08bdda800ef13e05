/** Members that go on in another process: inside the view, with nothing lost, nothing told twice, and nobody who notices. */
import t, { type Test } from 'tap'
import { groups, type GroupOptions } from '../../../src/groups/index.ts'
import { Messenger, peer } from '../../../src/index.ts'
import { Cluster, errorOf, text, type Node } from './cluster.ts'

const THREE = ['osd.0', 'osd.1', 'osd.2']
const KIB = 1024

function story(
  name: string,
  names: readonly string[],
  tell: (t: Test, cluster: Cluster) => Promise<void>,
  group: GroupOptions = {},
): void {
  t.test(name, async (t) => {
    const cluster = new Cluster({ group })
    await cluster.play(names, async () => {
      await tell(t, cluster)
      t.strictSame(cluster.violations(), [])
    })
    t.equal(cluster.simulation.warnings, 0, 'nothing is warned of')
  })
}

const messagesOf = ({ told }: Node): string[] =>
  told.flatMap((event) => (event.kind === 'message' ? [`${event.view} ${event.index} ${event.data.length}`] : []))

const viewsOf = ({ told }: Node): number => told.filter(({ kind }) => kind === 'view').length

/** Somebody publishes while the story is told; small ones and such as go in pieces. */
function hum(cluster: Cluster, name: string): { stop(): Promise<number> } {
  let isOn = true
  let count = 0
  const humming = (async (): Promise<number> => {
    while (isOn) {
      count++
      const data = new Uint8Array(count % 7 === 0 ? 150 * KIB : 20).fill(count)
      data.set(text(`${name} ${count}`))
      const order = count % 3 === 0 ? 'safe' : 'agreed'
      void cluster.publish(cluster.node(name), { type: 1, data }, { order }).catch(() => null)
      await cluster.pass(7)
    }
    return count
  })()
  return {
    stop: () => {
      isOn = false
      return humming
    },
  }
}

story('a member goes on elsewhere while the others publish: no view changes', THREE, async (t, cluster) => {
  const before = cluster.node('osd.1')
  const [views, { view }] = [viewsOf(cluster.node('osd.0')), before.group]
  const [one, other] = [hum(cluster, 'osd.0'), hum(cluster, 'osd.2')]
  await cluster.publish(before, { type: 1, data: text('from here') })
  await cluster.pass(200)
  const after = await cluster.move('osd.1', 'elsewhere')
  t.equal((await before.group.closed).reason, 'move')
  t.throws(() => before.group.publish({ type: 1 }), { code: 'INK_CLOSED' })
  t.equal(after.group.id, before.group.id, 'it is the same member')
  t.strictSame(after.group.view, view, 'in the same view')
  const place = await cluster.publish(after, { type: 1, data: text('from there') }, { order: 'safe' })
  t.equal(place.view, view.id)
  await cluster.pass(300)
  const counts = [await one.stop(), await other.stop()]
  await cluster.pass(2000)
  const told = messagesOf(after)
  t.equal(told.length, counts[0]! + counts[1]! + 2, 'nothing is lost and nothing comes twice')
  t.strictSame(messagesOf(cluster.node('osd.0')), told)
  t.strictSame(messagesOf(cluster.node('osd.2')), told)
  t.equal(viewsOf(cluster.node('osd.0')), views, 'nobody was told of any change')
})

story('it moves again and again, and back', THREE, async (t, cluster) => {
  const humming = hum(cluster, 'osd.0')
  const { id } = cluster.node('osd.2').group.view
  for (const host of ['first', 'second', 'third']) {
    await cluster.pass(50)
    await cluster.move('osd.2', host)
    await cluster.publish(cluster.node('osd.2'), { type: 1, data: text(`from the ${host}`) })
  }
  const count = await humming.stop()
  await cluster.pass(1000)
  t.equal(cluster.node('osd.2').group.view.id, id)
  for (const node of cluster.living) t.equal(messagesOf(node).length, count + 3)
})

story('the sequencer has another one order, and goes', THREE, async (t, cluster) => {
  const { view } = cluster.node('osd.0').group
  const humming = hum(cluster, 'osd.1')
  await cluster.pass(100)
  const after = await cluster.move('osd.0', 'elsewhere')
  t.strictSame(after.group.view.members, view.members)
  await cluster.publish(after, { type: 1, data: text('from there') })
  await humming.stop()
  await cluster.pass(1000)
  for (const { told } of cluster.living) {
    const changes = told.filter((event) => event.kind === 'view')
    const last = changes.at(-1)!
    t.strictSame([last.left.length, last.joined.length, last.transitional.length], [0, 0, 3], 'nobody left or came')
  }
})

story('links are cut while it moves', THREE, async (t, cluster) => {
  const humming = hum(cluster, 'osd.0')
  const moving = cluster.move('osd.1', 'elsewhere')
  for (let count = 0; count < 5; count++) {
    cluster.simulation.network.cut()
    await cluster.pass(15)
  }
  await moving
  for (let count = 0; count < 5; count++) {
    cluster.simulation.network.cut()
    await cluster.pass(15)
  }
  await cluster.publish(cluster.node('osd.1'), { type: 1, data: text('there') })
  const count = await humming.stop()
  await cluster.together()
  await cluster.pass(2000)
  t.equal(messagesOf(cluster.node('osd.1')).length, count + 1)
})

story('another member dies while it is on its way: it is in the next view', THREE, async (t, cluster) => {
  const { messenger, group } = cluster.node('osd.1')
  const ticket = await group.move({ holdMs: 20_000 })
  await messenger.shutdown()
  cluster.crash('osd.2', 'silent')
  await cluster.pass(3000)
  const after = await cluster.resume('osd.1', 'elsewhere', ticket)
  await cluster.together()
  await cluster.publish(after, { type: 1, data: text('the two of us') }, { order: 'safe' })
  await cluster.pass(500)
  t.strictSame(messagesOf(after).length, 1)
})

story('who does not come in time counts as dead, and who comes later joins again', THREE, async (t, cluster) => {
  const { messenger, group } = cluster.node('osd.1')
  const ticket = await group.move({ holdMs: 500 })
  await messenger.shutdown()
  await cluster.pass(4000)
  const change = cluster.node('osd.0').told.findLast((event) => event.kind === 'view')!
  t.strictSame(change.left, [{ member: group.id, reason: 'process-down' }])
  const late = await cluster.resume('osd.1', 'elsewhere', ticket)
  await cluster.together()
  await cluster.publish(late, { type: 1, data: text('late') })
  await cluster.pass(500)
})

story(
  'it waits until its application has done with what it was told, and for what it published',
  THREE,
  async (t, cluster) => {
    const node = cluster.node('osd.1')
    node.isReading = false
    for (let count = 0; count < 5; count++) {
      void cluster.publish(cluster.node('osd.0'), { type: 1, data: text(`to be read ${count}`) })
    }
    const own = cluster.publish(node, { type: 1, data: text('its own') })
    const moving = cluster.move('osd.1', 'elsewhere')
    await cluster.pass(3000)
    t.equal(node.group.dump().unread > 0, true, 'it has not moved')
    node.isReading = true
    const after = await moving
    await own
    await cluster.pass(500)
    t.equal(messagesOf(after).length, 6)
  },
)

story('a move that is given up leaves the member where it is', THREE, async (t, cluster) => {
  const node = cluster.node('osd.1')
  node.isReading = false
  void cluster.publish(cluster.node('osd.0'), { type: 1, data: text('unread') })
  await cluster.pass(100)
  const giveUp = new AbortController()
  const moving = errorOf(node.group.move({ signal: giveUp.signal }))
  t.throws(() => node.group.move(), { code: 'INK_CLOSED' })
  await cluster.pass(500)
  giveUp.abort()
  t.equal((await moving).code, 'INK_ABORTED')
  node.isReading = true
  await cluster.publish(node, { type: 1, data: text('still here') }, { order: 'safe' })
  await cluster.pass(500)
  for (const each of cluster.living) t.equal(messagesOf(each).length, 2)
})

story(
  'a member that is alone moves, too, and keeps its vote',
  ['osd.0'],
  async (t, cluster) => {
    await cluster.publish(cluster.node('osd.0'), { type: 1, data: text('alone') })
    const after = await cluster.move('osd.0', 'elsewhere')
    t.equal(after.group.view.isPrimary, true)
    t.equal((await cluster.publish(after, { type: 1, data: text('and there') })).index, 1)
    await cluster.start('osd.1')
    await cluster.together()
    await cluster.publish(after, { type: 1, data: text('together') }, { primary: true })
    await cluster.pass(200)
  },
  { quorum: { votes: { 'osd.0': 1 } } },
)

t.test('wrong tickets are refused at once', async (t) => {
  const policies = { default: peer() }
  const messenger = new Messenger({ name: 'osd.0', policies })
  const group = groups(messenger).join('g', { open: true })
  const [stranger, heir] = ['osd.1', 'osd.0'].map((name) => new Messenger({ name, policies })) as [Messenger, Messenger]
  t.throws(() => group.move({ holdMs: 1 }), { code: 'INK_BAD_OPTION' })
  const company = groups(messenger).join('g', { open: true })
  t.throws(() => group.move(), { code: 'INK_BAD_ARGUMENT' })
  await company.leave()
  group.messages$.subscribe()
  const ticket = await group.move()
  t.throws(() => groups(heir).resume(new Uint8Array(3)), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => groups(heir).resume(ticket.subarray(0, ticket.length - 1)), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => groups(stranger).resume(ticket, { open: true }), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => groups(heir).resume(ticket), { code: 'INK_BAD_OPTION' })
  const resumed = groups(heir).resume(ticket, { open: true })
  t.equal(resumed.id, group.id)
  t.throws(() => groups(heir).resume(ticket, { open: true }), { code: 'INK_BAD_ARGUMENT' })
  await Promise.all([messenger, stranger, heir].map((each) => each.shutdown()))
  t.equal((await resumed.closed).reason, 'leave')
})
