/** Requests until they are answered, in simulated time: lost sessions, newer maps, blocks, and answers that do not count. */
import t from 'tap'
import { BACKOFF, OsdBackoff } from '../../../src/ceph/messages/osd-backoff.ts'
import { OSD_MAP_FLAG } from '../../../src/ceph/messages/osd-map.ts'
import { OSD_FLAG, OsdOp } from '../../../src/ceph/messages/osd-op.ts'
import { msgr2 } from '../../../src/ceph/index.ts'
import { type Connection, type Message } from '../../../src/index.ts'
import { resizable } from '../../support/resizable.ts'
import { FakeCluster, type FakeOsd } from './fake-cluster.ts'
import { bytes, inLab } from './lab.ts'

type Asked = FakeOsd['requests'][number]

/** Resolves with the next request that the OSD gets, which is not served. */
function caught(osd: FakeOsd): Promise<{ connection: Connection; message: Message }> {
  return new Promise((resolve) => {
    osd.intercept = (message, connection) => {
      if (message.type !== OsdOp.type) return false
      osd.intercept = () => false
      resolve({ connection, message })
      return true
    }
  })
}

t.test('a request whose session is lost is repeated under its tid, and says so', (t) =>
  inLab(async ({ objects, osd }) => {
    const first = caught(osd)
    const written = objects.write('a', bytes('x'))
    ;(await first).connection.markDown()
    await written
    const [once, twice] = osd.requests
    t.match(once, { attempt: 0 })
    t.match(twice, { attempt: 1, tid: once?.tid })
    t.notOk(once!.flags & OSD_FLAG.RETRY)
    t.ok(twice!.flags & OSD_FLAG.RETRY)
  }),
)

t.test('bytes whose length changes before they are sent, or sent again, are not written as others', (t) =>
  inLab(async ({ objects, osd }) => {
    const lost = { code: 'INK_MESSAGE_CHANGED', message: /written to a in / }
    const [early, late] = [resizable(8), resizable(8)]
    // The object's OSD is still looked for.
    const unsent = objects.write('a', new Uint8Array(early))
    early.resize(4)
    await t.rejects(unsent, { ...lost, outcome: 'undelivered' })
    t.equal(osd.requests.length, 0)
    const first = caught(osd)
    const unanswered = objects.write('a', new Uint8Array(late))
    const { connection } = await first
    late.resize(12)
    connection.markDown()
    await t.rejects(unanswered, { ...lost, outcome: 'unknown' })
    t.equal(osd.requests.length, 1, 'it is not sent again')
    await objects.write('a', bytes('x'))
    t.strictSame(osd.objects.get('a'), bytes('x'))
  }),
)

t.test('writes of one object that nobody waits for stay in order through lost sessions: one pause, then by tid', (t) =>
  inLab(async ({ cluster, objects, osd }) => {
    const texts = ['0', '1', '2', '3']
    let cuts = 2
    // Whatever comes in the first two sessions is lost with them, after the whole of it was there.
    osd.intercept = (message, connection) => {
      if (message.type !== OsdOp.type || cuts === 0) return false
      if (osd.requests.length % texts.length === 0) {
        cuts--
        connection.markDown()
      }
      return true
    }
    const startMs = cluster.sim.clock.nowMs()
    await Promise.all(texts.map((text, index) => objects.write(index === 2 ? 'b' : 'a', bytes(text))))
    const tids = osd.requests.map(({ tid }) => tid)
    // At first each object is looked for by itself.
    const sorted = tids.splice(0, texts.length).sort((a, b) => a - b)
    t.strictSame(tids, [...sorted, ...sorted])
    t.strictSame([osd.objects.get('a'), osd.objects.get('b')], [bytes('3'), bytes('2')])
    const tookMs = cluster.sim.clock.nowMs() - startMs
    t.ok(tookMs >= 25 + 50 && tookMs < 50 + 100 + 50, `one pause for all, then a longer one: ${tookMs} ms`)
  }),
)

