/**
 * Whatever bytes come where authentication expects its own: a typed refusal with a reason, or an answer. Never another
 * error, and never more memory than what came.
 *
 * Recorded steps of both halves are altered, from outside (as anybody can) and inside what is encrypted (as only a peer
 * with the key can). STEPS=1000000 for many, SEED=n to see one again.
 */
import t, { type Test } from 'tap'
import {
  MESSAGE_AUTH,
  MESSAGE_AUTH_REPLY,
  readAuth,
  readAuthReply,
  writeAuth,
} from '../../../../src/ceph/cephx/auth-messages.ts'
import { REQUEST } from '../../../../src/ceph/cephx/authority.ts'
import type { CephxAuth } from '../../../../src/ceph/cephx/cephx-auth.ts'
import { parseKeyring } from '../../../../src/ceph/cephx/keyring.ts'
import { decrypt, encrypt, USAGE, type Key, type Usage } from '../../../../src/ceph/cephx/key.ts'
import { DerivedSecrets, readSecrets, writeSecrets } from '../../../../src/ceph/cephx/service-secrets.ts'
import { openTicket, sealTicket } from '../../../../src/ceph/cephx/ticket-contents.ts'
import { InkwireError } from '../../../../src/index.ts'
import { seededRandom } from '../../../../src/testing/index.ts'
import type { ServedSession } from '../../../../src/wire/service.ts'
import { AuthRefused } from '../../../../src/wire/auth-method.ts'
import { InboundMessage } from '../../../../src/wire/message.ts'
import type { ServerStep } from '../../../../src/ceph/msgr2/auth.ts'
import { Malformed, Reader, Writer } from '../../../../src/ceph/msgr2/codec.ts'
import { AUTH_METHOD, CON_MODE } from '../../../../src/ceph/msgr2/format.ts'
import { heldApart } from '../../../support/memory.ts'
import { aes, aes256k } from '../../../support/ceph/keys.ts'
import { auth, keysOf, served, shake, still, type Ends } from './handshakes.ts'

const STEPS = Number(process.env['STEPS'] ?? 1500)
const ONLY = process.env['SEED']
const WARM_STEPS = 600
const PAYLOAD_MAX = 2048
/** A handful of small arrays that are replaced, such as the last key. One in a hundred payloads would be thousand times that. */
const BUFFER_BYTES_MAX = 4096
/** Code and tables of the engine's own. */
const HEAP_BYTES_MAX = 1536 * 1024

const MON = 1
const OSD = 4
const CLIENT = 8

type Random = ReturnType<typeof seededRandom>
const below = (random: Random, end: number): number => Math.floor(random.next() * end)

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const at = below(random, bytes.length + 1)
  const noise = random.bytes(1 + below(random, 12))
  switch (below(random, 5)) {
    case 0: {
      const out = bytes.slice()
      if (at < out.length) out[at]! ^= 1 << below(random, 8)
      return out
    }
    case 1:
      return bytes.slice(0, at)
    case 2:
      return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)])
    case 3: {
      // A length or a count, as large as it can be.
      const out = bytes.slice()
      out.fill(0xff, at, Math.min(out.length, at + 4))
      return out
    }
    default:
      return random.bytes(below(random, PAYLOAD_MAX))
  }
}

const KEY = aes(7)
const NEWER = aes256k(7)

function rest(reader: Reader): Uint8Array {
  return reader.raw(reader.left)
}

/** What is encrypted, altered inside. */
function altered(key: Key, usage: Usage, sealed: Uint8Array, random: Random): Uint8Array {
  return encrypt(key, usage, mutate(rest(decrypt(key, usage, sealed, 'it')), random))
}

