/**
 * No regression by accident: what a thousand messages cost, counted and not timed.
 *
 * A count may be up to TOLERANCE above its line in `budget`; more is a failure that says which count grew. Lower a line
 * when the code has become better, raise it only with the reason in the commit.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { queryObjects } from 'node:v8'
import t, { type Test } from 'tap'
import { CountingWorld, type Counts } from './counting-world.ts'

const TOLERANCE = 0.05
/** Bytes of garbage depend a little on when functions are optimised. */
const ALLOCATION_TOLERANCE = 0.2
/** What a turn costs is a matter of the release; what a message costs is the same on 20, 22, 24 and 26. */
const NODE = Number.parseInt(process.versions.node)
const MESSAGES = 1000
const DATA = new Uint8Array(64)

type Budget = Partial<Record<Exclude<keyof Counts, 'reset'>, number>>

function within(t: Test, what: string, counts: Counts, budget: Budget): void {
  for (const [name, most] of Object.entries(budget)) {
    const count = counts[name as keyof Budget]
    t.ok(count <= Math.floor(most * (1 + TOLERANCE)), `${what}: ${count} ${name}, at most ${most} and 5 %`)
  }
}

t.test('a thousand messages of one turn leave in a handful of writes, and few acks come back', async (t) => {
  const world = await CountingWorld.open(null)
  for (let index = 0; index < MESSAGES; index++) world.connection.send({ type: 1, data: DATA })
  world.run()
  world.advance(100)
  t.equal(world.handled, MESSAGES)
  within(t, 'sender', world.client, { writes: 1, chunks: 1, bytes: 72_048, clockReads: 3, timersArmed: 0 })
  within(t, 'receiver', world.server, { writes: 1, bytes: 56, clockReads: 24, timersArmed: 2 })
  await world.close()
})

t.test('a message per turn costs one write and no ack of its own', async (t) => {
  const world = await CountingWorld.open(null)
  for (let index = 0; index < MESSAGES; index++) {
    world.connection.send({ type: 1, data: DATA })
    world.run()
  }
  world.advance(100)
  t.equal(world.handled, MESSAGES)
  within(t, 'sender', world.client, { writes: 1000, chunks: 1000, bytes: 120_000, clockReads: 2001, timersArmed: 0 })
  within(t, 'receiver', world.server, { writes: 4, bytes: 224, clockReads: 4005, timersArmed: 2 })
  await world.close()
})

t.test('a request and a reply per turn cost one write each: acks ride on data', async (t) => {
  const world = await CountingWorld.open(DATA)
  for (let index = 0; index < MESSAGES; index++) {
    world.connection.send({ type: 1, data: DATA })
    world.run()
  }
  world.advance(100)
  t.equal(world.replied, MESSAGES)
  within(t, 'client', world.client, { writes: 1001, bytes: 120_056, clockReads: 6006, timersArmed: 2 })
  within(t, 'server', world.server, { writes: 1001, bytes: 120_056, clockReads: 6006, timersArmed: 2 })
  await world.close()
})

t.test(
  'a thousand requests of one turn are answered in a handful of writes, the first before all are handled',
  async (t) => {
    const world = await CountingWorld.open(DATA)
    for (let index = 0; index < MESSAGES; index++) world.connection.send({ type: 1, data: DATA })
    world.run()
    world.advance(100)
    t.equal(world.replied, MESSAGES)
    within(t, 'client', world.client, { writes: 2 })
    within(t, 'server', world.server, { writes: 7 })
    t.ok(world.server.writes > 1)
    await world.close()
  },
)

t.test(
  'a call per turn costs one write each way, no ack of its own and no timer; a thousand of one turn leave in a handful, the first answers before all are handled',
  async (t) => {
    const world = await CountingWorld.open(null)
    let answered = 0
    const call = (): unknown => world.call(DATA).then(() => answered++)
    call()
    world.advance(100)
    world.client.reset()
    world.server.reset()
    for (let index = 0; index < MESSAGES; index++) {
      call()
      world.run()
    }
    await new Promise(setImmediate)
    t.equal(answered, 1 + MESSAGES)
    within(t, 'client', world.client, { writes: 1000, bytes: 138_000, clockReads: 5000, timersArmed: 0 })
    within(t, 'server', world.server, { writes: 1000, bytes: 134_000, clockReads: 6003, timersArmed: 0 })
    world.client.reset()
    world.server.reset()
    for (let index = 0; index < MESSAGES; index++) call()
    world.run()
    await new Promise(setImmediate)
    t.equal(answered, 1 + 2 * MESSAGES)
    within(t, 'client of one turn', world.client, { writes: 4, clockReads: 1030, timersArmed: 0 })
    within(t, 'server of one turn', world.server, { writes: 8, clockReads: 1155, timersArmed: 0 })
    t.ok(world.server.writes > 4, 'callers work on the first answers while the rest is handled')
    await world.close()
  },
)

