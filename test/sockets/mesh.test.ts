/**
 * Crossed connects: everybody dials everybody in the same turn. One open session per pair, nothing lost or reordered, and
 * no livelock; also when only one direction can dial (law L4).
 */
import t, { type Test } from 'tap'
import { peer } from '../../src/index.ts'
import type { Connection } from '../../src/index.ts'
import { actor, actorBehind } from '../support/actor.ts'
import type { Actor } from '../support/actor.ts'
import { Ledger, NumberedStream } from '../support/numbered.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import type { ProxyOptions, TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

const QUICK = { backoff: { firstMs: 10, maxMs: 200 }, probeMs: 100 } as const
const MESSAGES = 20
const CUT_BYTES = 200_000

interface Node extends Actor {
  readonly ledger: Ledger
  readonly connections: Connection[]
}

async function nodes(t: Test, count: number, bind?: null): Promise<Node[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const one = await actor(t, `osd.${index}`, peer(QUICK), bind === null ? { bind } : {})
      const ledger = new Ledger()
      one.messenger.use({ dispatch: (message) => ledger.take(message) })
      return Object.assign(one, { ledger, connections: [] as Connection[] })
    }),
  )
}

/** Sends a stream of its own from one node to another, at once. */
function burst(from: Node, index: number, connection: Connection): void {
  const stream = new NumberedStream({ id: index, bytesMax: 500, lanes: true })
  for (let sent = 0; sent < MESSAGES; sent++) connection.send(stream.next())
  from.connections.push(connection)
}

function check(t: Test, all: readonly Node[], sessionsPerNode: number): void {
  for (const [index, node] of all.entries()) {
    t.strictSame(node.ledger.violations, [], `osd.${index}: in order, nothing twice`)
    const open = node.messenger.connections.filter(({ state }) => state === 'open')
    t.equal(open.length, sessionsPerNode, `osd.${index}: one open session per pair`)
    t.equal(node.messenger.connections.length, sessionsPerNode, 'and no other connection')
    t.equal(new Set(open.map(({ peer: { name } }) => name)).size, sessionsPerNode)
    t.equal(node.count('onConnect') + node.count('onAccept'), sessionsPerNode, 'told of each once')
    t.equal(node.count('onReset') + node.count('onRemoteReset'), 0, 'no reset')
  }
}

for (const size of [2, 3, 10, 30]) {
  t.test(`${size} messengers dial each other at once`, async (t) => {
    const all = await nodes(t, size)
    for (const [index, node] of all.entries())
      for (const other of all) if (other !== node) burst(node, index, node.messenger.connect(other.address))
    const expected = (size - 1) * MESSAGES
    await until('everything arrived', () => all.every(({ ledger }) => ledger.count === expected), 60_000)
    await until('every loser is gone', () =>
      all.every(({ messenger: { connections } }) => connections.every(({ state }) => state === 'open')),
    )
    check(t, all, size - 1)
  })
}

t.test('only one direction can dial: both send, and both are heard', async (t) => {
  const [reachable] = (await nodes(t, 1)) as [Node]
  const hidden = await nodes(t, 5, null)
  reachable.messenger.use({
    onAccept: (connection) => burst(reachable, 100, connection),
  })
  for (const [index, node] of hidden.entries()) burst(node, index, node.messenger.connect(reachable.address))
  await until('everything arrived', () => hidden.every(({ ledger }) => ledger.count === MESSAGES))
  await until('also here', () => reachable.ledger.count === 5 * MESSAGES)
  check(t, [reachable], 5)
  check(t, hidden, 1)
})

/** A node that others reach through a proxy, as it tells them. */
async function nodeBehind(
  t: Test,
  index: number,
  options?: ProxyOptions,
): Promise<Node & { readonly proxy: TcpProxy }> {
  const one = await actorBehind(t, `osd.${index}`, peer(QUICK), options === undefined ? {} : { proxy: options })
  const ledger = new Ledger()
  one.messenger.use({ dispatch: (message) => ledger.take(message) })
  return { ...one, ledger, connections: [] }
}

