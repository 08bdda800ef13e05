/**
 * The clients and the examples against a real Ceph, which each test starts on loopback: every kind of authentication,
 * monitors and OSDs that are killed and come back, sockets that the OSD cuts, and Ceph's own tools as the other side.
 *
 * Where Ceph is not installed, one line says so.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Lab, LabOptions } from '../../../examples/ceph-lab/lab.ts'
import { BACKOFF, MonClient, msgr2, ObjectClient, OsdBackoff, placeOf } from '../../../src/ceph/index.ts'
import { lossy, Messenger } from '../../../src/index.ts'
import { credentials, missingCeph, startCluster } from '../../support/ceph/ceph-cluster.ts'
import { until, within } from '../../support/until.ts'
import { ROOT } from '../../house/tidy/source.ts'

/** Enough on a machine that does ten other things; an idle one needs a tenth of it for everything. */
const STEP_MS = 60_000

function clients(t: Test, lab: Lab, name = 'client.admin') {
  const messenger = new Messenger({
    name,
    policies: { default: lossy({ keepalive: { intervalMs: 500, timeoutMs: 5000 } }) },
    wire: msgr2(credentials(lab)),
  })
  const monitors = new MonClient(messenger, { monitors: [lab.monitor], timeoutMs: STEP_MS })
  const objects = new ObjectClient(messenger, monitors, { pool: 'lab', timeoutMs: STEP_MS })
  t.teardown(async () => {
    await objects.close()
    await monitors.close()
    await messenger.shutdown()
  })
  return { messenger, monitors, objects }
}

/** An example as a child; its lines can be waited for. */
function example(t: Test, name: string, args: readonly string[]) {
  const env = { ...process.env, NODE_OPTIONS: '' }
  const child = spawn(process.execPath, [join(ROOT, '.build/examples', name, 'main.js'), ...args], { env })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => lines.push(line))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    child,
    lines,
    ended: () => within(`the end of ${name}; so far:\n${lines.join('\n')}`, ended, STEP_MS),
    says: (pattern: RegExp) =>
      until(`${name} says ${String(pattern)}`, () => lines.some((line) => pattern.test(line)), STEP_MS),
  }
}

function reach({ monitor, keyring }: Lab): string[] {
  return ['--timeout-ms', `${STEP_MS}`, '--mon', monitor, ...(keyring === null ? [] : ['--keyring', keyring])]
}

const MATRIX = [
  { auth: 'none', mode: 'crc' },
  { auth: 'cephx', mode: 'crc' },
  { auth: 'cephx', mode: 'secure' },
] as const

async function both(t: Test, options: LabOptions): Promise<void> {
  const cluster = await startCluster(t, options)
  const { monitors, objects } = clients(t, cluster)
  const names = ['a', 'a somewhat longer name', 'rbd_data.1234.000000000000abcd', 'häh?', 'x'.repeat(100)]
  const pool = [...(await monitors.osdMap()).pools.values()].find(({ name }) => name === 'lab')!
  for (const object of names) {
    const { output } = await monitors.command({ prefix: 'osd map', pool: 'lab', object, format: 'json' })
    const { raw_pgid: raw } = JSON.parse(Buffer.from(output).toString()) as { raw_pgid: string }
    t.equal(raw, `${pool.id}.${placeOf(pool, object).hash.toString(16)}`, `the hash of ${object}`)
    await objects.write(object, Buffer.from(`this is ${object}`))
    t.equal(Buffer.from(await objects.read(object)).toString(), `this is ${object}`)
  }
  t.strictSame((await cluster.run('rados', '-p', 'lab', 'ls')).split('\n').filter(Boolean).length, names.length)
  t.equal(await cluster.run('rados', '-p', 'lab', 'get', 'a', '-'), 'this is a')
  await t.rejects(objects.read('not there'), { code: 'INK_CEPH_ERROR', errorName: 'ENOENT' })
  await t.rejects(monitors.command({ prefix: 'nonsense' }), { code: 'INK_CEPH_ERROR', errorName: 'EINVAL' })

  const status = example(t, 'ceph-status', reach(cluster))
  const object = example(t, 'ceph-object', [...reach(cluster), '--bytes', '5000000'])
  t.equal(await status.ended(), 0, status.lines.join('\n'))
  t.match(status.lines.join('\n'), /mon\.a at v2:127\.0\.0\.1:\d+\/0\n {2}cluster:[^]*RAW STORAGE/)
  t.equal(await object.ended(), 0, object.lines.join('\n'))
  t.match(object.lines.join('\n'), /read back the same 5000000 bytes[^]*rados reads the same 5000000 bytes\nremoved/)
}