/** A messenger of each kind, that has logged in; each target gets bytes and may refuse them. */
function targets(random: Random): Readonly<Record<string, (random: Random) => unknown>> {
  const draw = (count: number): Uint8Array => random.bytes(count)
  const [mon, osd] = [auth(), auth({ keys: keysOf('osd.1') })]
  // The one whose logins are altered loses its tickets; the other keeps them.
  const [user, keeper] = [auth({ keys: keysOf('client.admin') }), auth({ keys: keysOf('client.admin') })]
  mon.service(still('mon.0'))
  // Not a list of them: it would be what grows.
  let failures = 0
  let last = ''
  const failed = (_session: ServedSession, reason: string): void => {
    failures++
    last = reason
  }
  let sent: Uint8Array = new Uint8Array(0)
  const session = served(({ front }) => void (sent = front))
  const renewal = osd.service(still('osd.1', { failed }))
  renewal.adopted(session, { note: (shake(['osd.1', osd], ['mon.0', mon]) as Ends).client.half.note })
  const login = shake(['client.admin', user], ['mon.0', mon]) as Ends
  const authService = mon.service(still('mon.0', { failed }))
  authService.adopted(session, { note: login.server.note })
  const reply = secretsFor(mon, sent)
  t.equal(renewal.message(session, inbound(MESSAGE_AUTH_REPLY, reply)), 'taken')

  const first = recorded(user, mon, MON)
  shake(['client.admin', keeper], ['mon.0', mon])
  const shown = recorded(keeper, osd, OSD)
  const question = (type: number, rest: Uint8Array): Uint8Array => new Writer().u16(type).raw(rest).done()
  const types = Object.values(REQUEST)
  const times = { createdMs: 1, expiresMs: 2 }
  const inside = { name: 'client.admin', globalId: 1n, sessionKey: KEY, ...times }
  const { TICKET_INFO, ROTATING_SECRET } = USAGE
  const secrets = new Writer()
  writeSecrets(
    secrets,
    new DerivedSecrets(
      KEY.secret,
      () => 1000,
      () => 1e12,
    ).all(4),
  )
  return {
    'a login': (random) => serve(mon, 'mon.0', CLIENT, [mutate(first.request, random), first.answer], draw),
    'the answer of a login': (random) =>
      serve(mon, 'mon.0', CLIENT, [first.request, mutate(first.answer, random)], draw),
    'an authorizer': (random) => serve(osd, 'osd.1', CLIENT, [mutate(shown.request, random), shown.answer], draw),
    'a second authorizer': (random) => serve(osd, 'osd.1', CLIENT, [shown.request, mutate(shown.answer, random)], draw),
    "a monitor's challenge": (random) => ask(user, MON, [mutate(first.challenge, random)], first.done, draw),
    "a monitor's last word": (random) => ask(user, MON, [first.challenge], mutate(first.done, random), draw),
    "a daemon's challenge": (random) => ask(keeper, OSD, [mutate(shown.challenge, random)], shown.done, draw),
    "a daemon's last word": (random) => ask(keeper, OSD, [shown.challenge], mutate(shown.done, random), draw),
    MAuth: (random) => authService.message(session, inbound(MESSAGE_AUTH, mutate(writeAuth(sent), random))),
    'a request in MAuth': (random) => {
      const type = types[below(random, types.length)] ?? 0
      authService.message(session, inbound(MESSAGE_AUTH, writeAuth(mutate(question(type, shown.request), random))))
      readAuthReply(sent)
    },
    MAuthReply: (random) => {
      const fresh = auth({ keys: keysOf('osd.1') }).service(still('osd.1', { failed }))
      fresh.adopted(session, { note: { kind: 'monitor', challenge: 1n } })
      const before = failures
      fresh.message(session, inbound(MESSAGE_AUTH_REPLY, mutate(reply, random)))
      if (failures > before) throw new AuthRefused(last)
    },
    'a ticket': (random) => openTicket(KEY, altered(KEY, TICKET_INFO, sealTicket(KEY, inside), random), 'a ticket'),
    'a ticket of a newer key': (random) => openTicket(NEWER, mutate(sealTicket(NEWER, inside), random), 'a ticket'),
    'service keys': (random) => {
      const sealed = encrypt(NEWER, ROTATING_SECRET, secrets.done())
      readSecrets(decrypt(NEWER, ROTATING_SECRET, altered(NEWER, ROTATING_SECRET, sealed, random), 'they'))
    },
    'a keyring': (random) => parseKeyring(Buffer.from(mutate(KEYRING, random)).toString('latin1'), 'a test'),
  }
}

const KEYRING = new TextEncoder().encode(
  `[client.admin]\n\tkey = AQAUCAFrbfcxExAAx2d3m1O1h3gTH/w5qIC3jQ==\n\tcaps mon = "allow *"\n[osd.1]\n`,
)

