/** Sessions with OSDs, in simulated time: when they end, and that a bad one takes no other with it. */
import t from 'tap'
import { OsdOpReply } from '../../../src/ceph/messages/osd-op-reply.ts'
import { OsdBackoff, BACKOFF } from '../../../src/ceph/messages/osd-backoff.ts'
import { bytes, inLab } from './lab.ts'

t.test('an answer that does not decode ends the session, and the request is asked again', (t) =>
  inLab(async ({ osd, objects }) => {
    let bad = 1
    osd.intercept = (message, connection) => {
      if (bad-- <= 0) return false
      connection.send({ type: OsdOpReply.type, version: 8, tid: message.tid, front: Uint8Array.of(255, 255, 255, 255) })
      return true
    }
    await objects.write('a', bytes('x'))
    t.strictSame(
      osd.requests.map(({ attempt }) => attempt),
      [0, 1],
    )
  }),
)

t.test('more blocks than the limit end the session', (t) =>
  inLab(async ({ osd, objects }) => {
    let greedy = true
    osd.intercept = (message, connection) => {
      if (message.type !== 42 || !greedy) return message.type !== 42
      greedy = false
      const { group } = osd.requests[0]!
      for (let id = 0n; id <= 1024n; id++) {
        connection.send(OsdBackoff.make({ group, epoch: 1, op: BACKOFF.BLOCK, id, range: new Uint8Array(0) }))
      }
      return true
    }
    await objects.write('a', bytes('x'))
    t.equal(osd.requests.length, 2, 'in a session without blocks')
  }),
)

t.test('the session with an OSD that left the map ends', (t) =>
  inLab(async ({ cluster, osd, messenger, monitors, objects }) => {
    await objects.write('a', bytes('x'))
    t.ok(messenger.connections.some(({ peer }) => peer.address === osd.address))
    cluster.osds.length = 0
    cluster.publish()
    await monitors.osdMap({ epoch: 2 })
    t.notOk(messenger.connections.some(({ peer }) => peer.address === osd.address))
  }),
)
