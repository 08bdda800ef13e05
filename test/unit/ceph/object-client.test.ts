/** The client of objects, in simulated time: what each call asks of the OSD, and what it makes of the answers. */
import t from 'tap'
import { OSD_FLAG } from '../../../src/ceph/messages/osd-op.ts'
import { FakeCluster } from './fake-cluster.ts'
import { bytes, inLab } from './lab.ts'

t.test('an object is written, read, looked up and removed', (t) =>
  inLab(
    async ({ cluster, osd, objects }) => {
      await objects.write('a', bytes('hello'))
      t.strictSame(await objects.read('a'), bytes('hello'))
      t.strictSame(await objects.read('a', { offset: 1, length: 3 }), bytes('ell'))
      t.strictSame(await objects.read('a', { length: 0 }), new Uint8Array(0))
      t.strictSame(await objects.stat('a'), { bytes: 5, modifiedMs: 7500 })
      await objects.remove('a')
      await t.rejects(objects.read('a'), { code: 'INK_CEPH_ERROR', errorName: 'ENOENT' })
      const [write, read] = osd.requests
      t.match(write, { namespace: 'spaced', attempt: 0, flags: OSD_FLAG.ON_DISK | OSD_FLAG.WRITE | OSD_FLAG.FULL_TRY })
      t.match(read, { flags: OSD_FLAG.ON_DISK | OSD_FLAG.READ })
      t.ok(
        new Set(osd.requests.map(({ tid }) => tid)).size === osd.requests.length,
        'every request has a tid of its own',
      )
      t.equal(cluster.monitors[0]?.commands.length, 1, 'the monitor is asked once for the group')
    },
    { client: { namespace: 'spaced' } },
  ),
)

t.test('a large object is read in pieces, again from the start when it changed', (t) =>
  inLab(async ({ osd, objects }) => {
    const [before, after] = [new Uint8Array(9 << 20).fill(1), new Uint8Array(9 << 20).fill(2)]
    osd.objects.set('large', before)
    let version = 1
    osd.intercept = (message, connection) => {
      const request = osd.requests.at(-1)!
      if (osd.requests.length === 2) {
        osd.objects.set('large', after)
        version++
      }
      const stored = osd.objects.get('large')!
      const { offset, length } = request.ops[0]!
      const data = stored.slice(Number(offset), Number(offset + length))
      osd.reply(connection, message.tid, request, {
        objectVersion: version,
        results: [{ op: request.ops[0]!, result: 0, data }],
      })
      return true
    }
    t.strictSame(Buffer.compare(await objects.read('large'), after), 0, 'not half of each')
    t.equal(osd.requests.length, 2 + 3)
  }),
)

t.test('what cannot be meant is refused at once', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    await cluster.monitor()
    const { objects, close } = cluster.client()
    t.throws(() => objects({ pool: '' }), { code: 'INK_BAD_OPTION', message: /pool/ })
    const lab = objects()
    await t.rejects(lab.write('a', 'text' as unknown as Uint8Array), { code: 'INK_BAD_ARGUMENT' })
    await t.rejects(lab.read(''), { code: 'INK_BAD_ARGUMENT' })
    await t.rejects(lab.read('a', { offset: -1 }), { code: 'INK_BAD_OPTION' })
    await t.rejects(lab.stat('a', { timeoutMs: NaN }), { code: 'INK_BAD_ARGUMENT' })
    const waiting = t.rejects(lab.read('a'), { code: 'INK_CLOSED' })
    await lab.close()
    await waiting
    await t.rejects(lab.read('a'), { code: 'INK_CLOSED' })
    await close()
  })
})

t.test('monitors that are closed close it, before and after it is made', async (t) => {
  const cluster = new FakeCluster()
  await cluster.sim.run(async () => {
    await cluster.monitor()
    const { objects, close } = cluster.client()
    const before = objects()
    const waiting = t.rejects(before.read('a'), { code: 'INK_CLOSED' })
    await close()
    await waiting
    await t.rejects(objects().read('a'), { code: 'INK_CLOSED' })
  })
})
