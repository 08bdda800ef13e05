/** Maps of OSDs on their way, as a real monitor sent them. */
import t from 'tap'
import { OsdMapMessage } from '../../../../src/ceph/messages/osd-map-message.ts'
import { captured, roundTrips, survives } from '../captured.ts'

t.test('epochs and maps are read and written again', (t) => {
  roundTrips(t, OsdMapMessage)
  const [message] = captured(OsdMapMessage.type)
  const { fsid, changes, maps, oldest, newest } = OsdMapMessage.read(message!)
  t.equal(fsid, '3b4aefbb-25ce-4c36-a3df-6c23122791c2')
  t.strictSame([changes.size, [...maps.keys()], oldest, newest], [0, [8], 1, 8])
  survives(t, 'OsdMapMessage', message!.front, (front) => OsdMapMessage.read({ ...message!, front }))
  t.end()
})
