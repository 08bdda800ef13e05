/** That an authentication method is anybody's code: what it throws, or answers wrongly or too late, refuses and proves nothing. */
import t from 'tap'
import { none } from '../../../../src/auth/none.ts'
import type { AuthAcceptor, AuthDialler, AuthMethod } from '../../../../src/wire/auth-method.ts'
import { hostileValues } from '../../../support/hostile-values.ts'
import { OFFER, pair, shake } from './pair.ts'

const BYTES = Uint8Array.of(1, 2, 3)
const SECRET = 'the method failed inside'

/** A method that challenges and believes everybody, but for what is changed. */
function method(dialler: Partial<AuthDialler> = {}, acceptor: Partial<AuthAcceptor> = {}): AuthMethod {
  return {
    name: 'odd',
    dialler: () => ({ request: () => BYTES, challenge: () => BYTES, done: () => undefined, ...dialler }),
    acceptor: () => ({ request: () => ({ kind: 'challenge', payload: BYTES }), response: () => BYTES, ...acceptor }),
  }
}

function raise(): never {
  throw new RangeError(SECRET)
}

const late = (): never => Promise.reject(new Error('much later')) as never
const wrong = (value: unknown) => (): never => value as never

/** What can go wrong, and at which end that is known. */
const CASES: readonly (readonly [what: string, auth: AuthMethod, at: 'dialler' | 'acceptor', why: RegExp])[] = [
  ['the factory throws', { ...method(), dialler: raise }, 'dialler', /RangeError: the method failed inside/],
  ['the factory is late', { ...method(), dialler: late }, 'dialler', /a promise without request\(\)/],
  ['no request', { ...method(), dialler: wrong({}) }, 'dialler', /an object without request\(\)/],
  ['request throws', method({ request: raise }), 'dialler', /the method failed inside/],
  ['request is late', method({ request: late }), 'dialler', /a promise where bytes are due at once/],
  ['challenge throws', method({ challenge: raise }), 'dialler', /the method failed inside/],
  ['challenge gives text', method({ challenge: wrong('abc') }), 'dialler', /"abc" where bytes are due/],
  ['done throws', method({ done: raise }), 'dialler', /the method failed inside/],
  ['done is late', method({ done: late }), 'dialler', /a promise: only what it throws at once refuses/],
  ['done answers false', method({ done: wrong(false) }), 'dialler', /false: only what it throws/],
  ['the factory throws', { ...method(), acceptor: raise }, 'acceptor', /the method failed inside/],
  ['the factory gives nothing', { ...method(), acceptor: wrong(undefined) }, 'acceptor', /undefined without request/],
  ['request throws', method({}, { request: raise }), 'acceptor', /the method failed inside/],
  ['request is late', method({}, { request: late }), 'acceptor', /a promise where \{ kind/],
  ['request of another kind', method({}, { request: wrong({ kind: 'yes' }) }), 'acceptor', /where \{ kind/],
  ['request without bytes', method({}, { request: wrong({ kind: 'done' }) }), 'acceptor', /undefined where bytes/],
  ['response throws', method({}, { response: raise }), 'acceptor', /the method failed inside/],
  ['response is late', method({}, { response: late }), 'acceptor', /a promise where bytes/],
]

t.test('the method as it is meant opens a session', (t) => {
  const both = pair({ dialler: { auth: method() }, acceptor: { auth: method() } })
  both.dialler.wire.open(OFFER)
  shake(both)
  t.equal(both.acceptor.sink.all('confirmed').length, 1)
  t.end()
})

t.test('what it is given is its own: later bytes of the link change nothing of what it keeps', (t) => {
  const kept: Uint8Array[] = []
  const keep = (payload: Uint8Array): Uint8Array => {
    kept.push(payload)
    return BYTES
  }
  const auth = method(
    { challenge: keep, done: (payload) => void keep(payload) },
    { request: (payload) => ({ kind: 'challenge', payload: keep(payload) }), response: keep },
  )
  const both = pair({ dialler: { auth }, acceptor: { auth } })
  both.dialler.wire.open(OFFER)
  shake(both)
  t.strictSame(
    kept.map((payload) => [payload, payload.buffer.byteLength]),
    Array.from({ length: 4 }, () => [BYTES, BYTES.length]),
  )
  t.end()
})

t.test('what it does wrong refuses, says why at that end and only there, and is believed by nobody', async (t) => {
  for (const [what, auth, at, why] of CASES) {
    const both = pair({ dialler: { auth }, acceptor: { auth } })
    both.dialler.wire.open(OFFER)
    shake(both)
    const { sink } = both[at]
    const other = both[at === 'dialler' ? 'acceptor' : 'dialler'].sink
    t.match(sink.faulted, /^INK_AUTH_REFUSED: the authentication method failed/, `${at}, ${what}`)
    t.match(sink.faulted, why, `${at}, ${what}`)
    t.notMatch(other.faulted ?? '', new RegExp(SECRET), `${at}, ${what}: the reason stays here`)
    t.equal(both.acceptor.sink.all('confirmed').length, 0)
    t.equal(both.dialler.sink.all('opened').length, 0)
  }
  // A promise that nobody waits for would end the process by now.
  await new Promise((resolve) => setImmediate(resolve))
})

t.test('also what cannot be described', (t) => {
  for (const [what, value] of hostileValues()) {
    const raises = (): never => {
      throw value
    }
    const auth = { ...none(), acceptor: raises }
    const both = pair({ dialler: { auth: none() }, acceptor: { auth } })
    both.dialler.wire.open(OFFER)
    shake(both)
    t.match(both.acceptor.sink.faulted, /^INK_AUTH_REFUSED: /, what)
    const dialling = pair({ dialler: { auth: { ...none(), dialler: raises } } })
    t.doesNotThrow(() => dialling.dialler.wire.open(OFFER), what)
    t.match(dialling.dialler.sink.faulted, /^INK_AUTH_REFUSED: /, what)
  }
  t.end()
})
