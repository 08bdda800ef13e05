/** What was recorded of one handshake is of no use in another, and no two links share a nonce (CVE-2020-25660, CVE-2020-1759). */
import t from 'tap'
import type { CephxAuth } from '../../../../src/ceph/cephx/cephx-auth.ts'
import { NODE_CRYPTO } from '../../../../src/ceph/cephx/node-crypto.ts'
import { SecureChannel } from '../../../../src/ceph/msgr2/crypto.ts'
import { CON_MODE } from '../../../../src/ceph/msgr2/format.ts'
import { auth, keysOf, randomBytes, shake, type Ends } from './handshakes.ts'

const MON = 1
const CLIENT = 8

function loginOf(client: CephxAuth, server: CephxAuth) {
  const [half, other] = [client.client('client.admin', randomBytes), server.server('mon.0', randomBytes)]
  const request = half.request(MON, true)
  const asked = other.request(request, CLIENT, true)
  if (asked.kind !== 'more') throw new Error('a monitor challenges whoever logs in')
  return { request, other, answer: half.more(asked.payload) }
}

t.test('the proof of a login that somebody has read opens no second one', (t) => {
  const [client, mon] = [auth({ keys: keysOf('client.admin') }), auth()]
  const { request, other, answer } = loginOf(client, mon)
  t.equal(other.more(answer).kind, 'done')
  const again = mon.server('mon.0', randomBytes)
  t.equal(again.request(request, CLIENT, true).kind, 'more')
  t.match(again.more(answer), { kind: 'bad', reason: /did not prove/ }, 'another challenge, another proof')
  t.end()
})

t.test('each link has a key and nonces of its own, in each direction', (t) => {
  const [client, mon] = [auth({ keys: keysOf('client.admin'), modes: [CON_MODE.SECURE] }), auth()]
  const secrets = [0, 1, 2].map(() => {
    const { server } = shake(['client.admin', client], ['mon.0', mon]) as Ends
    return server.secrets.connectionSecret ?? new Uint8Array(0)
  })
  t.equal(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size, 3)
  const [secret = new Uint8Array(0)] = secrets
  t.notSame(secret.slice(16, 28), secret.slice(28, 40), 'the first nonces of the two directions')
  const plain = new Uint8Array(16)
  const sealed = (['server', 'client'] as const).flatMap((from) => {
    const channel = new SecureChannel(NODE_CRYPTO, secret, from)
    return [0, 1, 2].map(() => Buffer.from(channel.seal([plain]) ?? []).toString('hex'))
  })
  t.equal(new Set(sealed).size, 6, 'the same bytes never look the same')
  t.end()
})

t.test('a nonce carries over into its next byte, and none comes twice', (t) => {
  const used = new Set<string>()
  const seal = (nonce: Uint8Array): Uint8Array => {
    used.add(Buffer.from(nonce).toString('hex'))
    return new Uint8Array(0)
  }
  const crypto = { ...NODE_CRYPTO, gcm: () => ({ seal, open: () => null }) }
  const channel = new SecureChannel(crypto, new Uint8Array(40).fill(0xff), 'server')
  for (let frame = 0; frame < 70_000; frame++) channel.seal([])
  t.equal(used.size, 70_000)
  t.ok(
    [...used].every((nonce) => nonce.startsWith('ffffffff')),
    'the fixed part stays',
  )
  t.end()
})
