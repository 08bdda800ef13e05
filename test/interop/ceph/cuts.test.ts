/**
 * Links to a real monitor, a real OSD and Ceph's own messenger, cut behind every frame, and in the middle of every part of the
 * messages, in both directions: each ends in a session that works, never in silence.
 *
 * A first run through a proxy shows the frames of both sides. Then a link is cut at each of these places, one after the
 * other. What is encrypted is cut behind every chunk, where its frames end, and within; PARTS=8 at eight places per chunk.
 */
import t, { type Test } from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { lossy, Messenger, peer, type Connection, type Message, type MessageInit } from '../../../src/index.ts'
import { Writer } from '../../../src/ceph/msgr2/codec.ts'
import { addressOfOsd, credentials, missingCeph, startCluster } from '../../support/ceph/ceph-cluster.ts'
import { heldPort } from '../../support/held-port.ts'
import { missingMessenger, startCephMessenger } from '../../support/ceph/ceph-messenger.ts'
import { detour } from '../../support/detour.ts'
import { orSkip } from '../../support/or-skip.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'
import { FrameWatch, type Place } from './frame-watch.ts'

const MON_GET_MAP = 5
const MON_MAP = 4
const COMMAND = 97
const COMMAND_REPLY = 98
const test = orSkip(t, missingCeph !== false ? missingCeph : missingMessenger)
const PARTS = Number(process.env['PARTS'] ?? 2)
/** BANNER, HELLO, AUTH_SIGNATURE and an IDENT of each side, AUTH_REQUEST and AUTH_DONE: they pass on every link. */
const HANDSHAKE_FRAMES = 10
const HURRY = { backoff: { firstMs: 5, maxMs: 20 } }

const MATRIX = [
  { auth: 'none', mode: 'crc' },
  { auth: 'cephx', mode: 'crc' },
  { auth: 'cephx', mode: 'secure' },
] as const

const portOf = (address: string): number => Number(/:(\d+)\/\d+$/.exec(address)?.[1])

/** So many bytes from the start of a link on, over both directions. */
type Cut = Place | number

/** In the clear, places in frames; what is encrypted is cut behind every chunk, and at even places within. */
function places(watch: FrameWatch, proxy: TcpProxy, isSecure: boolean): Cut[] {
  if (!isSecure) return watch.places()
  const inChunks = proxy.ends.flatMap((end, index) => {
    const start = proxy.ends[index - 1] ?? 0
    return Array.from({ length: PARTS }, (_, part) => start + Math.ceil(((end - start) * (part + 1)) / PARTS))
  })
  return [...watch.places(), ...new Set(inChunks)]
}

function arm(watch: FrameWatch, proxy: TcpProxy, cut: Cut): void {
  if (typeof cut === 'number') proxy.cutAfter(cut)
  else watch.cutAt(cut)
}

/** A client behind a proxy to `address`, whose every question is answered in the end. */
async function client(t: Test, address: string, type: string, wire: ReturnType<typeof msgr2>) {
  const proxy = await startProxy(portOf(address))
  t.teardown(() => proxy.close())
  const watch = new FrameWatch(proxy)
  const ports = new Map([[portOf(address), proxy.port]])
  const messenger = new Messenger({
    name: 'client.admin',
    policies: { default: lossy(HURRY) },
    wire,
    transports: [detour(ports)],
  })
  t.teardown(() => messenger.shutdown())
  const news = { answers: 0, resets: 0, faults: [] as string[] }
  let wanted = 0
  messenger.use({
    dispatch: (message: Message) => void (news.answers += message.type === wanted ? 1 : 0),
    onReset: () => (news.resets += 1),
  })
  messenger.events$.subscribe((event) => {
    if (event.type === 'fault' || event.type === 'reset') news.faults.push(event.reason)
  })
  /** Asks, and after a reset asks again. */
  const ask = async (init: MessageInit, reply: number): Promise<void> => {
    wanted = reply
    const answers = news.answers
    for (let tries = 0; news.answers === answers && tries < 5; tries++) {
      const resets = news.resets
      messenger.connect(address, { type }).send(init)
      await until('an answer or a reset', () => news.answers > answers || news.resets > resets)
    }
  }
  const end = async (): Promise<void> => {
    const connection = messenger.connections.find((open: Connection) => open.peer.address === address)
    connection?.markDown()
    await until('the link is gone', () => proxy.links === 0)
  }
  return { messenger, proxy, watch, news, ask, end }
}

/** One run to look, then one for every place. */
async function cutEverywhere(
  t: Test,
  at: Awaited<ReturnType<typeof client>>,
  { init, reply, isSecure }: { init: MessageInit; reply: number; isSecure: boolean },
) {
  const { proxy, watch, news } = at
  await at.ask(init, reply)
  await at.end()
  const cuts = places(watch, proxy, isSecure)
  for (const cut of cuts) {
    const before = proxy.cuts
    const faults = news.faults.length
    arm(watch, proxy, cut)
    await at.ask(init, reply)
    // An answer may come in the same moment, and the cut be told a turn later.
    if (proxy.cuts > before) await until('the cut is told', () => news.faults.length > faults)
    watch.cutNowhere()
    await at.end()
  }
  t.ok(cuts.length > 15, `${cuts.length} places`)
  // What follows the handshake (acks, keepalives) comes when it likes.
  t.ok(proxy.cuts >= HANDSHAKE_FRAMES, `${proxy.cuts} cuts`)
  t.equal(news.answers, cuts.length + 1, 'every question was answered')
}

