/** Commands and their answers, against what Ceph's own tools and monitor sent. */
import t from 'tap'
import { MonCommand, MonCommandAck } from '../../../../src/ceph/messages/mon-command.ts'
import { arrived, captured, roundTrips, survives } from '../captured.ts'

t.test('commands of the tools are read and written again', (t) => {
  roundTrips(t, MonCommand)
  const message = captured(MonCommand.type).find(({ tid }) => tid === 2)!
  t.match(MonCommand.read(message), {
    fsid: '3b4aefbb-25ce-4c36-a3df-6c23122791c2',
    command: ['{"prefix": "status"}'],
  })
  survives(t, 'MonCommand', message.front, (front) => MonCommand.read({ ...message, front }))
  t.end()
})

t.test('answers of the monitor are read and written again', (t) => {
  roundTrips(t, MonCommandAck)
  const message = captured(MonCommandAck.type).find(({ tid }) => tid === 2)!
  const { result, output } = MonCommandAck.read(message)
  t.equal(result, 0)
  t.match(Buffer.from(output).toString(), /health: HEALTH_OK/)
  survives(t, 'MonCommandAck', message.front, (front) => MonCommandAck.read({ ...message, front }))
  t.end()
})

t.test('an error number stays below zero, and input travels beside the command', (t) => {
  const refused = { result: -22, status: 'no', command: ['{}'], output: new Uint8Array(0) }
  t.strictSame(MonCommandAck.read(arrived(MonCommandAck, refused)), refused)
  const asked = { fsid: '00000000-0000-0000-0000-000000000000', command: ['{}'], input: Uint8Array.of(1, 2) }
  t.strictSame(MonCommand.read(arrived(MonCommand, asked)), asked)
  t.end()
})
