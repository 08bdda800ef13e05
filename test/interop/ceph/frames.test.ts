/**
 * The rare answers of the handshake between Inkwire and Ceph's own messenger, each of them seen on the wire, from either
 * side: WAIT, RETRY, RETRY_GLOBAL, RESET in both kinds and MISSING_FEATURES. What follows each is a session that works, or
 * a refusal that says why.
 */
import t, { type Test } from 'tap'
import { peer, type Connection } from '../../../src/index.ts'
import { readBool } from '../../../src/ceph/msgr2/control-frames.ts'
import { FEATURES_REQUIRED, FEATURES_SUPPORTED } from '../../../src/ceph/msgr2/format.ts'
import { missingMessenger } from '../../support/ceph/ceph-messenger.ts'
import { orSkip } from '../../support/or-skip.ts'
import { until } from '../../support/until.ts'
import { FAST, MATRIX, openSession, startEnds, startLab, type Ends, type EndsOptions } from './ends.ts'
import { alterReconnect, FrameWatch, type Place, type SeenFrame } from './frame-watch.ts'

const test = orSkip(t, missingMessenger)

type Side = 'ceph' | 'inkwire'

/** Both ends, and what each of them said under a name. */
async function scene(t: Test, options: Partial<EndsOptions> = {}) {
  const lab = await startLab(t, MATRIX[0])
  const at = await startEnds(t, { lab, theirs: 'lossless_peer', ours: peer(FAST), ...options })
  const watch = { toCeph: new FrameWatch(at.toCeph), toInkwire: new FrameWatch(at.toInkwire) }
  const said = (side: Side, name: string): SeenFrame[] => {
    const out = side === 'inkwire' ? 'toTarget' : 'fromTarget'
    const frames = [
      ...watch.toCeph.seen.filter(({ way }) => way === out),
      ...watch.toInkwire.seen.filter(({ way }) => way !== out),
    ]
    return frames.filter((frame) => frame.name === name)
  }
  const hears = (side: Side, name: string): Promise<void> =>
    until(`${side} says ${name}`, () => said(side, name).length > 0)
  return { ...at, at, watch, said, hears }
}

let lastTid = 100

/** A message each way, once, and nothing of it lost. */
async function goesOn(t: Test, { ceph, got, resets }: Ends, connection: Connection, number = 0): Promise<void> {
  const tid = ++lastTid
  ceph.say('send', number, tid, 1, 10)
  connection.send({ type: 2, tid })
  await until('a message each way', () => got.includes(tid) && ceph.tids.includes(tid))
  t.strictSame([got.filter((one) => one === tid), ceph.tids.filter((one) => one === tid)], [[tid], [tid]], 'once')
  t.strictSame(resets, [], 'and nobody lost anything')
}

/** Cuts the links, and lets nobody come to Ceph until `meanwhile` is done. */
async function apart({ toCeph, toInkwire }: Ends, connection: Connection, meanwhile: () => Promise<void> | void) {
  toCeph.refuse()
  toCeph.cutAll()
  toInkwire.cutAll()
  await until('the link is lost', () => connection.state !== 'open')
  await meanwhile()
  await toCeph.accept()
}

test('WAIT of Ceph, which has the lower address: its own dial counts', async (t) => {
  const { at, ceph, messenger, toInkwire, hears } = await scene(t, { lower: 'ceph' })
  toInkwire.blackhole()
  await ceph.connect('osd', messenger.addresses[0] ?? '')
  await until('Ceph dials', () => toInkwire.accepted > 0)
  const connection = messenger.connect(at.atCeph, { type: 'osd' })
  await hears('ceph', 'WAIT')
  toInkwire.heal()
  await goesOn(t, at, connection)
})

test('WAIT of Inkwire, which has the lower address: its own dial counts', async (t) => {
  const { at, ceph, messenger, toCeph, hears } = await scene(t, { lower: 'inkwire' })
  toCeph.blackhole()
  const connection = messenger.connect(at.atCeph, { type: 'osd' })
  await until('Inkwire dials', () => toCeph.accepted > 0)
  await ceph.connect('osd', messenger.addresses[0] ?? '')
  await hears('inkwire', 'WAIT')
  toCeph.heal()
  await goesOn(t, at, connection)
})

