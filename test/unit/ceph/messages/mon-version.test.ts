/** The question for the newest version of a map. No session of a tool was captured with it; a real monitor answers it in interop. */
import t from 'tap'
import { MonGetVersion, MonGetVersionReply } from '../../../../src/ceph/messages/mon-version.ts'
import { arrived, survives } from '../captured.ts'

t.test('question and answer are read as written', (t) => {
  const asked = { handle: 3, topic: 'osdmap' }
  const question = arrived(MonGetVersion, asked)
  t.equal(Buffer.from(question.front).toString('hex'), '0300000000000000' + '06000000' + '6f73646d6170')
  t.strictSame(MonGetVersion.read(question), asked)
  survives(t, 'MonGetVersion', question.front, (front) => MonGetVersion.read({ ...question, front }))
  const told = { handle: 3, newest: 9, oldest: 1 }
  const answer = arrived(MonGetVersionReply, told)
  t.strictSame(MonGetVersionReply.read(answer), told)
  t.strictSame(MonGetVersionReply.read({ ...answer, version: 1 }), { ...told, oldest: 0 }, 'an older one says less')
  survives(t, 'MonGetVersionReply', answer.front, (front) => MonGetVersionReply.read({ ...answer, front }))
  t.end()
})
