/** Groups on real messengers in simulated time: what an application sees, with the laws of virtual synchrony asked at the end. */
import t, { type Test } from 'tap'
import { groups } from '../../../src/groups/index.ts'
import { losslessClient, losslessServer, lossy, Messenger, peer } from '../../../src/index.ts'
import type { GroupMessage } from '../../../src/groups/terms.ts'
import { whySilent } from '../../../src/groups/why-silent.ts'
import { linkEndOf } from '../../../src/transports/socket-errors.ts'
import { Cluster, errorOf, text, type ClusterOptions, type Node } from './cluster.ts'

const THREE = ['osd.0', 'osd.1', 'osd.2']
const KIB = 1024

/** A cluster that is together, and a story on it, which asks for the laws at its end. */
function story(
  name: string,
  names: readonly string[],
  tell: (t: Test, cluster: Cluster) => Promise<void>,
  options: ClusterOptions = {},
): void {
  t.test(name, async (t) => {
    const cluster = new Cluster(options)
    await cluster.play(names, () => tell(t, cluster))
    t.equal(cluster.simulation.warnings, 0, 'nothing is warned of')
  })
}

function messagesOf({ told }: Node): GroupMessage[] {
  return told.filter((event) => event.kind === 'message')
}

story('all are told the same in the same order, the sender too', THREE, async (t, cluster) => {
  const outcomes = THREE.flatMap((name) =>
    [1, 2, 3].map((count) => cluster.publish(cluster.node(name), { type: count, data: text(`${name} ${count}`) })),
  )
  const places = await Promise.all(outcomes)
  t.strictSame(
    places.map(({ index }) => index).sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  )
  await cluster.pass(100)
  const orders = cluster.living.map((node) => messagesOf(node).map(({ data }) => Buffer.from(data).toString()))
  t.equal(orders[0]?.length, 9)
  t.strictSame(orders[1], orders[0])
  t.strictSame(orders[2], orders[0])
  t.strictSame(cluster.violations(), [])
})

story('messages of all sizes to 20 MiB arrive whole', THREE, async (t, cluster) => {
  const sizes = [0, 1, 60 * KIB, 60 * KIB + 1, 1000 * KIB, 20 * KIB * KIB]
  const sent = sizes.map((size, index) => {
    const data = new Uint8Array(size).map((_, at) => (at * (index + 3)) & 0xff)
    return cluster.publish(cluster.node(THREE[index % 3]!), { type: index, data })
  })
  await Promise.all(sent)
  await cluster.pass(1000)
  for (const node of cluster.living) t.equal(messagesOf(node).length, sizes.length)
  const larger = { type: 1, data: new Uint8Array(20 * KIB * KIB + 1) }
  t.throws(() => cluster.node('osd.0').group.publish(larger), { code: 'INK_MESSAGE_TOO_LARGE' })
  t.strictSame(cluster.violations(), [])
})

for (const kind of ['reset', 'silent'] as const) {
  story(
    `the sequencer dies (${kind}): the others go on without it, and nothing is told twice`,
    THREE,
    async (t, cluster) => {
      const publishing = Array.from({ length: 20 }, (_, count) =>
        cluster.publish(cluster.node('osd.1'), { type: 1, data: text(`of osd.1 ${count}`) }).catch(() => null),
      )
      await cluster.pass(1)
      const { clock } = cluster.simulation
      const diedMs = clock.nowMs()
      cluster.crash('osd.0', kind)
      await cluster.together()
      await Promise.all(publishing)
      await cluster.publish(cluster.node('osd.2'), { type: 2, data: text('after') })
      // Silent for a second, noticed by the tick after it, and three round trips, of which none takes 20 ms.
      t.ok(clock.nowMs() - diedMs < 1000 + 200 + 60, `${clock.nowMs() - diedMs} ms`)
      await cluster.pass(200)
      const change = cluster.node('osd.1').told.findLast((event) => event.kind === 'view')
      const reason = kind === 'reset' ? 'process-down' : 'partition'
      t.equal(
        change?.left[0]?.reason,
        reason,
        'a session outlives its process: silence tells, and whether somebody listens',
      )
      t.strictSame(cluster.violations(), [])
    },
  )
}

