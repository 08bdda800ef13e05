/** The requests and replies of Ceph's messenger benchmark, with Inkwire at either end: what comes decodes, all of it, in order. */
import t from 'tap'
import { msgr2, OsdOp, OsdOpReply } from '../../../src/ceph/index.ts'
import { lossy, Messenger } from '../../../src/index.ts'
import type { Message } from '../../../src/index.ts'
import { CephPerf } from '../../support/ceph/ceph-perf.ts'
import { orSkip } from '../../support/or-skip.ts'
import { until, within } from '../../support/until.ts'

const perf = new CephPerf(new URL('../../support/ceph/ceph-perf.cc', import.meta.url).pathname)
const test = orSkip(t, perf.missing)

const GROUP = { pool: 1, seed: 0, shard: -1 }
const VERSION = { version: 0, epoch: 0 }
const REPLY = {
  ...{ object: '', group: GROUP, flags: 0, result: 0, epoch: 1, attempt: 0, results: [] },
  ...{ version: VERSION, legacyVersion: VERSION, objectVersion: 0, redirected: false },
}
const REQUEST = {
  ...{ group: GROUP, hash: 0, epoch: 1, flags: 0, time: { seconds: 0, nanoseconds: 0 }, object: 'a', namespace: '' },
  ...{ position: null, ops: [], attempt: 0, features: 0n },
}
const PING = 2

function messenger(name: string): Messenger {
  const made = new Messenger({ name, policies: { default: lossy() }, wire: msgr2() })
  t.teardown(() => made.shutdown())
  return made
}

for (const how of ['dispatch', 'fastDispatch'] as const) {
  test(`Ceph's client of an Inkwire server, by ${how}`, { timeout: 60_000 }, async (t) => {
    const server = messenger('osd.0')
    let expected = 1
    let wrong = 0
    const take = (message: Message): void => {
      const { tid } = message
      const body = OsdOp.read(message)
      if (tid !== expected++ || body.data.length !== 3000 || body.data[2999] !== 99) wrong++
    }
    server.use(
      how === 'dispatch'
        ? {
            dispatch(message, connection) {
              take(message)
              connection.send(OsdOpReply.make(REPLY, { tid: message.tid }))
            },
          }
        : {
            fastDispatch(message, connection) {
              take(message)
              return connection.send(OsdOpReply.make(REPLY, { tid: message.tid })) || true
            },
          },
    )
    const address = await server.bind('v2:127.0.0.1:0/0')
    const load = { bytes: 3000, inflight: 64, warmMs: 10, ms: 300 }
    const { count } = await within('the client ends', perf.drive('usual', address, load))
    t.ok(count > 0, `${count} replies in ${load.ms} ms`)
    t.ok(expected > count, 'none was invented')
    t.equal(wrong, 0)
  })
}

test('an Inkwire client of Ceph’s server', { timeout: 60_000 }, async (t) => {
  const server = await perf.serve('usual')
  t.teardown(() => server.end())
  const client = messenger('client.?')
  const got: number[] = []
  client.use({
    dispatch(message) {
      OsdOpReply.read(message)
      got.push(message.tid)
    },
  })
  const connection = client.connect(server.address, { type: 'osd' })
  const tids = Array.from({ length: 300 }, (_, index) => index + 1)
  for (const tid of tids) connection.send(OsdOp.make({ ...REQUEST, data: new Uint8Array(tid * 97) }, { tid }))
  await until('every reply', () => got.length >= tids.length)
  t.strictSame(got, tids)
})

test('the least that can be asked: pings both ways', { timeout: 60_000 }, async (t) => {
  const server = messenger('osd.0')
  const types = new Set<number>()
  server.use({
    dispatch(message, connection) {
      types.add(message.type)
      connection.send({ type: PING, version: 1, tid: message.tid })
    },
  })
  const address = await server.bind('v2:127.0.0.1:0/0')
  const load = { bytes: 0, inflight: 1, warmMs: 10, ms: 200 }
  const { count, p50 } = await within('the client ends', perf.drive('best', address, load))
  t.ok(count > 0 && p50 > 0, `${count} replies, ${p50} µs`)
  t.strictSame([...types], [PING])
})
