/** The messages in the recorded sessions between real Ceph processes, and what every codec must do with them. */
import type { Test } from 'tap'
import { InkwireError } from '../../../src/index.ts'
import type { CephMessage, Received } from '../../../src/ceph/messages/ceph-message.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { captures, decode } from '../../support/ceph/captures.ts'

export interface Captured extends Received {
  readonly session: string
  readonly from: 'client' | 'server'
  readonly tid: number
}

const NOTHING = new Uint8Array(0)

/** Of sessions that are readable without keys. */
export const CAPTURED: readonly Captured[] = captures('none-crc').flatMap((capture) =>
  (['client', 'server'] as const).flatMap((from) =>
    decode(capture[from]).flatMap((seen) => {
      if (seen.kind !== 'message') return []
      const { type, version, tid } = seen.header
      const [front = NOTHING, , data = NOTHING] = seen.segments
      return [{ session: capture.name, from, type, version, tid, front, data }]
    }),
  ),
)

export function captured(type: number): readonly Captured[] {
  return CAPTURED.filter((message) => message.type === type)
}

/** Every captured message of the type is read, and its fields make the same bytes again. */
export function roundTrips<Body>(t: Test, codec: CephMessage<Body>): void {
  const all = captured(codec.type)
  t.not(all.length, 0, `${codec.name} was captured`)
  for (const message of all) {
    const made = codec.make(codec.read(message), { tid: message.tid })
    const expected = { type: message.type, version: message.version, tid: message.tid }
    t.match(made, expected, message.session)
    t.strictSame(bytesOf(made.front), hex(message.front), `${message.session}, front`)
    t.strictSame(bytesOf(made.data), hex(message.data), `${message.session}, data`)
  }
}

/** What `make` gives, as it arrives at the other side. */
export function arrived<Body>(codec: CephMessage<Body>, body: Body): Received {
  const { type, version = 0, front, data } = codec.make(body)
  return { type, version, front: front as Uint8Array, data: (data as Uint8Array | null) ?? NOTHING }
}

/** Cut anywhere and with any byte changed, a message is read or refused with INK_DECODE_FAILED, and nothing else. */
export function survives(t: Test, what: string, bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): void {
  const random = seededRandom(what)
  let refused = 0
  const attempt = (mutant: Uint8Array): void => {
    try {
      read(mutant)
    } catch (thrown) {
      if (!(thrown instanceof InkwireError) || thrown.code !== 'INK_DECODE_FAILED') throw thrown
      refused++
    }
  }
  for (let cut = 0; cut < Math.min(bytes.length, 600); cut++) attempt(bytes.slice(0, cut))
  for (let round = 0; round < 2000; round++) {
    const mutant = bytes.slice()
    const at = random.integer(0, mutant.length - 1)
    // Lengths are what hurts: a run of 0xff makes one as large as it gets.
    if (round % 2 === 0) mutant.fill(0xff, at, at + random.integer(1, 8))
    else mutant[at] = random.integer(0, 255)
    attempt(mutant)
  }
  t.ok(refused > 0, `${what}: ${refused} refused, the others read`)
}

function bytesOf(segment: unknown): string {
  return segment instanceof Uint8Array ? hex(segment) : ''
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