story(
  'a partition makes two views, and its end one again',
  ['osd.0', 'osd.1', 'osd.2', 'osd.3', 'osd.4'],
  async (t, cluster) => {
    const [left, right] = [
      ['osd.0', 'osd.1'],
      ['osd.2', 'osd.3', 'osd.4'],
    ] as const
    for (const one of left)
      for (const other of right) {
        cluster.simulation.network.partition(one, other)
        cluster.simulation.network.partition(other, one)
      }
    await cluster.pass(4000)
    t.equal(cluster.node('osd.0').group.view.members.length, 2)
    t.equal(cluster.node('osd.4').group.view.members.length, 3)
    await cluster.publish(cluster.node('osd.0'), { type: 1, data: text('left') })
    await cluster.publish(cluster.node('osd.4'), { type: 1, data: text('right') })
    cluster.simulation.network.heal()
    await cluster.together()
    await cluster.publish(cluster.node('osd.3'), { type: 1, data: text('all') }, { order: 'safe' })
    await cluster.pass(500)
    const change = cluster.node('osd.3').told.findLast((event) => event.kind === 'view')
    t.equal(change?.transitional.length, 3, 'those of its side came with it')
    t.strictSame(
      change?.joined.map(({ reason }) => reason),
      ['merge', 'merge'],
    )
    t.strictSame(cluster.violations(), [])
  },
)

story('who leaves is told its last message before its end, and the others after it', THREE, async (t, cluster) => {
  const leaver = cluster.node('osd.0')
  const outcomes = [1, 2, 3].map((count) => cluster.publish(leaver, { type: count, data: text(`last ${count}`) }))
  await Promise.all(outcomes)
  const end = await leaver.group.leave()
  t.equal(end.reason, 'leave')
  cluster.nodes.delete('osd.0')
  await cluster.together()
  await cluster.pass(100)
  const { told } = cluster.node('osd.1')
  const left = told.findIndex(
    (event) => event.kind === 'view' && event.left.some(({ member }) => member === leaver.group.id),
  )
  const last = told.findLastIndex((event) => event.kind === 'message' && event.from === leaver.group.id)
  t.ok(last < left, 'its messages come before the view without it')
  t.equal(told[left]?.kind === 'view' ? told[left].left[0]?.reason : '', 'leave')
  t.throws(() => leaver.group.publish({ type: 1 }), { code: 'INK_CLOSED' })
  t.strictSame(messagesOf(leaver).length, 3)
  t.strictSame(cluster.violations(), [])
})

story('links are cut again and again, and sessions bring the messages through', THREE, async (t, cluster) => {
  for (let count = 0; count < 30; count++) {
    for (const node of cluster.living)
      void cluster.publish(node, { type: 1, data: text(`${node.name} ${count}`) }).catch(() => null)
    if (count % 3 === 0) cluster.simulation.network.cut()
    await cluster.pass(20)
  }
  await cluster.together()
  await cluster.pass(2000)
  t.equal(messagesOf(cluster.node('osd.0')).length, 90, 'a session outlives its links, so no view changed')
  t.strictSame(cluster.violations(), [])
})

story(
  'over lossy sessions a cut changes the view, and the laws hold',
  THREE,
  async (t, cluster) => {
    for (let count = 0; count < 20; count++) {
      for (const node of cluster.living)
        void cluster.publish(node, { type: 1, data: text(`${node.name} ${count}`) }).catch(() => null)
      if (count % 5 === 0) cluster.simulation.network.cut()
      await cluster.pass(60)
    }
    for (const node of cluster.living)
      for (const other of cluster.living)
        if (node !== other && node.messenger.connections.every(({ peer: { name } }) => name !== other.name))
          node.messenger.connect(`sim://${other.name}:6800`)
    await cluster.together()
    await cluster.pass(3000)
    t.strictSame(cluster.violations(), [])
  },
  { policy: lossy },
)

story(
  'a member that does not read is put out as slow; the others were held up, and go on',
  THREE,
  async (t, cluster) => {
    const deaf = cluster.node('osd.2')
    deaf.isReading = false
    const data = new Uint8Array(100 * KIB)
    const outcomes = Array.from({ length: 100 }, (_, count) => {
      data.fill(count)
      return cluster.publish(cluster.node('osd.1'), { type: 1, data: data.slice() })
    })
    t.equal(cluster.node('osd.1').group.writable, false)
    await cluster.pass(1000)
    const held = cluster.node('osd.0').group.dump()
    t.ok(held.unstable * 100 * KIB < 8 * KIB * KIB, 'what others hold is bounded by the window')
    const end = await deaf.group.closed
    t.equal(end.reason, 'slow')
    deaf.isReading = true
    await cluster.node('osd.1').group.drained()
    await Promise.allSettled(outcomes)
    cluster.nodes.delete('osd.2')
    await cluster.together()
    await cluster.pass(500)
    const change = cluster.node('osd.0').told.findLast((event) => event.kind === 'view' && event.left.length > 0)
    t.equal(change?.kind === 'view' ? change.left[0]?.reason : '', 'slow')
    t.strictSame(cluster.violations(), [])
  },
  { group: { slowMs: 3000 } },
)

