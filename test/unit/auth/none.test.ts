/** none: believes everybody, in one round trip, and takes nothing else for itself. */
import t from 'tap'
import { none } from '../../../src/auth/none.ts'
import { refused } from './refused.ts'

const EMPTY = new Uint8Array(0)
const TRANSCRIPT = { dialler: EMPTY, acceptor: EMPTY }
const noRandom = () => t.fail('none() needs no random bytes') as never

t.test('an empty request is answered with an empty done', (t) => {
  const method = none()
  t.equal(method.name, 'none')
  const dialler = method.dialler('client.1', noRandom)
  const acceptor = method.acceptor('osd.1', noRandom)
  const request = dialler.request()
  t.equal(request.length, 0)
  const answer = acceptor.request(request, TRANSCRIPT, 'client.1')
  t.equal(answer.kind, 'done')
  t.doesNotThrow(() => dialler.done(answer.payload, TRANSCRIPT, 'osd.1'))
  t.end()
})

t.test('everything else is refused', (t) => {
  const dialler = none().dialler('client.1', noRandom)
  const acceptor = none().acceptor('osd.1', noRandom)
  refused(t, () => acceptor.request(new Uint8Array(1), TRANSCRIPT, 'client.1'))
  refused(t, () => acceptor.response(EMPTY, TRANSCRIPT, 'client.1'))
  refused(t, () => dialler.challenge(EMPTY, TRANSCRIPT, 'osd.1'))
  refused(t, () => dialler.done(new Uint8Array(1), TRANSCRIPT, 'osd.1'))
  t.end()
})