test('SESSION_RETRY of Ceph, which has tried more often', async (t) => {
  const { at, ceph, toInkwire, hears } = await scene(t)
  const connection = await openSession(at, 'ceph')
  await goesOn(t, at, connection)
  toInkwire.refuse()
  await apart(at, connection, async () => {
    ceph.say('send', 0, 1, 1, 10)
    await until('Ceph tries', () => ceph.events.filter((event) => event === 'refused 0').length > 2)
  })
  connection.send({ type: 2, tid: 1 })
  await hears('ceph', 'SESSION_RETRY')
  await goesOn(t, at, connection)
})

test('SESSION_RETRY of Inkwire, which has tried more often', async (t) => {
  const settings = { ms_initial_backoff: 0.5, ms_max_backoff: 0.5 }
  const { at, ceph, toInkwire, hears } = await scene(t, { settings })
  const connection = await openSession(at, 'inkwire')
  await goesOn(t, at, connection)
  let tries = 0
  connection.state$.subscribe((state) => (tries += state === 'backoff' ? 1 : 0))
  toInkwire.refuse()
  await apart(at, connection, async () => {
    ceph.say('send', 0, 1, 1, 10)
    connection.send({ type: 2, tid: 1 })
    await until('Inkwire tries', () => tries > 5)
    await toInkwire.accept()
    await hears('inkwire', 'SESSION_RETRY')
  })
  await goesOn(t, at, connection)
})

test('SESSION_RETRY_GLOBAL of Ceph, for an attempt with a number that is too old', async (t) => {
  const { at, toCeph, toInkwire, hears } = await scene(t)
  const connection = await openSession(at, 'inkwire')
  await goesOn(t, at, connection)
  // Inkwire says no old number by itself: the proxy makes it one.
  alterReconnect(toCeph, (numbers) => {
    numbers.set('globalSeq', 0n)
  })
  // The other way is shut, or Ceph could come first.
  toInkwire.refuse()
  toCeph.cutAll()
  await until('the link is lost', () => connection.state !== 'open')
  connection.send({ type: 2, tid: 1 })
  await hears('ceph', 'SESSION_RETRY_GLOBAL')
  await goesOn(t, at, connection)
})

test('SESSION_RETRY_GLOBAL of Inkwire, for a late attempt that Ceph gave up', async (t) => {
  const settings = { ms_connection_ready_timeout: 1 }
  const { at, ceph, toCeph, toInkwire, hears, watch } = await scene(t, { settings })
  const connection = await openSession(at, 'ceph')
  await goesOn(t, at, connection)
  const first = toInkwire.accepted + 1
  // What Ceph says behind our signature comes late, when it has dialled again.
  const { tap } = toInkwire
  toInkwire.tap = (bytes, way, link) => {
    tap?.(bytes, way, link)
    const last = watch.toInkwire.seen.at(-1)
    if (last?.link === first && last.name === 'AUTH_SIGNATURE' && last.way === 'fromTarget') toInkwire.delay(4000)
  }
  toCeph.refuse()
  toInkwire.cutAll()
  ceph.say('send', 0, 1, 1, 10)
  await until('Ceph dials again', () => toInkwire.accepted > first)
  toInkwire.delay(0)
  await hears('inkwire', 'SESSION_RETRY_GLOBAL')
  await goesOn(t, at, connection)
})

for (const [theirs, cause, full] of [
  ['lossless_peer_reuse', 'marked down', true],
  ['lossless_peer', 'marked down', true],
  ['lossless_peer_reuse', 'another session', true],
  ['lossless_peer', 'another session', false],
] as const) {
  test(`SESSION_RESET of Ceph, ${full ? '' : 'not '}full: ${cause} under ${theirs}`, async (t) => {
    const { at, ceph, resets, said, hears } = await scene(t, { theirs })
    const connection = await openSession(at, 'inkwire')
    await connection.deliver({ type: 2, tid: 1 })
    // Ceph acks what it has, and forgets what waits for its handler when it marks a connection down.
    await until('it has come', () => ceph.tids.includes(1))
    await apart(at, connection, () => {
      if (cause === 'marked down') ceph.say('down', 0)
      else alterReconnect(at.toCeph, (numbers) => numbers.set('clientCookie', 7n))
      connection.send({ type: 2, tid: 2 })
    })
    await hears('ceph', 'SESSION_RESET')
    t.equal(readBool(said('ceph', 'SESSION_RESET')[0]!.payload), full)
    await until('a reset here', () => resets.length === 1)
    t.match(resets, [{ undelivered: [{ tid: 2 }], unknown: [] }], 'what Ceph may not have got comes back')
    await connection.deliver({ type: 2, tid: 3 })
    await until('it has come', () => ceph.tids.includes(3))
    t.strictSame(ceph.tids, [1, 3])
  })
}

