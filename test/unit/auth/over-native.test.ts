/** The methods inside the real greeting: both ends must see the same transcripts. */
import t from 'tap'
import { none } from '../../../src/auth/none.ts'
import { sharedSecret } from '../../../src/auth/shared-secret.ts'
import { OFFER, pair, shake } from '../wire/native/pair.ts'

const SECRET = 'correct horse battery staple'

t.test('with the same secret, a session opens with one more round trip', (t) => {
  const auth = sharedSecret({ keys: { 'osd.*': SECRET } })
  const both = pair({ dialler: { auth }, acceptor: { auth } })
  both.dialler.wire.open(OFFER)
  t.equal(shake(both).length, 5)
  t.strictSame([both.dialler.sink.faulted, both.acceptor.sink.faulted], [undefined, undefined])
  t.equal(both.acceptor.sink.all('confirmed').length, 1)
  t.end()
})

t.test('otherwise it does not', (t) => {
  const auths = [
    [sharedSecret({ secret: SECRET }), sharedSecret({ secret: `${SECRET}!` })],
    [sharedSecret({ secret: SECRET }), sharedSecret({ keys: { 'client.*': SECRET } })],
    [sharedSecret({ secret: SECRET, accept: ['mon.*'] }), sharedSecret({ secret: SECRET })],
    [sharedSecret({ secret: SECRET }), none()],
    [none(), sharedSecret({ secret: SECRET })],
  ] as const
  for (const [dialler, acceptor] of auths) {
    const both = pair({ dialler: { auth: dialler }, acceptor: { auth: acceptor } })
    both.dialler.wire.open(OFFER)
    shake(both)
    t.equal(both.acceptor.sink.all('offer').length, 0, 'the acceptor hears of no offer')
    t.match(both.dialler.sink.all('rejected'), [], 'nobody has proved a verdict')
    t.match(both.dialler.sink.faulted, /^INK_AUTH_REFUSED: /)
  }
  t.end()
})