t.test('an OSD that cuts sessions before it has read much gets less at once, until it answers', (t) =>
  inLab(async ({ cluster, objects, osd }) => {
    const most: number[] = []
    const sessions = new Map<Connection, number>()
    let cutting = true
    osd.intercept = (message, connection) => {
      if (message.type !== OsdOp.type || !cutting) return false
      const arrived = (sessions.get(connection) ?? 0) + 1
      sessions.set(connection, arrived)
      most[sessions.size - 1] = arrived
      cutting = sessions.size < 6
      if (arrived === 1) cluster.sim.clock.setTimer(() => connection.markDown(), 1)
      return cutting
    }
    await Promise.all(Array.from({ length: 20 }, (_, index) => objects.write(`${index}`, bytes('x'))))
    t.strictSame(most, [20, 8, 4, 2, 1, 1])
    t.equal(osd.objects.size, 20)
  }),
)

t.test('what is behind a request that must wait for its OSD, for a flag or for a new tid waits, too', (t) =>
  inLab(async ({ cluster, objects, osd, monitors }) => {
    await objects.write('a', bytes('0'))
    cluster.flags = OSD_MAP_FLAG.PAUSE_WRITE
    cluster.publish()
    await monitors.osdMap({ epoch: 2 })
    await monitors.versions('osdmap')
    const [written, read, free] = [objects.write('a', bytes('1')), objects.read('a'), objects.stat('b')]
    // Only writes are paused.
    await t.rejects(free, { code: 'INK_CEPH_ERROR', errorName: 'ENOENT' })
    t.equal(osd.requests.length, 2)
    cluster.flags = 0
    cluster.publish()
    await written
    t.strictSame(await read, bytes('1'))
    let refusals = 2
    const first = caught(osd)
    const again = objects.write('a', bytes('2'))
    const { connection, message } = await first
    osd.intercept = (next, from) => {
      if (refusals-- <= 0) return false
      osd.reply(from, next.tid, osd.requests.at(-1)!, { result: -11 })
      return true
    }
    osd.reply(connection, message.tid, osd.requests.at(-1)!, { result: -11 })
    await monitors.versions('osdmap')
    await Promise.all([again, objects.write('a', bytes('3'))])
    t.strictSame(osd.objects.get('a'), bytes('3'))
  }),
)

t.test(
  'to an OSD a client is the number that monitors gave it: kept with the next one, and another in each run',
  async (t) => {
    const cluster = new FakeCluster()
    await cluster.sim.run(async () => {
      await cluster.monitor()
      await cluster.monitor()
      const osd = await cluster.osd()
      const [first, second] = [cluster.client({}, msgr2(), 'client.7'), cluster.client({}, msgr2(), 'client.7')]
      const [one, other] = [first.objects(), second.objects()]
      const cut = caught(osd)
      const written = one.write('a', bytes('x'))
      const { connection } = await cut
      cluster.sim.crash(/10[.0-9]+/.exec(JSON.stringify(first.monitors.state))?.[0] ?? '')
      connection.markDown()
      await written
      await other.write('a', bytes('y'))
      const [asked, again, anew] = osd.requests as [Asked, Asked, Asked]
      t.match(again, { client: asked.client, tid: asked.tid, incarnation: asked.incarnation, attempt: 1 })
      t.not(anew.client, asked.client, 'whatever its name is')
      t.not(anew.client, 'client.7')
      t.not(anew.incarnation, asked.incarnation)
      for (const { close } of [first, second]) await close()
    })
  },
)

t.test('a request follows its group to another OSD, and what the old one says late does not count', (t) =>
  inLab(
    async ({ cluster, objects, osds }) => {
      const [before, after] = osds as [FakeOsd, FakeOsd]
      after.objects.set('a', bytes('new'))
      const { first, read } = { first: caught(before), read: objects.read('a') }
      const { connection, message } = await first
      const second = caught(after)
      cluster.acting = [1, 0]
      cluster.publish()
      const arrived = await second
      t.match(after.requests[0], { epoch: 2, attempt: 1, tid: message.tid })
      before.reply(connection, message.tid, before.requests[0]!, { result: -5 })
      await connection.deliver({ type: 1 })
      after.reply(arrived.connection, arrived.message.tid, after.requests[0]!, { attempt: 0, result: -5 })
      after.reply(arrived.connection, arrived.message.tid, after.requests[0]!)
      t.strictSame(await read, bytes('new'), 'nor an answer to an earlier attempt')
    },
    { osds: 2 },
  ),
)

