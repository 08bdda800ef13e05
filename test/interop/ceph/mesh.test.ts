/**
 * Three processes with Ceph's messenger and four Inkwires in one process, each the lossless peer of all of the other kind:
 * both sides of every pair dial at once, Ceph cuts its own sockets at random, and every message arrives once and in order.
 *
 * One of Ceph's dispatches where it reads, and one lets in few bytes at a time. TOTAL=<number> sends more.
 */
import t, { type Test } from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { Messenger, peer } from '../../../src/index.ts'
import { heldPort } from '../../support/held-port.ts'
import { missingMessenger, startCephMessenger, type CephMessengerOptions } from '../../support/ceph/ceph-messenger.ts'
import { orSkip } from '../../support/or-skip.ts'
import { until } from '../../support/until.ts'
import { FAST, HURRY, upTo } from './ends.ts'

const TOTAL = Number(process.env['TOTAL'] ?? 200)
const BYTES = 300
const OURS = [11, 12, 13, 14]
/** The tids of each Inkwire begin there, so that they are told apart. */
const firstTid = (number: number): number => number * 1_000_000

type Theirs = Pick<CephMessengerOptions, 'policy' | 'fast' | 'throttleBytes'>
const THEIRS = new Map<number, Theirs>([
  [1, { policy: 'lossless_peer' }],
  [2, { policy: 'lossless_peer_reuse', fast: true }],
  [3, { policy: 'lossless_peer', throttleBytes: 2 * BYTES }],
])

async function startCeph(t: Test, number: number, theirs: Theirs) {
  const nonce = number * 7919
  const address = `v2:127.0.0.1:${await heldPort(t)}/${nonce}`
  const settings = { ...HURRY, ms_inject_socket_failures: 50 }
  return { number, address, ceph: await startCephMessenger(t, { name: `osd.${number}`, address, settings, ...theirs }) }
}

async function startInkwire(t: Test, number: number) {
  const messenger = new Messenger({ name: `osd.${number}`, policies: { default: peer(FAST) }, wire: msgr2() })
  t.teardown(() => messenger.shutdown())
  const got = new Map<string, number[]>()
  messenger.use({
    dispatch({ tid }, connection) {
      const name = connection.peer.name ?? ''
      const tids = got.get(name) ?? []
      got.set(name, tids)
      tids.push(tid)
    },
  })
  return { number, messenger, got, address: await messenger.bind('v2:127.0.0.1:0/0') }
}

const test = orSkip(t, missingMessenger)

test('everybody is a peer of everybody', { timeout: 120_000 }, async (t) => {
  const theirs = await Promise.all([...THEIRS].map(([number, options]) => startCeph(t, number, options)))
  const ours = await Promise.all(OURS.map((number) => startInkwire(t, number)))
  for (const { ceph, address } of theirs) {
    for (const { number, messenger, address: at } of ours) {
      ceph.say('send', await ceph.connect('osd', at), 1, TOTAL, BYTES)
      const connection = messenger.connect(address, { type: 'osd' })
      for (const tid of upTo(TOTAL)) {
        connection.send({ type: 2, tid: firstTid(number) + tid, data: new Uint8Array(BYTES) })
      }
    }
  }
  const arrived = (): boolean =>
    ours.every(({ got }) => got.size === theirs.length && [...got.values()].every((tids) => tids.length >= TOTAL)) &&
    theirs.every(({ ceph }) => ceph.got.length >= TOTAL * ours.length)
  await until('everything', arrived, 90_000)
  for (const { number, messenger, got } of ours) {
    for (const [name, tids] of got) t.strictSame(tids, upTo(TOTAL), `${name} to osd.${number}`)
    t.equal(messenger.connections.length, theirs.length, 'one session with each')
    for (const { number: other, ceph } of theirs) {
      const from = firstTid(number)
      const tids = ceph.tids.filter((tid) => tid > from && tid < from + firstTid(1))
      t.strictSame(
        tids.map((tid) => tid - from),
        upTo(TOTAL),
        `osd.${number} to osd.${other}`,
      )
    }
  }
})