for (const { auth, mode } of MATRIX) {
  test(`a monitor and an OSD (${auth}, ${mode})`, { timeout: 120_000 }, async (t) => {
    const cluster = await startCluster(t, { auth, mode })
    const isSecure = mode === 'secure'
    const wire = (): ReturnType<typeof msgr2> => msgr2(credentials(cluster))
    const monitor = await client(t, cluster.monitor, 'mon', wire())
    await cutEverywhere(t, monitor, { init: { type: MON_GET_MAP, version: 1 }, reply: MON_MAP, isSecure })

    const osd = await client(t, await addressOfOsd(cluster), 'osd', wire())
    osd.messenger.connect(cluster.monitor, { type: 'mon' })
    const fsid = (await cluster.run('ceph', 'fsid')).trim().replaceAll('-', '')
    const writer = new Writer().raw(new Uint8Array(Buffer.from(fsid, 'hex')))
    const front = writer.list(['{"prefix":"version"}'], (line) => writer.text(line)).done()
    await cutEverywhere(t, osd, { init: { type: COMMAND, version: 1, front }, reply: COMMAND_REPLY, isSecure })
  })
}

for (const dials of ['inkwire', 'ceph', 'both'] as const) {
  const title = `Ceph's own messenger as a lossless peer, ${dials} dialling: one cut loses and doubles nothing`
  test(title, { timeout: 120_000 }, async (t) => {
    const arena = await startArena(t)
    const { toCeph, toInkwire } = arena
    const watch = new FrameWatch(toCeph, toInkwire)
    await exchange(t, arena, dials)
    const cuts = watch.places()
    for (const cut of cuts) {
      watch.cutAt(cut)
      await exchange(t, arena, dials)
      watch.cutNowhere()
    }
    t.ok(cuts.length > 30, `${cuts.length} places`)
    t.ok(toCeph.cuts + toInkwire.cuts >= HANDSHAKE_FRAMES, `${toCeph.cuts + toInkwire.cuts} were reached`)
  })
}

/** Ceph's messenger, which sends every message back, and a proxy in front of either side. */
async function startArena(t: Test) {
  const [toCeph, toInkwire, port] = [await startProxy(1), await startProxy(1), await heldPort(t)]
  t.teardown(() => Promise.all([toCeph.close(), toInkwire.close()]))
  toCeph.retarget(port)
  const atCeph = `v2:127.0.0.1:${toCeph.port}/77`
  const ceph = await startCephMessenger(t, {
    name: 'osd.1',
    policy: 'lossless_peer',
    address: `v2:127.0.0.1:${port}/77`,
    advertise: atCeph,
    settings: { ms_initial_backoff: 0.005, ms_max_backoff: 0.02 },
  })
  ceph.say('echo')
  return { ceph, atCeph, toCeph, toInkwire }
}

/** A new Inkwire each time: three messages, their echoes, and three of Ceph's own when it dials. */
async function exchange(t: Test, arena: Awaited<ReturnType<typeof startArena>>, dials: string): Promise<void> {
  const { ceph, atCeph, toInkwire } = arena
  const messenger = new Messenger({ name: 'osd.2', policies: { default: peer(HURRY) }, wire: msgr2() })
  const got: number[] = []
  const resets: string[] = []
  messenger.use({
    dispatch: (message: Message) => void got.push(message.tid),
    onReset: () => void resets.push('reset'),
    onRemoteReset: () => void resets.push('remote reset'),
  })
  const bound = await messenger.bind('v2:127.0.0.1:0/0', { advertise: `v2:127.0.0.1:${toInkwire.port}/0` })
  toInkwire.retarget(portOf(bound))
  const before = ceph.got.length
  if (dials !== 'inkwire') {
    const number = await ceph.connect('osd', messenger.addresses[0] ?? '')
    ceph.say('send', number, 11, 3, 50)
  }
  if (dials === 'ceph') await until('Ceph comes', () => messenger.connections.length > 0)
  const connection = dials === 'ceph' ? messenger.connections[0]! : messenger.connect(atCeph, { type: 'osd' })
  for (const tid of [1, 2, 3]) connection.send({ type: 2, tid, data: new Uint8Array(50) })
  const wanted = dials === 'inkwire' ? 3 : 6
  await until('all came', () => got.length >= wanted && ceph.got.length >= before + 3)
  const from = (low: number, high: number): number[] => got.filter((tid) => tid >= low && tid <= high)
  t.strictSame(
    [from(1, 3), ceph.tids.slice(before)],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
    'once, in order',
  )
  if (dials !== 'inkwire') t.strictSame(from(11, 13), [11, 12, 13], "and Ceph's own")
  t.strictSame(resets, [])
  arena.toCeph.cutAfter(Infinity)
  toInkwire.cutAfter(Infinity)
  await messenger.shutdown()
}
