/** shared-secret: what convinces either end, and every change that does not. */
import { createHash, createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import t from 'tap'
import { sharedSecret } from '../../../src/auth/shared-secret.ts'
import type { SharedSecretOptions } from '../../../src/auth/shared-secret-options.ts'
import { refused } from './refused.ts'

const SECRET = 'correct horse battery staple'
const OTHER = 'another secret, also long'

type Step = 'request' | 'challenge' | 'response' | 'done'
type Tamper = Partial<Record<Step, (payload: Uint8Array) => Uint8Array>>

interface Setting {
  dialler?: SharedSecretOptions
  acceptor?: SharedSecretOptions
  /** Names as they are, and as the other end hears them. */
  diallerName?: string
  acceptorName?: string
  diallerClaims?: string
  acceptorClaims?: string
  tamper?: Tamper
  /** What the acceptor sees of the greeting, when it is not what the dialler sent. */
  heard?: { dialler?: string; acceptor?: string }
}

let counter = 0
function randomBytes(count: number): Uint8Array {
  return new Uint8Array(count).fill(++counter)
}

/** A greeting as the wire makes it: transcripts grow frame by frame; `acceptor` never has the frame in the making. */
function handshake(setting: Setting): Record<Step, Uint8Array> {
  const { diallerName = 'client.1', acceptorName = 'osd.1', tamper = {}, heard = {} } = setting
  const { diallerClaims = diallerName, acceptorClaims = acceptorName } = setting
  const dialler = sharedSecret(setting.dialler ?? { secret: SECRET }).dialler(diallerName, randomBytes)
  const acceptor = sharedSecret(setting.acceptor ?? { secret: SECRET }).acceptor(acceptorName, randomBytes)
  const pass = (step: Step, payload: Uint8Array) => tamper[step]?.(payload.slice()) ?? payload

  const request = dialler.request()
  const said = { dialler: bytes(`banner hello open ${hex(request)}`), acceptor: bytes('banner hello') }
  const saidHere = {
    dialler: heard.dialler === undefined ? said.dialler : bytes(heard.dialler),
    acceptor: heard.acceptor === undefined ? said.acceptor : bytes(heard.acceptor),
  }
  const challenge = acceptor.request(pass('request', request), saidHere, diallerClaims).payload
  const response = dialler.challenge(pass('challenge', challenge), said, acceptorClaims)
  const after = (before: Uint8Array) => bytes(hex(before) + hex(challenge))
  const done = acceptor.response(
    pass('response', response),
    { ...saidHere, acceptor: after(saidHere.acceptor) },
    diallerClaims,
  )
  dialler.done(pass('done', done), { ...said, acceptor: after(said.acceptor) }, acceptorClaims)
  return { request, challenge, response, done }
}

t.test('two ends with the same secret believe each other', (t) => {
  const { request, challenge, response, done } = handshake({})
  t.strictSame(
    [request, challenge, response, done].map((payload) => payload.length),
    [32, 64, 32, 32],
  )
  handshake({ dialler: { keys: { 'client.1': OTHER } }, acceptor: { keys: { 'client.*': OTHER, '*': SECRET } } })
  handshake({ dialler: { secret: bytes(SECRET) }, acceptor: { secret: SECRET } })
  handshake({ dialler: { secret: SECRET, accept: ['osd.*'] } })
  t.equal(sharedSecret({ secret: SECRET }).name, 'shared-secret')
  t.end()
})

t.test(
  'a proof covers each part with its length before it, so that no byte can go from one part to its neighbour',
  (t) => {
    const { request, challenge } = handshake({})
    const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
    const key = createHmac('sha256', SECRET).update('inkwire shared-secret 1: key of the dialler client.1').digest()
    const proof = createHmac('sha256', key)
    const parts = ['inkwire acceptor', 'shared-secret', 'client.1', 'osd.1', request, challenge.subarray(0, 32)]
    for (const part of [...parts, sha256(`banner hello open ${hex(request)}`), sha256('banner hello')]) {
      proof.update(Uint8Array.of(0, 0, 0, part.length)).update(part)
    }
    t.equal(hex(challenge.subarray(32)), proof.digest('hex'))
    t.end()
  },
)

t.test('another secret is refused, and the reason says where to look', (t) => {
  refused(
    t,
    () => handshake({ dialler: { secret: OTHER } }),
    'osd.1 did not prove to client.1 that it knows the same secret: compare their sharedSecret()',
  )
  refused(t, () => handshake({ dialler: { secret: OTHER } }))
  t.end()
})

t.test('any flipped bit of any payload is refused', (t) => {
  const lengths = { request: 32, challenge: 64, response: 32, done: 32 }
  for (const step of Object.keys(lengths) as Step[]) {
    for (let index = 0; index < lengths[step]; index++) {
      const flip = (payload: Uint8Array) => {
        payload[index]! ^= 1 << (index & 7)
        return payload
      }
      refused(t, () => handshake({ tamper: { [step]: flip } }))
    }
    for (const wrong of [(all: Uint8Array) => all.subarray(1), (all: Uint8Array) => bytes(`x${hex(all)}`)]) {
      refused(t, () => handshake({ tamper: { [step]: wrong } }))
    }
  }
  t.end()
})

t.test('a changed greeting is refused', (t) => {
  refused(t, () => handshake({ heard: { dialler: 'banner hello open with another policy' } }))
  refused(t, () => handshake({ heard: { acceptor: 'banner hello of somebody else' } }))
  t.end()
})

t.test('a name that is not proven is refused', (t) => {
  refused(t, () => handshake({ diallerClaims: 'client.2' }))
  refused(t, () => handshake({ acceptorClaims: 'osd.2' }))
  const keys = { 'client.1': SECRET, 'client.2': OTHER }
  refused(t, () => handshake({ acceptor: { keys }, diallerClaims: 'client.2' }))
  t.end()
})

t.test('a name without a secret is refused by name', (t) => {
  refused(
    t,
    () => handshake({ acceptor: { keys: { 'mds.*': SECRET } } }),
    'osd.1 has no secret for client.1: give its sharedSecret() keys["client.1"] or keys["client.*"] or keys["*"]',
  )
  refused(t, () => handshake({ dialler: { keys: { 'osd.1': SECRET } } }), /^client\.1 has no secret for client\.1/)
  t.end()
})

t.test('a name that is none goes into no reason', (t) => {
  for (const claims of ['*', 'client.*', 'client', 'a\nb', 'x'.repeat(4000)]) {
    refused(t, () => handshake({ diallerClaims: claims }), /is not an entity name/)
    refused(t, () => handshake({ acceptorClaims: claims }), /is not an entity name/)
  }
  t.end()
})

t.test('an acceptor that is not accepted gets no answer', (t) => {
  refused(
    t,
    () => handshake({ dialler: { secret: SECRET, accept: ['mon.*'] } }),
    'client.1 does not accept osd.1: its sharedSecret() names others in "accept"',
  )
  t.end()
})

t.test('no step can be left out or done twice', (t) => {
  const method = sharedSecret({ secret: SECRET })
  const transcript = { dialler: bytes('d'), acceptor: bytes('a') }
  const none = new Uint8Array(0)
  const early = method.dialler('client.1', randomBytes)
  refused(t, () => early.challenge(new Uint8Array(64), transcript, 'osd.1'))
  early.request()
  refused(t, () => early.done(none, transcript, 'osd.1'))
  refused(t, () => early.request())

  const acceptor = method.acceptor('osd.1', randomBytes)
  refused(t, () => acceptor.response(new Uint8Array(32), transcript, 'client.1'))
  acceptor.request(new Uint8Array(32), transcript, 'client.1')
  refused(t, () => acceptor.request(new Uint8Array(32), transcript, 'client.1'))
  refused(t, () => acceptor.response(new Uint8Array(32), transcript, 'client.1'), /did not prove/)
  refused(t, () => acceptor.response(new Uint8Array(32), transcript, 'client.1'), /out of order/) // one guess

  const other = method.acceptor('osd.1', randomBytes)
  other.request(new Uint8Array(32), transcript, 'client.1')
  refused(t, () => other.response(new Uint8Array(32), transcript, 'client.2'), /out of order/)

  const late = method.dialler('client.1', randomBytes)
  const answering = method.acceptor('osd.1', randomBytes)
  const asked = answering.request(late.request(), transcript, 'client.1').payload
  const proof = late.challenge(asked, transcript, 'osd.1')
  refused(t, () => late.challenge(asked, transcript, 'osd.1'), /out of order/)
  const done = answering.response(proof, transcript, 'client.1')
  refused(t, () => late.done(done, transcript, 'osd.2'), /out of order/)
  t.end()
})

t.test('a proof sent back to its maker convinces nobody', (t) => {
  let acceptorProof = new Uint8Array(0)
  const tamper: Tamper = {
    challenge: (payload) => {
      acceptorProof = payload.slice(32)
      return payload
    },
    response: () => acceptorProof,
  }
  refused(t, () => handshake({ tamper }), /client\.1 did not prove/)
  refused(t, () => handshake({ tamper: { done: () => acceptorProof } }), /osd\.1 did not prove/)
  t.end()
})

t.test('no two handshakes look alike', (t) => {
  const one = handshake({})
  const two = handshake({})
  for (const step of Object.keys(one) as Step[]) t.notSame(one[step], two[step], step)
  t.end()
})

t.test('buffers that are used again do no harm', (t) => {
  const method = sharedSecret({ secret: SECRET })
  const dialler = method.dialler('client.1', randomBytes)
  const acceptor = method.acceptor('osd.1', randomBytes)
  const scratch = new Uint8Array(64)
  const lend = (payload: Uint8Array) => {
    scratch.set(payload)
    return scratch.subarray(0, payload.length)
  }
  const transcript = { dialler: bytes('d'), acceptor: bytes('a') }
  const challenge = acceptor.request(lend(dialler.request()), transcript, 'client.1').payload
  const response = dialler.challenge(lend(challenge), transcript, 'osd.1')
  const done = acceptor.response(lend(response), transcript, 'client.1')
  t.doesNotThrow(() => dialler.done(lend(done), transcript, 'osd.1'))
  t.end()
})

t.test('nothing that is printed shows a secret', (t) => {
  const method = sharedSecret({ secret: SECRET })
  const halves = [method, method.dialler('client.1', randomBytes), method.acceptor('osd.1', randomBytes)]
  for (const value of halves) {
    t.notMatch(inspect(value, { depth: 10, showHidden: true }), /correct|horse|Key/)
    t.notMatch(JSON.stringify(value), /correct|horse/)
  }
  t.end()
})

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function hex(payload: Uint8Array): string {
  return Buffer.from(payload).toString('hex')
}
