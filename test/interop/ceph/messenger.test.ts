/**
 * Inkwire and a messenger of Ceph's own, as peers and as client and server: links are cut, both sides dial, sessions are
 * lost, and every message arrives once and in order, or is handed back. All of it in each way to prove names and to encrypt.
 *
 * SEED=<number> cuts elsewhere; TOTAL=<number> sends more.
 */
import t, { type Test } from 'tap'
import { losslessClient, losslessServer, lossy, peer, type Connection, type Policy } from '../../../src/index.ts'
import { missingCeph } from '../../support/ceph/ceph-cluster.ts'
import { missingMessenger, type CephPolicy } from '../../support/ceph/ceph-messenger.ts'
import { orSkip } from '../../support/or-skip.ts'
import { until } from '../../support/until.ts'
import { FAST, LIVELY, MATRIX, openSession, startEnds, startLab, upTo, type Ends, type Lab, type Who } from './ends.ts'

const SEED = Number(process.env['SEED'] ?? 1)
const TOTAL = Number(process.env['TOTAL'] ?? 400)

interface Pair {
  readonly theirs: CephPolicy
  readonly ours: Policy
  readonly dials: Who
}

const PAIRS: Pair[] = [
  { theirs: 'lossless_peer', ours: peer(FAST), dials: 'both' },
  { theirs: 'lossless_peer_reuse', ours: peer(FAST), dials: 'both' },
  { theirs: 'lossless_peer', ours: peer(FAST), dials: 'ceph' },
  { theirs: 'lossless_peer', ours: peer(FAST), dials: 'inkwire' },
  { theirs: 'lossless_client', ours: losslessServer(LIVELY), dials: 'ceph' },
  { theirs: 'stateful_server', ours: losslessClient(FAST), dials: 'inkwire' },
]

const bytesOf = (tid: number): number => (tid % 50 === 0 ? 40_000 : (tid * 37) % 3000)

/** Sends on both sides until all has come. */
async function exchange(at: Ends, connection: Connection): Promise<void> {
  for (let from = 1; from <= TOTAL; from += 20) {
    at.ceph.say('send', 0, from, 20, bytesOf(from))
    for (let tid = from; tid < from + 20; tid++) connection.send({ type: 2, tid, data: new Uint8Array(bytesOf(tid)) })
    await until(`message ${from}`, () => at.got.length >= from && at.ceph.got.length >= from)
  }
  await until('everything', () => at.got.length >= TOTAL && at.ceph.got.length >= TOTAL)
}

const test = orSkip(t, missingCeph !== false ? missingCeph : missingMessenger)

for (const way of MATRIX) {
  test(`${way.auth}, ${way.mode}`, { timeout: 300_000 }, async (t) => {
    const lab = await startLab(t, way)
    for (const pair of PAIRS) await cutAgainAndAgain(t, lab, pair)
    const also = (title: string, run: (t: Test, lab: Lab) => Promise<void>) => t.test(title, (t) => run(t, lab))
    await also('a session that Ceph marked down is reset here, and what was under way comes back', downThere)
    await also('a session that Inkwire marked down is reset at Ceph', downHere)
    await also('a Ceph that comes back under its old address and nonce is told apart: the session is lost', comesBack)
    await also('lossy sessions: a cut resets both ends, and the next dial is a new session', lossySessions)
  })
}

async function cutAgainAndAgain(t: Test, lab: Lab, { theirs, ours, dials }: Pair): Promise<void> {
  for (const lower of dials === 'both' ? (['ceph', 'inkwire'] as const) : (['ceph'] as const)) {
    const who = dials === 'both' ? `both dial, ${lower} has the lower address` : `${dials} dials`
    await t.test(`${theirs} of Ceph and ${ours.kind}, ${who}: cut again and again`, { timeout: 120_000 }, async (t) => {
      const at = await startEnds(t, { lab, theirs, ours, lower })
      const connection = await openSession(at, dials)
      const calm = [at.toCeph, at.toInkwire].map((proxy, index) => proxy.cutEvery(75_000, SEED + index))
      await exchange(at, connection)
      t.strictSame(at.got, upTo(TOTAL), 'what Ceph sent')
      t.strictSame(at.ceph.tids, upTo(TOTAL), 'what Inkwire sent')
      t.strictSame(at.resets, [])
      t.notOk(at.ceph.events.includes('remote-reset 0'))
      for (const stop of calm) stop()
      await at.messenger.shutdown()
      t.pass('everything was acked')
      t.ok(at.toCeph.cuts + at.toInkwire.cuts > 3, `${at.toCeph.cuts} and ${at.toInkwire.cuts} cuts`)
    })
  }
}