/** What a monitor answers to the first thing that a service asks: its secrets. */
function secretsFor(mon: CephxAuth, question: Uint8Array): Uint8Array {
  t.equal(new Reader(readAuth(question).payload).u16(), REQUEST.ROTATING_KEY)
  let reply: Uint8Array = new Uint8Array(0)
  const authService = mon.service(still('mon.0'))
  const back = served(({ front }) => void (reply = front))
  authService.adopted(back, { note: { kind: 'client', login: { name: 'osd.1', globalId: 1n, challenge: 0n } } })
  authService.message(back, inbound(MESSAGE_AUTH, question))
  return reply
}

function inbound(type: number, front: Uint8Array): InboundMessage {
  return new InboundMessage(type, 1, 127, 0, 1, 0, 0, 0, front.buffer, front.byteOffset, front.length, 0, 0)
}

/** Every step of a handshake that works. */
function recorded(client: CephxAuth, server: CephxAuth, peerBit: number) {
  const name = peerBit === MON ? 'mon.0' : 'osd.1'
  const random = seededRandom('recorded')
  const draw = (count: number): Uint8Array => random.bytes(count)
  const [half, other] = [client.client('client.admin', draw), server.server(name, draw)]
  const request = half.request(peerBit, true)
  const more = other.request(request, CLIENT, true) as Extract<ServerStep, { kind: 'more' }>
  const answer = half.more(more.payload)
  const done = other.more(answer) as Extract<ServerStep, { kind: 'done' }>
  return { request: request.payload, challenge: more.payload, answer, done: done.payload }
}

function serve(
  server: CephxAuth,
  name: string,
  peerBit: number,
  payloads: readonly Uint8Array[],
  draw: (count: number) => Uint8Array,
) {
  const half = server.server(name, draw)
  const [request = new Uint8Array(0), ...rest] = payloads
  let step = half.request({ method: AUTH_METHOD.CEPHX, modes: [CON_MODE.SECURE], payload: request }, peerBit, true)
  for (const payload of rest) if (step.kind === 'more') step = half.more(payload)
  if (step.kind === 'bad') throw new AuthRefused(step.reason)
}

function ask(
  client: CephxAuth,
  peerBit: number,
  challenges: readonly Uint8Array[],
  done: Uint8Array,
  draw: (count: number) => Uint8Array,
) {
  const half = client.client('client.admin', draw)
  half.request(peerBit, true)
  for (const challenge of challenges) half.more(challenge)
  return half.done(1n, CON_MODE.SECURE, done)
}

/** Gives one place so many altered payloads; what it refuses them for goes into `seen`. */
function feed(
  t: Test,
  place: string,
  target: (random: Random) => unknown,
  seeds: readonly number[],
  seen: Set<string>,
) {
  for (const seed of seeds) {
    try {
      target(seededRandom(`${place} ${seed}`))
    } catch (thrown) {
      const typed = thrown instanceof AuthRefused || thrown instanceof Malformed || thrown instanceof InkwireError
      if (!typed || thrown.message.length < 10) t.fail(`${place}, seed ${seed}: ${String(thrown)}`)
      else seen.add(thrown.message.replaceAll(/\d+/g, '#'))
    }
  }
}

t.test(`${STEPS} altered payloads at each place are no surprise`, { timeout: 0 }, (t) => {
  const reasons = new Map<string, Set<string>>()
  const all = Object.entries(targets(seededRandom('fuzz')))
  for (const [place] of all) reasons.set(place, new Set())
  const round = (from: number, count: number): void => {
    const seeds = ONLY === undefined ? Array.from({ length: count }, (_, index) => from + index) : [Number(ONLY)]
    for (const [place, target] of all) feed(t, place, target, seeds, reasons.get(place)!)
  }
  // The first ones are compiled, and fill what is kept of each kind: after that nothing more is kept.
  round(STEPS, WARM_STEPS)
  const before = heldApart()
  round(0, STEPS)
  const after = heldApart()
  t.ok([...reasons.values()].reduce((sum, seen) => sum + seen.size, 0) > 20, 'many reasons are met')
  t.ok(after.buffers - before.buffers < BUFFER_BYTES_MAX, `no bytes are kept: ${after.buffers - before.buffers}`)
  t.ok(after.heap - before.heap < HEAP_BYTES_MAX, `nor objects: ${after.heap - before.heap} bytes of heap`)
  for (const [place, seen] of reasons) t.comment(`${place}: ${[...seen].slice(0, 6).join(' | ')}`)
  t.end()
})
