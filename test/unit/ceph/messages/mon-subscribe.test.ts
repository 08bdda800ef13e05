/** Subscriptions, against what Ceph's own tools sent. */
import t from 'tap'
import { MonSubscribe } from '../../../../src/ceph/messages/mon-subscribe.ts'
import { captured, roundTrips, survives } from '../captured.ts'

t.test('what the tools sent is read and written again', (t) => {
  roundTrips(t, MonSubscribe)
  const [first] = captured(MonSubscribe.type)
  t.strictSame(MonSubscribe.read(first!), {
    topics: new Map([
      ['config', { start: 0, once: false }],
      ['monmap', { start: 0, once: false }],
    ]),
    hostname: 'vm',
  })
  survives(t, 'MonSubscribe', first!.front, (front) => MonSubscribe.read({ ...first!, front }))
  t.end()
})

t.test('topics are sorted, and one that is wanted once says so', (t) => {
  const topics = new Map([
    ['osdmap', { start: 7, once: true }],
    ['monmap', { start: 2, once: false }],
  ])
  const { front } = MonSubscribe.make({ topics, hostname: '' })
  const read = MonSubscribe.read({ type: 15, version: 3, front: front as Uint8Array, data: new Uint8Array(0) })
  t.strictSame([...read.topics.keys()], ['monmap', 'osdmap'])
  t.strictSame(read.topics.get('osdmap'), { start: 7, once: true })
  t.end()
})
