/** The monitors' configuration for a client. */
import t from 'tap'
import { Config } from '../../../../src/ceph/messages/config.ts'
import { arrived, roundTrips, survives } from '../captured.ts'

t.test('options by name are read as written, and as Ceph writes them', (t) => {
  roundTrips(t, Config)
  const options = new Map([
    ['debug_ms', '1'],
    ['log_to_file', 'true'],
  ])
  const message = arrived(Config, options)
  t.strictSame(Config.read(message), options)
  survives(t, 'Config', message.front, (front) => Config.read({ ...message, front }))
  t.end()
})