story('a message that is meant for one view goes into no other', THREE, async (t, cluster) => {
  const node = cluster.node('osd.1')
  const { id } = node.group.view
  await cluster.publish(node, { type: 1, data: text('now') }, { view: id })
  await cluster.node('osd.2').group.leave()
  cluster.nodes.delete('osd.2')
  await cluster.together()
  const late = await errorOf(cluster.publish(node, { type: 1, data: text('late') }, { view: id }))
  t.equal(late.code, 'INK_VIEW_CHANGED')
  t.equal(late.outcome, 'undelivered')
  await cluster.pass(100)
  t.strictSame(cluster.violations(), [])
})

story(
  'who is no member publishes to an open group, and to no other',
  THREE,
  async (t, cluster) => {
    const client = cluster.simulation.messenger('client.1', { policies: { default: peer() } })
    const connection = client.connect('sim://osd.1:6800')
    const outside = groups(client)
    await connection.opened()
    await cluster.pass(50)
    const place = await outside.publish(connection, 'the-group', { type: 5, data: text('from outside') })
    t.equal(place.view, cluster.node('osd.0').group.view.id)
    await cluster.pass(100)
    const told = messagesOf(cluster.node('osd.2'))
    t.equal(told[0]?.origin, 'client.1')
    const unknown = await errorOf(outside.publish(connection, 'another', { type: 5 }))
    t.equal(unknown.code, 'INK_REFUSED')
    groups(cluster.node('osd.1').messenger).join('closed')
    const closed = await errorOf(outside.publish(connection, 'closed', { type: 5 }))
    t.match(closed.message, /only members/)
  },
  { group: { open: true } },
)

story('a member that was set up differently disturbs nobody, and stays alone', THREE, async (t, cluster) => {
  const { id } = cluster.node('osd.0').group.view
  const odd = await cluster.start('osd.9', { open: true })
  await cluster.pass(2000)
  t.strictSame(odd.group.view.members, [odd.group.id])
  t.equal(cluster.node('osd.0').group.view.id, id, 'the view of the others is the same')
})

t.test('several groups of a messenger, and several members of a process, do not meet', async (t) => {
  const cluster = new Cluster()
  await cluster.simulation.run(async () => {
    await cluster.start('osd.0')
    await cluster.start('osd.1')
    await cluster.together()
    const [one, other] = ['osd.0', 'osd.1'].map((name) => groups(cluster.node(name).messenger)) as [
      ReturnType<typeof groups>,
      ReturnType<typeof groups>,
    ]
    const members = [one.join('second'), one.join('second'), other.join('second')]
    const told = members.map((): string[] => [])
    members.forEach((member, index) =>
      member.messages$.subscribe(({ data }) => told[index]?.push(Buffer.from(data).toString())),
    )
    await cluster.pass(1500)
    t.equal(members[0]?.view.members.length, 3, 'two of one process and one of the other')
    await members[1]?.publish({ type: 1, data: text('to the second') })
    await cluster.publish(cluster.node('osd.0'), { type: 1, data: text('to the first') })
    await cluster.pass(200)
    t.strictSame(told, [['to the second'], ['to the second'], ['to the second']])
    t.equal(messagesOf(cluster.node('osd.1')).length, 1)
    t.equal(one.joined.length, 3)
    await members[0]?.leave()
    await cluster.pass(500)
    t.equal(members[2]?.view.members.length, 2)
    t.strictSame(cluster.violations(), [])
  })
})

t.test('clients with lossless sessions are members of one server group', async (t) => {
  const cluster = new Cluster()
  const { simulation } = cluster
  await simulation.run(async () => {
    const server = simulation.messenger('mon.0', { policies: { default: losslessServer() } })
    await server.bind('sim://mon.0:1')
    const client = simulation.messenger('client.7', { policies: { default: losslessClient() } })
    client.connect('sim://mon.0:1')
    const [one, other] = [groups(server).join('g'), groups(client).join('g')]
    await cluster.pass(1000)
    t.equal(one.view.id, other.view.id)
    await Promise.all([server.shutdown(), client.shutdown()])
    t.equal((await one.closed).reason, 'leave')
  })
})