/** In the middle of the answer to the first CLIENT_IDENT. */
const IN_SERVER_IDENT: Place = { name: 'SERVER_IDENT', nth: 1, before: 20 }

test("SESSION_RESET of Ceph, not full: Inkwire's answer to its request never came", async (t) => {
  const { at, ceph, messenger, toInkwire, watch, said, hears } = await scene(t)
  watch.toInkwire.cutAt(IN_SERVER_IDENT)
  toInkwire.onCut = () => toInkwire.refuse()
  await ceph.connect('osd', messenger.addresses[0] ?? '')
  await until('the answer is lost', () => toInkwire.cuts > 0)
  const connection = messenger.connect(at.atCeph, { type: 'osd' })
  connection.send({ type: 2, tid: 1 })
  await hears('ceph', 'SESSION_RESET')
  t.notOk(readBool(said('ceph', 'SESSION_RESET')[0]!.payload))
  await until('what waited', () => ceph.tids.includes(1))
  await goesOn(t, at, connection)
  t.strictSame(ceph.tids.slice(0, 1), [1], 'the session goes on')
})

test('SESSION_RESET of Inkwire, full: the session was marked down', async (t) => {
  const { at, ceph, got, said, hears } = await scene(t, { theirs: 'lossless_peer_reuse' })
  const connection = await openSession(at, 'ceph')
  await goesOn(t, at, connection)
  connection.markDown()
  ceph.say('send', 0, 2, 1, 10)
  await hears('inkwire', 'SESSION_RESET')
  t.ok(readBool(said('inkwire', 'SESSION_RESET')[0]!.payload))
  await until('a reset there', () => ceph.events.includes('remote-reset 0'))
  ceph.say('send', 0, 3, 1, 10)
  await until('a new session', () => got.includes(3))
})

test("SESSION_RESET of Inkwire, not full: Ceph's answer to its request never came", async (t) => {
  const { at, ceph, messenger, toCeph, watch, said, hears } = await scene(t)
  watch.toCeph.cutAt(IN_SERVER_IDENT)
  toCeph.onCut = () => toCeph.refuse()
  const connection = messenger.connect(at.atCeph, { type: 'osd' })
  connection.send({ type: 2, tid: 1 })
  await until('the answer is lost', () => toCeph.cuts > 0)
  ceph.say('send', 0, 2, 1, 10)
  await hears('inkwire', 'SESSION_RESET')
  t.notOk(readBool(said('inkwire', 'SESSION_RESET')[0]!.payload))
  await until('what waited on both sides', () => at.got.includes(2) && ceph.tids.includes(1))
  await goesOn(t, at, connection)
  t.strictSame([at.got[0], ceph.tids[0]], [2, 1], 'nothing was lost or came twice')
})

test('IDENT_MISSING_FEATURES of Ceph, which requires what Inkwire does not offer', async (t) => {
  const required = 1n << 62n
  t.equal(FEATURES_SUPPORTED & required, 0n)
  const { at, messenger, hears } = await scene(t, { features: { required } })
  const refused = new Promise<string>((resolve) => {
    messenger.use({ onRefused: (_connection, { code, message }) => resolve(`${code}: ${message}`) })
  })
  messenger.connect(at.atCeph, { type: 'osd' })
  await hears('ceph', 'IDENT_MISSING_FEATURES')
  t.match(await refused, /^INK_INCOMPATIBLE: .*0x4000000000000000/)
})

test('IDENT_MISSING_FEATURES of Inkwire, when Ceph does not offer what it requires', async (t) => {
  const { ceph, messenger, hears } = await scene(t, {
    features: { supported: FEATURES_SUPPORTED & ~FEATURES_REQUIRED },
  })
  const reasons: string[] = []
  messenger.events$.subscribe((event) => {
    if ('reason' in event) reasons.push(event.reason)
  })
  await ceph.connect('osd', messenger.addresses[0] ?? '')
  await hears('inkwire', 'IDENT_MISSING_FEATURES')
  t.ok(
    reasons.some((reason) => reason.includes('lacks features that this side requires: 0x800000000000000')),
    reasons.join(),
  )
})
