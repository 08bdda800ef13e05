/** The options of sharedSecret(): which secret is whose, and what is refused without a word of it. */
import { inspect } from 'node:util'
import t from 'tap'
import { AUTH_BOUNDS, makeKeyring } from '../../../src/auth/shared-secret-options.ts'
import type { SharedSecretOptions } from '../../../src/auth/shared-secret-options.ts'

const SECRET = 'correct horse battery staple'
const OTHER = 'another secret, also long'

function secretText(keyring: ReturnType<typeof makeKeyring>, name: string): string | undefined {
  return keyring.secretOf(name)?.export().toString()
}

t.test('one secret is for everybody', (t) => {
  const keyring = makeKeyring({ secret: SECRET })
  t.equal(secretText(keyring, 'client.x'), SECRET)
  t.ok(keyring.accepts('osd.1'))
  t.end()
})

t.test('the most exact key wins', (t) => {
  const keyring = makeKeyring({ keys: { 'osd.*': OTHER, 'osd.1': SECRET } })
  t.equal(secretText(keyring, 'osd.1'), SECRET)
  t.equal(secretText(keyring, 'osd.2'), OTHER)
  t.equal(secretText(keyring, 'client.1'), undefined)
  t.equal(secretText(makeKeyring({ keys: { '*': SECRET } }), 'client.1'), SECRET)
  t.end()
})

t.test('accept names whom a dialler believes', (t) => {
  const keyring = makeKeyring({ secret: SECRET, accept: ['osd.*', 'mon.a'] })
  t.strictSame(
    ['osd.1', 'mon.a', 'mon.b', 'mds.1'].map((name) => keyring.accepts(name)),
    [true, true, false, false],
  )
  t.ok(makeKeyring({ secret: SECRET, accept: ['*'] }).accepts('mds.1'))
  t.end()
})

t.test('the secret is copied', (t) => {
  const bytes = new Uint8Array(32).fill(7)
  const keyring = makeKeyring({ secret: bytes })
  bytes.fill(0)
  t.equal(keyring.secretOf('osd.1')?.export()[0], 7)
  t.end()
})

t.test('what cannot be is refused, and the message repeats no value', (t) => {
  const cases: [unknown, RegExp][] = [
    [undefined, /takes either secret, for everybody, or keys/],
    [SECRET, /takes an object of options, got a string/],
    [new Uint8Array(32), /takes an object of options, got a Uint8Array/],
    [{}, /takes either secret, for everybody, or keys/],
    [{ secret: SECRET, keys: { '*': SECRET } }, /takes either/],
    [{ secret: SECRET, key: SECRET }, /has no option "key"; did you mean "keys"/],
    [{ secret: 'short secret' }, /must have 16 to 1024 characters, and has 12.*openssl/],
    [{ secret: new Uint8Array(15) }, /must have 16 to 1024 bytes, and has 15/],
    [{ secret: SECRET.repeat(100) }, /must have 16 to 1024 characters/],
    [{ secret: 1234567890 }, /must be a string or a Uint8Array, got a number/],
    [{ keys: SECRET }, /keys takes an object of options, got a string/],
    [{ keys: {} }, /keys is empty/],
    [{ keys: { osd: SECRET } }, /a name that is none; names are such as "osd\.3", "osd\.\*"/],
    [{ keys: { [SECRET]: 'osd.1' } }, /a name that is none/],
    [{ keys: { 'osd.1': null } }, /keys\["osd\.1"\] must be a string or a Uint8Array, got null/],
    [{ secret: SECRET, accept: [] }, /accept must be a list of at least one name/],
    [{ secret: SECRET, accept: 'osd.*' }, /accept must be a list/],
    [{ secret: SECRET, accept: [SECRET] }, /accept must be a list/],
  ]
  for (const [options, message] of cases) {
    try {
      makeKeyring(options as SharedSecretOptions)
      t.fail(`accepted: ${message.source}`)
    } catch (error) {
      t.match(error, { code: 'INK_BAD_OPTION', message })
      t.notMatch(inspect(error), /correct horse|short secret|1234567890/, 'no secret in it')
    }
  }
  t.end()
})

t.test('the number of keys is bounded', (t) => {
  const names = Array.from({ length: AUTH_BOUNDS.keysMax + 1 }, (_, index) => [`osd.${index}`, SECRET])
  t.throws(() => makeKeyring({ keys: Object.fromEntries(names) as Record<string, string> }), {
    message: /16384 entries/,
  })
  t.end()
})