t.test('a request that an OSD dropped without a word is sent again after ten seconds', (t) =>
  inLab(async ({ cluster, objects, osd }) => {
    const dropped = caught(osd)
    const startMs = cluster.sim.clock.nowMs()
    const written = objects.write('a', bytes('x'))
    const { message } = await dropped
    await written
    t.match(osd.requests[1], { attempt: 1, tid: message.tid })
    const tookMs = cluster.sim.clock.nowMs() - startMs
    t.ok(tookMs >= 10_000 && tookMs < 11_000, `${tookMs} ms`)
  }),
)

t.test('a newer map that changes nothing for the group sends nothing again', (t) =>
  inLab(async ({ cluster, objects, osd, monitors }) => {
    const { first, read } = { first: caught(osd), read: objects.stat('a') }
    const { connection, message } = await first
    cluster.publish()
    await monitors.osdMap({ epoch: 2 })
    await monitors.versions('osdmap')
    osd.reply(connection, message.tid, osd.requests[0]!, { result: -2 })
    await t.rejects(read, { code: 'INK_CEPH_ERROR', errorName: 'ENOENT' })
    t.equal(osd.requests.length, 1)
  }),
)

t.test('what an OSD blocks is acked, held back, and sent when the block is lifted', (t) =>
  inLab(async ({ objects, osd }) => {
    osd.objects.set('a', bytes('x'))
    const { first, read } = { first: caught(osd), read: objects.read('a') }
    const { connection } = await first
    const { group } = osd.requests[0]!
    const block = { group, epoch: 1, op: BACKOFF.BLOCK, id: 9n, range: Uint8Array.of(1, 2, 3) }
    const acked = new Promise<Message>((resolve) => {
      osd.intercept = (message) => {
        if (message.type === OsdBackoff.type) resolve(message)
        return message.type === OsdBackoff.type
      }
    })
    connection.send(OsdBackoff.make(block))
    t.strictSame(OsdBackoff.read(await acked), { ...block, op: BACKOFF.ACK_BLOCK })
    const held = objects.read('a')
    await connection.deliver({ type: 1 })
    t.equal(osd.requests.length, 1, 'a new request for the group waits, too')
    connection.send(OsdBackoff.make({ ...block, op: BACKOFF.UNBLOCK }))
    t.strictSame([await read, await held], [bytes('x'), bytes('x')])
  }),
)

t.test('EAGAIN is asked again under a new tid; other errors are told', (t) =>
  inLab(async ({ objects, osd }) => {
    let refusals = 3
    osd.intercept = (message, connection) => {
      if (refusals-- <= 0) return false
      osd.reply(connection, message.tid, osd.requests.at(-1)!, { result: refusals === 1 ? -116 : -11 })
      return true
    }
    await objects.write('a', bytes('x'))
    t.equal(new Set(osd.requests.map(({ tid }) => tid)).size, 4)
    t.ok(osd.requests.every(({ attempt }) => attempt === 0))
    osd.intercept = (message, connection) => {
      osd.reply(connection, message.tid, osd.requests.at(-1)!, { result: -28 })
      return true
    }
    await t.rejects(objects.write('a', bytes('x')), { code: 'INK_CEPH_ERROR', errorName: 'ENOSPC' })
    osd.intercept = (message, connection) => {
      osd.reply(connection, message.tid, osd.requests.at(-1)!, { redirected: true })
      return true
    }
    await t.rejects(objects.read('a'), { code: 'INK_INCOMPATIBLE', message: /cache tier/ })
  }),
)

