/** The map of monitors, as a real one sent it. */
import t from 'tap'
import { MonGetMap, MonMapMessage, readMonMap } from '../../../../src/ceph/messages/mon-map.ts'
import { captured, roundTrips, survives } from '../captured.ts'

t.test('the monitor, its address and the cluster are read', (t) => {
  roundTrips(t, MonMapMessage)
  roundTrips(t, MonGetMap)
  const [message] = captured(MonMapMessage.type)
  const bytes = MonMapMessage.read(message!)
  t.match(readMonMap(bytes), {
    fsid: '3b4aefbb-25ce-4c36-a3df-6c23122791c2',
    epoch: 1,
    modified: { seconds: 0x6b0107f7 },
    monitors: [{ name: 'a', address: 'v2:127.0.0.1:13300/0' }],
  })
  survives(t, 'the map of monitors', bytes, readMonMap)
  t.end()
})

t.test('a map of a release without names and ranks is refused', (t) => {
  const [message] = captured(MonMapMessage.type)
  const old = MonMapMessage.read(message!).slice()
  old[0] = 5
  t.throws(() => readMonMap(old), { code: 'INK_DECODE_FAILED', message: /before Ceph 13/ })
  t.end()
})