t.test('large messages are not copied: a chunk of 128 KiB is one frame, header and reference', async (t) => {
  const world = await CountingWorld.open(null)
  const data = new Uint8Array(1024 * 1024)
  for (let index = 0; index < 16; index++) {
    world.connection.send({ type: 1, data })
    world.run()
  }
  t.equal(world.handled, 16)
  within(t, 'sender', world.client, { writes: 64, chunks: 256, bytes: 16_784_448 })
  await world.close()
})

t.test('of large messages, every two mebibytes are acked once', async (t) => {
  const world = await CountingWorld.open(null)
  const data = new Uint8Array(64 * 1024)
  for (let mebibytes = 0; mebibytes < 16; mebibytes++) {
    for (let index = 0; index < 16; index++) world.connection.send({ type: 1, data })
    world.run()
  }
  t.equal(world.handled, 256)
  within(t, 'sender', world.client, { writes: 64, chunks: 512 })
  within(t, 'receiver', world.server, { writes: 8 })
  await world.close()
})

t.test('an idle connection arms no timer for minutes but the keepalive', async (t) => {
  const world = await CountingWorld.open(null)
  world.advance(1000)
  world.client.reset()
  world.server.reset()
  for (let second = 0; second < 60; second++) world.advance(1000)
  within(t, 'dialler', world.client, { timersArmed: 12, writes: 6 })
  within(t, 'acceptor', world.server, { timersArmed: 7, writes: 6 })
  await world.close()
})

t.test('the acks of a hundred connections wait for one timer, and their keepalives for another', async (t) => {
  const world = await CountingWorld.open(null)
  const all = world.more(100)
  for (const connection of all) connection.send({ type: 1, data: DATA })
  world.run()
  world.advance(100)
  t.equal(world.handled, all.length)
  within(t, 'senders', world.client, { writes: 100, timersArmed: 0 })
  within(t, 'receivers', world.server, { writes: 100, timersArmed: 2 })
  const again = (): void => {
    for (const connection of all) connection.send({ type: 1, data: DATA })
    world.run()
    world.advance(100)
  }
  for (let vain = 0; vain < 8; vain++) again()
  world.server.reset()
  again()
  within(t, 'receivers who have waited in vain', world.server, { writes: 100, timersArmed: 0 })
  await world.close()
})

t.test('a connection at rest is so many objects, both ends together and its link of memory', async (t) => {
  const world = await CountingWorld.open(null)
  // Kept: whoever lets go of a connection has it still, but not for ever.
  const kept = [world.more(50)]
  const before = queryObjects(Object, { format: 'count' })
  kept.push(world.more(100))
  const each = (queryObjects(Object, { format: 'count' }) - before) / kept[1]!.length
  // Bytes differ from run to run, objects do not: what is made for the first message must not be made before it.
  t.ok(each <= 187 * (1 + TOLERANCE), `${each} objects, at most 187 and 5 %`)
  await world.close()
})

t.test('bytes allocated per message, per call and per connection that asks once, both ends together', async (t) => {
  // A young generation that holds the whole series, so that nothing is collected while it is measured.
  const bytes = await told<{ oneWay: number; echo: number; call: number; connect: number }>('allocations.ts', 256)
  const most = { oneWay: 430, echo: NODE < 22 ? 2000 : 2650, call: 3750, connect: NODE < 22 ? 85_000 : 100_000 }
  for (const name of ['oneWay', 'echo', 'call', 'connect'] as const) {
    const limit = most[name] * (1 + ALLOCATION_TOLERANCE)
    t.ok(bytes[name] > 0, 'a series was not disturbed')
    t.ok(bytes[name] <= limit, `${name}: ${Math.round(bytes[name])} bytes, at most ${most[name]} and 20 %`)
  }
})

t.test('nothing of a call that has ended outlives a look at the young generation', async (t) => {
  const { survived } = await told<{ survived: number }>('survivors.ts', 16)
  // A hundredth of what a call allocates; a Map of calls under way kept a fifth.
  t.ok(survived <= 100, `${Math.round(survived)} bytes of each call, at most 100`)
})

/** What a process tells whose young generation has half-spaces of so many MB. */
async function told<Told>(file: string, semiSpaceMb: number): Promise<Told> {
  const sizes = [`--min-semi-space-size=${semiSpaceMb}`, `--max-semi-space-size=${semiSpaceMb}`]
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: [...process.execArgv, '--expose-gc', ...sizes],
  })
  const [message] = (await once(child, 'message')) as [Told]
  return message
}