async function downThere(t: Test, lab: Lab): Promise<void> {
  const at = await startEnds(t, { lab, theirs: 'lossless_peer_reuse', ours: peer(FAST) })
  const connection = await openSession(at, 'inkwire')
  await connection.deliver({ type: 2, tid: 1 })
  // Ceph acks what it has, and forgets what waits for its handler when it marks a connection down.
  await until('it has come', () => at.ceph.tids.includes(1))
  at.toCeph.refuse()
  at.toCeph.cutAll()
  await until('the link is lost', () => connection.state !== 'open')
  connection.send({ type: 2, tid: 2 })
  at.ceph.say('down', 0)
  await at.toCeph.accept()
  await until('a reset here', () => at.resets.length === 1)
  t.match(at.resets, [{ undelivered: [{ tid: 2 }], unknown: [] }])
  await connection.deliver({ type: 2, tid: 3 })
  await until('both have come', () => at.ceph.tids.length > 1)
  t.strictSame(at.ceph.tids, [1, 3])
}

async function downHere(t: Test, lab: Lab): Promise<void> {
  const at = await startEnds(t, { lab, theirs: 'lossless_peer_reuse', ours: peer(FAST) })
  const connection = await openSession(at, 'ceph')
  at.ceph.say('send', 0, 1, 1, 10)
  await until('a message', () => at.got.length === 1)
  connection.markDown()
  at.ceph.say('send', 0, 2, 1, 10)
  await until('a reset there', () => at.ceph.events.includes('remote-reset 0') || at.got.length === 2)
  at.ceph.say('send', 0, 3, 1, 10)
  await until('a new session', () => at.got.includes(3))
  t.ok(at.ceph.events.includes('remote-reset 0'))
}

async function comesBack(t: Test, lab: Lab): Promise<void> {
  const at = await startEnds(t, { lab, theirs: 'lossless_peer_reuse', ours: peer(FAST) })
  const connection = await openSession(at, 'inkwire')
  await connection.deliver({ type: 2, tid: 1 })
  await at.ceph.end()
  await until('the link is lost', () => connection.state !== 'open')
  connection.send({ type: 2, tid: 2 })
  const again = await at.restart()
  await until('a reset', () => at.resets.length === 1)
  t.match(at.resets, [{ undelivered: [{ tid: 2 }], unknown: [] }])
  await connection.deliver({ type: 2, tid: 3 })
  await until('it has come', () => again.tids.length > 0)
  t.strictSame(again.tids, [3])
}

async function lossySessions(t: Test, lab: Lab): Promise<void> {
  for (const [theirs, dials] of [
    ['stateless_server', 'inkwire'],
    ['stateless_registered_server', 'inkwire'],
    ['lossy_client', 'ceph'],
  ] as const) {
    const at = await startEnds(t, { lab, theirs, ours: lossy(FAST) })
    for (const round of [1, 2]) {
      const connection = dials === 'inkwire' ? at.messenger.connect(at.atCeph, { type: 'osd' }) : null
      const [number, ours] = await lossySession(at, connection)
      at.ceph.say('send', number, round, 1, 100)
      ours.send({ type: 2, tid: round })
      await until('a message each way', () => at.got.length === round && at.ceph.got.length === round)
      const told = (): number => at.ceph.events.filter((event) => event === `reset ${number}`).length
      const before = told()
      ;(dials === 'inkwire' ? at.toCeph : at.toInkwire).cutAll()
      await until('a reset at both ends', () => at.resets.length === round && told() > before)
    }
    t.strictSame([at.got, at.ceph.tids], [upTo(2), upTo(2)], theirs)
  }
}

async function lossySession(at: Ends, ours: Connection | null): Promise<[number, Connection]> {
  const { ceph, messenger, resets, connections } = at
  if (ours !== null) {
    const accepted = (): string[] => ceph.events.filter((event) => event.startsWith('accepted'))
    await until('Ceph accepts', () => accepted().length > resets.length)
    return [Number(accepted().at(-1)?.split(' ')[1]), ours]
  }
  const number = await ceph.connect('osd', messenger.addresses[0] ?? '')
  await until('Inkwire accepts', () => connections().length > 0)
  return [number, connections()[0]!]
}