t.test('both dial, but the dials of one never get through: the other one carries both', async (t) => {
  const [a] = (await nodes(t, 1)) as [Node]
  const b = await nodeBehind(t, 1, { blackhole: 'both' })
  burst(a, 0, a.messenger.connect(b.address))
  await until('a hangs in its dial', () => b.proxy.links > 0)
  burst(b, 1, b.messenger.connect(a.address))
  await until('both are heard', () => a.ledger.count === MESSAGES && b.ledger.count === MESSAGES)
  b.proxy.heal()
  for (let round = 0; round < 20; round++) await a.connections[0]!.deliver({ type: 9, data: 'ping' })
  check(t, [a, b], 1)
})

t.test('delayed and duplicated connects: a dial that comes late displaces nothing', async (t) => {
  const [a] = (await nodes(t, 1)) as [Node]
  const b = await nodeBehind(t, 1, { delayMs: 50 })
  const connection = a.messenger.connect(b.address)
  t.equal(a.messenger.connect(b.address), connection, 'the same peer gives the same connection')
  burst(a, 0, connection)
  burst(b, 1, b.messenger.connect(a.address))
  await until('both are heard', () => a.ledger.count === MESSAGES && b.ledger.count === MESSAGES)
  b.proxy.delay(0)
  for (let round = 0; round < 20; round++) await connection.deliver({ type: 9, data: 'ping' })
  check(t, [a, b], 1)
})

t.test('crossed connects under cuts: still one session, nothing lost', async (t) => {
  const [a, b] = [await nodeBehind(t, 0), await nodeBehind(t, 1)]
  a.proxy.cutEvery(CUT_BYTES, 3)
  b.proxy.cutEvery(CUT_BYTES, 4)
  const [there, back] = [a.messenger.connect(b.address), b.messenger.connect(a.address)]
  const [out, home] = [new NumberedStream({ id: 0 }), new NumberedStream({ id: 1 })]
  for (let round = 1; round <= 30; round++) {
    for (let sent = 0; sent < 50; sent++) {
      there.send(out.next())
      back.send(home.next())
    }
    await until(`round ${round}`, () => b.ledger.count >= round * 50 && a.ledger.count >= round * 50)
  }
  // At most one and a half times CUT_BYTES pass between two cuts of a proxy.
  const cutsMin = Math.floor((out.bytes + home.bytes) / (1.5 * CUT_BYTES)) - 2
  t.ok(cutsMin > 5 && a.proxy.cuts + b.proxy.cuts >= cutsMin, `${a.proxy.cuts + b.proxy.cuts} cuts of ${cutsMin}`)
  t.strictSame([a.ledger.violations, b.ledger.violations], [[], []])
  t.strictSame([a.ledger.count, b.ledger.count], [1500, 1500])
  t.equal(a.count('onRemoteReset') + b.count('onRemoteReset') + a.count('onReset') + b.count('onReset'), 0)
})

t.test('a second way to a peer that is connected: refused with a reason, and what was queued comes back', async (t) => {
  const [a, b] = (await nodes(t, 2)) as [Node, Node]
  const alias = await startProxy(b.port)
  t.teardown(() => alias.close())
  await a.messenger.connect(b.address).deliver({ type: 9 })
  const second = a.messenger.connect(`tcp://127.0.0.1:${alias.port}`)
  burst(a, 0, second)
  await until('it is refused', () => second.state === 'closed')
  const refused = a.told.find(({ notice }) => notice === 'onRefused')
  t.match(refused?.error, { code: 'INK_DUPLICATE_PEER', message: new RegExp(`osd.1 .*${b.address}`) })
  const reset = a.told.find(({ notice }) => notice === 'onReset')
  t.equal(reset?.outcome?.undelivered.length, MESSAGES)
  await a.messenger.connect(b.address).deliver({ type: 9 })
  t.equal(b.count('onAccept'), 1, 'the first goes on')
  t.equal(b.count('onRemoteReset') + b.count('onReset'), 0)
})
