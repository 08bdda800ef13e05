/**
 * cephx against the record: with the throwaway keys, every proof, ticket, signature and encrypted byte of real sessions
 * is computed again.
 */
import t, { type Test } from 'tap'
import { proofOf } from '../../../../src/ceph/cephx/proof.ts'
import { parseKeyring } from '../../../../src/ceph/cephx/keyring.ts'
import { decrypt, USAGE, type Key } from '../../../../src/ceph/cephx/key.ts'
import { NODE_CRYPTO } from '../../../../src/ceph/cephx/node-crypto.ts'
import { SERVICE_AUTH, Tickets } from '../../../../src/ceph/cephx/tickets.ts'
import { Reader } from '../../../../src/ceph/msgr2/codec.ts'
import * as frames from '../../../../src/ceph/msgr2/control-frames.ts'
import { SecureChannel } from '../../../../src/ceph/msgr2/crypto.ts'
import { CON_MODE, TAG } from '../../../../src/ceph/msgr2/format.ts'
import { captures, decode, encode, keyringOf, type Capture, type Seen } from '../../../support/ceph/captures.ts'

const SERVICE_OSD = 4

interface Secrets {
  readonly sessionKey: Uint8Array
  readonly connectionSecret: Uint8Array
  readonly mode: number
}

function frame(all: readonly Seen[], tag: number, nth = 0): Uint8Array {
  const found = all.filter((seen) => seen.kind === 'control' && seen.tag === tag)[nth]
  return found?.kind === 'control' ? found.payload : new Uint8Array(0)
}

/** Until AUTH_DONE everything is in the clear. */
function opening(bytes: Uint8Array): Seen[] {
  const all: Seen[] = []
  decode(bytes, (seen, decoder) => {
    all.push(seen)
    if (seen.kind === 'control' && seen.tag === TAG.AUTH_DONE) decoder.stop()
    if (seen.kind === 'control' && seen.tag === TAG.AUTH_REQUEST_MORE) decoder.stop()
  })
  return all
}

/** What a session with the monitor came to; its tickets go to `tickets`. */
function withMonitor(capture: Capture, secret: Key, tickets: Tickets): Secrets {
  const done = frames.readAuthDone(frame(opening(capture.server), TAG.AUTH_DONE))
  const reader = new Reader(done.payload)
  reader.raw(6)
  tickets.take(reader, secret)
  const sessionKey = tickets.get(SERVICE_AUTH)!.sessionKey
  const connectionSecret = decrypt(
    sessionKey,
    USAGE.CONNECTION_SECRET,
    new Reader(reader.blob()).blob(),
    'secret',
  ).blob()
  const extra = new Reader(reader.blob())
  if (extra.left > 0) tickets.take(extra, sessionKey)
  return { sessionKey: sessionKey.secret, connectionSecret, mode: done.mode }
}

function withDaemon(capture: Capture, tickets: Tickets): Secrets {
  const done = frames.readAuthDone(frame(opening(capture.server), TAG.AUTH_DONE))
  const { sessionKey } = tickets.get(SERVICE_OSD)!
  const reply = decrypt(sessionKey, USAGE.AUTHORIZE_REPLY, new Reader(done.payload).blob(), 'reply')
  const version = reply.u8()
  reply.u64()
  const connectionSecret = version < 2 ? new Uint8Array(0) : reply.blob()
  return { sessionKey: sessionKey.secret, connectionSecret, mode: done.mode }
}

/** Reads both directions with the secrets of the link, checks the signatures, and writes both again. */
function replay(t: Test, capture: Capture, { sessionKey, connectionSecret, mode }: Secrets): void {
  const channel = (from: 'server' | 'client') => new SecureChannel(NODE_CRYPTO, connectionSecret, from)
  const said = { client: new Uint8Array(0), server: new Uint8Array(0) }
  const last = { client: TAG.AUTH_REQUEST_MORE as number, server: TAG.AUTH_DONE as number }
  const whole = { client: [] as Seen[], server: [] as Seen[] }
  for (const from of ['client', 'server'] as const) {
    whole[from] = decode(capture[from], (seen, decoder) => {
      if (seen.kind !== 'control' || seen.tag !== last[from]) return
      said[from] = Buffer.concat(decoder.takeTranscript())
      decoder.authenticated()
      if (mode === CON_MODE.SECURE) decoder.secure(channel(from))
    })
    t.strictSame(
      whole[from].filter(({ kind }) => kind === 'fault'),
      [],
      `${from}: everything is understood`,
    )
    const written = encode(whole[from], (seen, encoder) => {
      if (mode !== CON_MODE.SECURE || seen.kind !== 'control' || seen.tag !== last[from]) return
      encoder.secure(channel(from))
    })
    t.ok(Buffer.from(capture[from]).equals(written), `${from}: the same bytes`)
  }
  for (const [signer, heard] of [
    ['client', said.server],
    ['server', said.client],
  ] as const) {
    t.strictSame(
      Buffer.from(frame(whole[signer], TAG.AUTH_SIGNATURE)),
      Buffer.from(NODE_CRYPTO.hmacSha256(sessionKey, heard)),
      `${signer}: the signature`,
    )
  }
}

for (const mode of ['cephx-crc', 'cephx-secure'] as const) {
  const secret = parseKeyring(keyringOf(mode), mode).get('client.admin')!
  const tickets = new Tickets(() => 0)
  for (const capture of captures(mode)) {
    t.test(`${capture.name} is opened with its key, and every proof in it is right`, (t) => {
      const client = opening(capture.client)
      const toMonitor = frames.readAuthRequest(frame(client, TAG.AUTH_REQUEST)).payload[0] === 10
      if (toMonitor) {
        const challenge = new Reader(frames.readBlob(frame(opening(capture.server), TAG.AUTH_REPLY_MORE)), 1).u64()
        const answer = new Reader(frames.readBlob(frame(client, TAG.AUTH_REQUEST_MORE)), 3)
        const [own, proof] = [answer.u64(), answer.u64()]
        t.equal(proofOf(secret, challenge, own), proof, 'the proof')
      }
      replay(t, capture, toMonitor ? withMonitor(capture, secret, tickets) : withDaemon(capture, tickets))
      t.end()
    })
  }
}
