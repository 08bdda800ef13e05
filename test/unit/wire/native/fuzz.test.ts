/**
 * Seeded mutations of whole sessions: a Wire never throws, faults at most once, and tells nothing that was not sent.
 *
 * A failing seed is in the assertion's name; SEED=<number> runs that one alone.
 */
import t from 'tap'
import { native } from '../../../../src/wire/native/native.ts'
import { concat } from '../../../../src/common/bytes.ts'
import { writeUint32 } from '../../../../src/wire/native/bytes.ts'
import { MESSAGES_HEADER_BYTES, TAG } from '../../../../src/wire/native/format.ts'
import { frameStarts, fresh, seal, sessionBytes, type Role } from './session-bytes.ts'

type Random = (below: number) => number

function xorshift(seed: number): Random {
  let state = (seed * 2654435761) | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const only = process.env['SEED']
const seeds = (count: number) =>
  only === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [Number(only)]
const ROLES: Role[] = ['dialler', 'acceptor']

/** Flips, drops, doubles and inserts bytes in a few places. */
function mutate(bytes: Uint8Array, random: Random, from = 0): Uint8Array {
  let out: Uint8Array = bytes.slice()
  for (let times = 1 + random(3); times > 0; times--) {
    const at = from + random(Math.max(1, out.length - from))
    const length = random(8)
    switch (random(4)) {
      case 0:
        if (at < out.length) out[at]! ^= 1 << random(8)
        break
      case 1:
        out = concat([out.subarray(0, at), out.subarray(at + length)])
        break
      case 2:
        out = concat([out.subarray(0, at), out.subarray(at, at + length), out.subarray(at)])
        break
      default:
        out = concat([out.subarray(0, at), Uint8Array.from({ length }, () => random(256)), out.subarray(at)])
    }
  }
  return out
}

function feed(role: Role, bytes: Uint8Array, random: Random, protocol = native()) {
  const { wire, sink } = fresh(role, { diallerProtocol: protocol, acceptorProtocol: protocol })
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random(200)
    wire.receive(bytes.slice(at, at + size))
    at += size
  }
  return { wire, sink }
}

for (const role of ROLES) {
  const stream = sessionBytes(role)
  const whole = feed(role, stream, () => 0).sink.told.map((told) => JSON.stringify(told))

  t.test(`a mutated session tells the ${role} a beginning of the truth, then a fault`, (t) => {
    const bad: number[] = []
    for (const seed of seeds(800)) {
      const random = xorshift(seed)
      // The banner's checksum mask is believed: a peer may offer what it likes.
      const mutated = mutate(stream, random, 16)
      const { wire, sink } = feed(role, mutated, random)
      // A length that grew makes the decoder wait; this ends the waiting.
      for (let i = 0; i < 9; i++) wire.receive(new Uint8Array(65536))
      const told = sink.told.map((each) => JSON.stringify(each))
      const fault = told.pop() ?? ''
      const begins = told.every((each, index) => each === whole[index])
      if (!begins || !fault.startsWith('["fault"')) bad.push(seed)
    }
    t.strictSame(bad, [], 'seeds')
    t.end()
  })

  for (const checksum of ['crc32c', 'none'] as const) {
    t.test(`frames with altered payloads and right checksums (${checksum}) never make the ${role} throw`, (t) => {
      const protocol = native({ checksum })
      const agreed = sessionBytes(role, { diallerProtocol: protocol, acceptorProtocol: protocol })
      const starts = frameStarts(agreed)
      let faults = 0
      for (const seed of seeds(1500)) {
        const random = xorshift(seed)
        const index = random(starts.length - 1)
        const frame = agreed.slice(starts[index], starts[index + 1])
        const head = frame[0] === TAG.MESSAGES ? MESSAGES_HEADER_BYTES : 12
        const altered = mutate(frame, random, frame[0] === TAG.MESSAGES ? 12 : head)
        if (altered.length < head) continue
        writeUint32(altered, 4, altered.length - head)
        if (checksum === 'crc32c' || frame[0] !== TAG.MESSAGES) seal(altered)
        const bytes = concat([agreed.subarray(0, starts[index]), altered, agreed.subarray(starts[index + 1])])
        const { sink } = feed(role, bytes, random, protocol)
        if (sink.faulted !== undefined) faults++
      }
      if (only === undefined) t.ok(faults > 300, `${faults} of them are faults`)
      t.end()
    })
  }

  t.test(`garbage is a fault of the ${role}'s peer`, (t) => {
    for (const seed of seeds(300)) {
      const random = xorshift(seed)
      const garbage = Uint8Array.from({ length: 64 }, () => random(256))
      if (feed(role, garbage, random).sink.faulted === undefined) t.fail(`seed ${seed}`)
    }
    t.end()
  })
}