async function monitorRestarts(t: Test): Promise<void> {
  const cluster = await startCluster(t, { auth: 'cephx', mode: 'secure' })
  const { monitors, objects } = clients(t, cluster)
  const { epoch } = await monitors.osdMap()
  await objects.write('before', Buffer.from('1'))
  const follower = example(t, 'ceph-status', [...reach(cluster), '--follow'])
  await follower.says(/^map of OSDs e\d+/)
  await cluster.kill('mon')
  await follower.says(/^the monitor is lost: /)
  const asked = monitors.command({ prefix: 'osd pool create', pool: 'second', pg_num: 4 })
  asked.catch(() => {})
  const lost = monitors.command({ prefix: 'status' }, { timeoutMs: 100 }).catch((error: unknown) => error)
  t.match(await lost, { code: 'INK_TIMEOUT', message: /no monitor: / })
  t.equal(Buffer.from(await objects.read('before')).toString(), '1', 'OSDs serve without monitors')
  cluster.start('mon')
  await within('the answer of the monitor that came back', asked, STEP_MS)
  t.match(monitors.state, { name: 'open', monitor: cluster.monitor })
  const map = await monitors.osdMap({ epoch: epoch + 1 })
  t.ok(
    [...map.pools.values()].some(({ name }) => name === 'second'),
    'the map is followed again',
  )
  await follower.says(/^map of OSDs e\d+: 1 of 1 up, pools lab, second/)
  t.equal(follower.lines.filter((line) => /^in a session with/.test(line)).length, 2)
  follower.child.kill('SIGINT')
  t.equal(await follower.ended(), 0)
  await objects.write('after', Buffer.from('2'))
  t.equal(await cluster.run('rados', '-p', 'lab', 'get', 'after', '-'), '2')
}

async function osdRestarts(t: Test): Promise<void> {
  const cluster = await startCluster(t, { auth: 'cephx', mode: 'crc' })
  const { messenger, monitors, objects } = clients(t, cluster)
  let blocks = 0
  messenger.messages$.subscribe((message) => {
    if (message.type === OsdBackoff.type && OsdBackoff.read(message).op === BACKOFF.BLOCK) blocks++
  })
  await objects.write('before', Buffer.from('1'))
  const old = (await monitors.osdMap()).osds.get(0)?.address
  await cluster.kill('osd', 'SIGTERM')
  const written = objects.write('meanwhile', Buffer.from('2'))
  cluster.start('osd')
  await within('the write of the time without an OSD', written, STEP_MS)
  t.not((await monitors.osdMap()).osds.get(0)?.address, old, 'it has another address now')
  // Whether it blocks depends on how far its placement groups are; usually it does.
  t.comment(`the OSD blocked ${blocks} times`)
  for (const [object, text] of [
    ['before', '1'],
    ['meanwhile', '2'],
  ] as const) {
    t.equal(await cluster.run('rados', '-p', 'lab', 'get', object, '-'), text)
  }
}

async function cutSockets(t: Test): Promise<void> {
  const cluster = await startCluster(t, { auth: 'none', mode: 'crc', cutEvery: 40 })
  const { messenger, objects } = clients(t, cluster)
  let cuts = 0
  messenger.use({ onReset: () => cuts++ })
  const bytes = (index: number): Uint8Array => new Uint8Array(1000 + index * 37).fill(index)
  const all = Array.from({ length: 60 }, (_, index) => index)
  for (const part of [all.slice(0, 30), all.slice(30)]) {
    await Promise.all(part.map((index) => objects.write(`object ${index}`, bytes(index))))
  }
  for (const index of all) {
    t.equal(Buffer.compare(await objects.read(`object ${index}`), bytes(index)), 0, `object ${index}`)
    // A removal that ran twice would be ENOENT.
    await objects.remove(`object ${index}`)
  }
  for (let round = 0; round < 40; round++) {
    await Promise.all(['1', '2', '3', '4'].map((text) => objects.write('in order', Buffer.from(text))))
    const last = Buffer.from(await objects.read('in order')).toString()
    if (last !== '4') t.fail(`after round ${round} there is ${last}`)
  }
  // One operation in forty, of some eight hundred.
  t.ok(cuts > 2, `${cuts} sessions were cut`)
}

async function secondRun(t: Test): Promise<void> {
  const cluster = await startCluster(t, { auth: 'none', mode: 'crc' })
  for (const text of ['of the first run', 'of the second run']) {
    const { objects } = clients(t, cluster, 'client.7')
    await objects.write('a', Buffer.from(text))
    t.equal(await cluster.run('rados', '-p', 'lab', 'get', 'a', '-'), text)
  }
}

if (missingCeph !== false) t.plan(0, missingCeph)
else {
  const timeout = 200_000
  for (const options of MATRIX) {
    const name = `clients and examples work with a real cluster (${options.auth}, ${options.mode})`
    t.test(name, { timeout }, (t) => both(t, options))
  }
  t.test('a monitor that is killed and started again is found, and owes no answer', { timeout }, monitorRestarts)
  t.test('a write of the time without an OSD is done when it is back', { timeout }, osdRestarts)
  t.test(
    'sockets that the OSD cuts at random lose nothing, repeat nothing and change no order',
    { timeout },
    cutSockets,
  )
  t.test('the writes of a second run are not taken for repetitions of the first', { timeout }, secondRun)
}