t.test('a paused cluster and a group without a primary are waited for', (t) =>
  inLab(async ({ cluster, objects, osd, monitors }) => {
    cluster.flags = OSD_MAP_FLAG.PAUSE_WRITE
    const written = objects.write('a', bytes('x'))
    await monitors.versions('osdmap')
    await monitors.versions('osdmap')
    await monitors.versions('osdmap')
    t.equal(osd.requests.length, 0)
    cluster.flags = 0
    cluster.acting = []
    cluster.publish()
    await monitors.osdMap({ epoch: 2 })
    await monitors.versions('osdmap')
    await monitors.versions('osdmap')
    t.equal(osd.requests.length, 0)
    cluster.acting = [0]
    cluster.publish()
    await written
    t.match(osd.requests, [{ epoch: 3 }])
  }),
)

t.test('a pool that is not there is ENOENT, once the newest map says so', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    await cluster.monitor()
    await cluster.osd()
    const { pools } = cluster
    cluster.pools = []
    const { objects, monitors, close } = cluster.client()
    const missing = objects()
    await t.rejects(missing.read('a'), { code: 'INK_CEPH_ERROR', errorName: 'ENOENT', message: /the pool lab/ })
    // The map here is older than the pool: only the monitor knows that there is a newer one.
    cluster.pools = pools
    cluster.epoch = 2
    const written = missing.write('a', bytes('x'))
    await monitors.versions('osdmap')
    await monitors.versions('osdmap')
    t.equal(cluster.osds[0]?.requests.length, 0, 'it waits for that map')
    cluster.publish()
    await written
    await missing.close()
    await close()
  })
})

t.test('a monitor that hashes names in another way is found out before anything is sent', (t) =>
  inLab(async ({ objects, osds, monitor }) => {
    const answers = [
      { epoch: 1, pgid: '1.77', acting: [0], acting_primary: 0 },
      { epoch: 1, pgid: '1.0', acting: 'all' },
    ]
    monitor.answer = () => ({ result: 0, output: JSON.stringify(answers.shift()) })
    await t.rejects(objects.read('a'), {
      code: 'INK_INCOMPATIBLE',
      message: /puts a into 1\.77, and this side into 1\.0/,
    })
    await t.rejects(objects.read('a'), { code: 'INK_DECODE_FAILED', message: /lacks epoch, pgid, acting/ })
    t.equal(osds[0]?.requests.length, 0)
  }),
)

t.test('without a monitor the OSD of an older map is asked, and a monitor that comes back may know better', (t) =>
  inLab(
    async ({ cluster, objects, osds, monitor, monitors }) => {
      const [before, after] = osds as [FakeOsd, FakeOsd]
      await objects.write('a', bytes('x'))
      monitor.answer = () => null
      cluster.publish()
      await monitors.osdMap({ epoch: 2 })
      const read = objects.read('a')
      await monitors.versions('osdmap')
      t.equal(before.requests.length, 1, 'as long as there is one, its answer is waited for')
      cluster.sim.crash('10.0.0.1')
      t.strictSame(await read, bytes('x'))
      const first = caught(before)
      const moved = objects.write('a', bytes('y'))
      await first
      cluster.acting = [1]
      cluster.monitors.length = 0
      await cluster.monitor()
      await moved
      t.strictSame(after.objects.get('a'), bytes('y'), 'although the map is the same')
    },
    { osds: 2 },
  ),
)

t.test('an OSD that never answers costs the deadline and no more', (t) =>
  inLab(async ({ objects, osd }) => {
    osd.intercept = () => true
    await t.rejects(objects.read('a', { timeoutMs: 900 }), { code: 'INK_TIMEOUT', message: /read of a in lab/ })
    const abort = new AbortController()
    const aborted = t.rejects(objects.read('a', { signal: abort.signal }), { code: 'INK_ABORTED' })
    abort.abort()
    await aborted
    osd.intercept = () => false
    osd.objects.set('a', bytes('x'))
    t.strictSame(await objects.read('a'), bytes('x'), 'the session is still there')
  }),
)
