/** Logins at a monitor: it answers who is logged in, refuses with a number, and leaves all else to the application. */
import t from 'tap'
import { MESSAGE_AUTH, MESSAGE_AUTH_REPLY, readAuthReply, writeAuth } from '../../../../src/ceph/cephx/auth-messages.ts'
import { REQUEST } from '../../../../src/ceph/cephx/authority.ts'
import { InboundMessage } from '../../../../src/wire/message.ts'
import { Writer } from '../../../../src/ceph/msgr2/codec.ts'
import { auth, served, still, type Said } from './handshakes.ts'

function set() {
  const failures: string[] = []
  const sent: Said[] = []
  const authService = auth().service(still('mon.0', { failed: (_session, reason) => void failures.push(reason) }))
  const session = served((message) => void sent.push(message))
  const receive = (front: Uint8Array, type = MESSAGE_AUTH): boolean => {
    const { buffer, byteOffset, length } = front
    const message = new InboundMessage(type, 1, 200, 77, 1, 0, 0, 0, buffer, byteOffset, length, 0, 0)
    return authService.message(session, message) === 'taken'
  }
  return { authService, session, sent, failures, receive }
}

const note = (name: string) => ({ kind: 'client', login: { name, globalId: 4107n, challenge: 1n } })
const rotating = writeAuth(new Writer().u16(REQUEST.ROTATING_KEY).done())

t.test('a service gets its secrets; the reply belongs to the question', (t) => {
  const { authService, session, sent, failures, receive } = set()
  authService.adopted(session, { note: note('osd.1') })
  t.ok(receive(rotating))
  t.match(sent, [{ type: MESSAGE_AUTH_REPLY, tid: 77, priority: 200 }])
  t.match(readAuthReply(sent[0]!.front), { result: 0, globalId: 4107n })
  t.strictSame(failures, [])
  t.end()
})

t.test('a refusal is a number to the peer and a reason to the operator', (t) => {
  const { authService, session, sent, failures, receive } = set()
  authService.adopted(session, { note: note('client.admin') })
  t.ok(receive(rotating))
  t.ok(receive(new Uint8Array(3)))
  t.ok(receive(new Writer().raw(rotating.subarray(0, 18)).u32(1).blob(new Uint8Array(0)).done()))
  t.strictSame(
    sent.map(({ front }) => readAuthReply(front).result),
    [-13, -22, -22],
  )
  t.match(failures, [/client.admin was refused: client.admin is no service/, /too early/, /by method 1/])
  t.end()
})

t.test('who is not logged in is not answered', (t) => {
  const { authService, session, sent, receive } = set()
  t.notOk(receive(rotating))
  authService.adopted(session, { note: note('osd.1') })
  t.notOk(receive(rotating, 50), "another message is the application's")
  authService.adopted(session, { note: null })
  t.notOk(receive(rotating), 'the link changed hands')
  authService.adopted(session, { note: note('osd.1') })
  authService.ended(session)
  t.notOk(receive(rotating))
  authService.adopted(session, { note: note('osd.1') })
  authService.stop()
  t.notOk(receive(rotating))
  t.strictSame(sent, [])
  t.end()
})