story(
  'a loop that is aborted says so once, and what it has not taken is for the next one',
  THREE,
  async (t, cluster) => {
    const { messenger } = cluster.node('osd.0')
    const group = groups(messenger).join('alone')
    const numberOf = async (loop: ReturnType<typeof group.events>): Promise<unknown> => {
      const { value } = await loop.next()
      return value?.kind === 'message' ? value.type : value?.kind
    }
    const why = new Error('enough')
    const controller = new AbortController()
    const loop = group.events({ signal: controller.signal })
    t.equal(await numberOf(loop), 'view')
    const waiting = errorOf(loop.next())
    controller.abort(why)
    t.match(await waiting, { code: 'INK_ABORTED', cause: why })
    t.strictSame(await loop.next(), { done: true, value: undefined }, 'said once')
    await group.publish({ type: 1 })
    await group.publish({ type: 2 })
    const gone = group.events({ signal: AbortSignal.abort(why) })
    t.match(await errorOf(gone.next()), { code: 'INK_ABORTED', cause: why }, 'of one that was aborted before')
    t.strictSame(await gone.next(), { done: true, value: undefined })
    const late = new AbortController()
    const busy = group.events({ signal: late.signal })
    t.equal(await numberOf(busy), 1)
    late.abort()
    t.match(await errorOf(busy.next()), { code: 'INK_ABORTED' }, 'while the loop was busy with an event')
    const next = group.events()
    t.equal(await numberOf(next), 2, 'the event that it had is done, the one behind is here')
    await next.return()
    await group.leave()
    t.equal((await next.next()).done, true)
  },
)

t.test('why a peer is silent is what its network says of the last dial', (t) => {
  const said = (state: string, code: string): string => {
    const { message: lastFault } = linkEndOf(Object.assign(new Error(`connect ${code}`), { code }), false)
    return whySilent({ state, dump: () => ({ lastFault }) } as Parameters<typeof whySilent>[0])
  }
  t.equal(said('connecting', 'ECONNREFUSED'), 'process-down')
  for (const code of ['EHOSTUNREACH', 'EHOSTDOWN', 'ETIMEDOUT']) t.equal(said('backoff', code), 'node-down')
  t.equal(said('standby', 'ECONNRESET'), 'partition', 'nobody has dialled since')
  t.equal(said('open', 'ECONNREFUSED'), 'partition', 'that was before')
  t.end()
})

t.test('wrong use is told at once', async (t) => {
  const messenger = new Messenger({ name: 'osd.0', policies: { default: peer() } })
  const all = groups(messenger)
  t.equal(groups(messenger), all)
  t.throws(() => all.join(''), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => all.join('x'.repeat(33)), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => all.join('x', { opne: true } as object), { code: 'INK_BAD_OPTION' })
  t.throws(() => all.join('x', { slowMs: 1 }), { code: 'INK_BAD_OPTION' })
  const group = all.join(Uint8Array.of(1, 2, 3))
  t.equal(group.key.length, 32)
  t.throws(() => group.publish({ type: -1 }), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => group.publish({ type: 1 }, { order: 'total' as 'safe' }), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => group.publish({ type: 1, data: 'text' as unknown as Uint8Array }), { code: 'INK_BAD_ARGUMENT' })
  for (const signal of [5, null, {}, new EventTarget()] as unknown as AbortSignal[]) {
    t.throws(() => group.publish({ type: 1 }, { signal }), { code: 'INK_BAD_ARGUMENT' })
    t.throws(() => group.drained({ signal }), { code: 'INK_BAD_ARGUMENT' })
    t.throws(() => group.events({ signal }), { code: 'INK_BAD_ARGUMENT' })
    t.throws(() => group.move({ signal }), { code: 'INK_BAD_ARGUMENT' })
  }
  const signal = AbortSignal.abort()
  await t.rejects(group.drained({ signal }), { code: 'INK_ABORTED' })
  await t.rejects(group.move({ signal }), { code: 'INK_ABORTED' })
  const loop = group.events()
  t.throws(() => group.events(), { code: 'INK_BAD_ARGUMENT' })
  const first = await loop.next()
  t.strictSame(
    first.value?.kind === 'view' ? first.value.view.members : [],
    [group.id],
    'the first is a view with itself',
  )
  const controller = new AbortController()
  const never = errorOf(group.publish({ type: 1 }, { signal: AbortSignal.abort() }))
  t.equal((await never).code, 'INK_ABORTED')
  const waiting = errorOf(loop.next())
  await loop.return()
  t.equal((await waiting).code, 'INK_INTERNAL', 'a loop that is left ends without an error')
  controller.abort()
  await group.leave()
  await messenger.shutdown()
  t.throws(() => all.join('y'), { code: 'INK_CLOSED' })
})
