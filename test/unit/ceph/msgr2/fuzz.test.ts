/**
 * Seeded mutations of recorded and encrypted streams: a decoder never throws, holds no more than one frame, faults at most
 * once and says why. Half of them are altered on the way, as anybody can; half by their sender, who checks and seals them.
 *
 * FRAMES=1000000 tries that many per mode; SEED=<number> runs one seed alone.
 */
import t from 'tap'
import { NODE_CRYPTO } from '../../../../src/ceph/cephx/node-crypto.ts'
import { SecureChannel, type WireCrypto } from '../../../../src/ceph/msgr2/crypto.ts'
import { BANNER_BYTES } from '../../../../src/ceph/msgr2/banner.ts'
import { concat } from '../../../../src/common/bytes.ts'
import { HEADER_BYTES, TAG, type Revision } from '../../../../src/ceph/msgr2/format.ts'
import { FrameDecoder } from '../../../../src/ceph/msgr2/frame-decoder.ts'
import { FrameEncoder } from '../../../../src/ceph/msgr2/frame-encoder.ts'
import { writeMessageHeader } from '../../../../src/ceph/msgr2/message-header.ts'
import { OutBuffer } from '../../../../src/wire/out-buffer.ts'
import { cephCrc } from '../../../../src/ceph/msgr2/preamble.ts'
import { captures, CONTEXT, rewrite } from '../../../support/ceph/captures.ts'
import { Malformed } from '../../../../src/ceph/msgr2/codec.ts'

const FRAMES = Number(process.env['FRAMES'] ?? 5000)
const ONLY = process.env['SEED']
const MESSAGE_BYTES_MAX = 1 << 20

function xorshift(seed: number) {
  let state = (seed * 2654435761) | 1
  return (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

interface Mode {
  readonly name: string
  readonly revision: Revision
  readonly secret: Uint8Array | null
}

const MODES: Mode[] = [
  { name: '2.0 crc', revision: 0, secret: null },
  { name: '2.1 crc', revision: 1, secret: null },
  { name: '2.1 secure', revision: 1, secret: new Uint8Array(64).fill(9) },
]

/** Payloads of control frames that Ceph really sent. */
const PAYLOADS: { tag: number; payload: Uint8Array }[] = []
for (const { client, server } of captures('none')) {
  for (const bytes of [client, server]) {
    const receiver = {
      banner: () => {},
      refuses: () => null,
      control: (tag: number, payload: Uint8Array) => PAYLOADS.push({ tag, payload }),
      header: () => null,
      message: () => {},
      fault: () => {},
    }
    const decoder = new FrameDecoder(receiver, CONTEXT)
    decoder.authenticated()
    decoder.receive(bytes)
  }
}

type Random = (below: number) => number

/** What only the peer itself can send: one frame of three is wrong, and every checksum and seal is right. */
class Forger {
  readonly #random: Random
  readonly #frame: number
  readonly #inPreamble: boolean
  #armed = false
  /** Seals the preamble of that frame with a byte of it altered. */
  readonly crypto: WireCrypto = {
    ...NODE_CRYPTO,
    gcm: (key) => {
      const cipher = NODE_CRYPTO.gcm(key)
      const seal = (nonce: Uint8Array, parts: readonly Uint8Array[]): Uint8Array => {
        if (this.#armed) this.#alter(parts[0]!)
        this.#armed = false
        return cipher.seal(nonce, parts)
      }
      return { ...cipher, open: (nonce, sealed) => cipher.open(nonce, sealed), seal }
    },
  }

  constructor(random: Random, frame: number) {
    this.#random = random
    this.#frame = frame
    this.#inPreamble = random(2) === 0
  }

  /** The content of a frame that is about to be sealed. */
  content(index: number, bytes: Uint8Array): Uint8Array {
    if (index !== this.#frame) return bytes
    this.#armed = this.#inPreamble
    return this.#inPreamble || bytes.length === 0 ? bytes : mutate(bytes, this.#random, 3)
  }

  /** A frame in the clear. */
  clear(index: number, frame: Uint8Array): Uint8Array {
    const out = frame.slice()
    if (index === this.#frame && this.#inPreamble) this.#alter(out)
    return out
  }

  #alter(head: Uint8Array): void {
    head[this.#random(28)] = this.#random(256)
    new DataView(head.buffer, head.byteOffset).setUint32(28, cephCrc(0, head, 0, 28), true)
  }
}

/** Three frames; `forged` of them is wrong, or none when it is -1. */
function frames({ revision, secret }: Mode, random: Random, forged = -1): Uint8Array {
  const encoder = new FrameEncoder()
  const forger = new Forger(random, forged)
  encoder.use(revision)
  if (secret !== null) encoder.secure(new SecureChannel(forger.crypto, secret, 'client'))
  const parts = [0, 1, 2].map((index) => {
    const out = new OutBuffer()
    if (random(2) === 0) {
      const { tag, payload } = PAYLOADS[random(PAYLOADS.length)]!
      encoder.put(out, tag, [forger.content(index, payload)])
    } else {
      const fixed = { tid: 1, type: 2, priority: 3, version: 4, dataPrePaddingBytes: 0, dataOff: 0, ackSeq: 0 }
      const header = { seq: index + 1, ...fixed, flags: 3, compatVersion: 1, reserved: 0 }
      const [front, middle, data] = [random(60), random(30), random(90)].map((count) =>
        new Uint8Array(count).fill(count),
      )
      if (index === forged) {
        const first = new Uint8Array(HEADER_BYTES)
        writeMessageHeader(first, 0, header)
        encoder.put(out, TAG.MESSAGE, [forger.content(index, first), front!, middle!, data!])
      } else encoder.message(out, header, front!, middle!, data!)
    }
    const frame = concat(out.take())
    return secret === null ? forger.clear(index, frame) : frame.slice()
  })
  return concat(parts)
}

function mutate(bytes: Uint8Array, random: Random, kinds = 4): Uint8Array {
  const out = bytes.slice()
  const at = random(out.length)
  switch (random(kinds)) {
    case 0:
      out[at]! ^= 1 << random(8)
      return out
    case 1:
      return concat([out.subarray(0, at), out.subarray(at + 1 + random(8))])
    case 2:
      return concat([
        out.subarray(0, at),
        Uint8Array.from({ length: 1 + random(8) }, () => random(256)),
        out.subarray(at),
      ])
    default:
      // A wrong preamble with a right checksum: what only a hostile peer sends.
      out[random(28)] = random(256)
      new DataView(out.buffer).setUint32(28, cephCrc(0, out, 0, 28), true)
      return out
  }
}

/** What became of the stream: null, or the fault. Throws when the decoder breaks a law. */
function feed({ revision, secret }: Mode, bytes: Uint8Array, random: Random): string | null {
  const faults: string[] = []
  let admitted = 0
  const decoder = new FrameDecoder(
    {
      banner: () => {},
      refuses: () => null,
      control: (tag, payload) => {
        if (faults.length > 0) throw new Error('told after a fault')
        try {
          rewrite(tag, payload)
        } catch (thrown) {
          if (!(thrown instanceof Malformed)) throw thrown
        }
      },
      header: (_header, bytes) => {
        admitted = bytes
        return bytes > MESSAGE_BYTES_MAX ? 'too large' : null
      },
      message: (_header, body, offset, lengths) => {
        const [, front = 0, middle = 0, data = 0] = lengths
        if (faults.length > 0 || front + middle + data !== admitted) throw new Error('not what was admitted')
        if (offset + admitted > body.length) throw new Error('past the end of its body')
      },
      fault: (_code, reason) => faults.push(reason),
    },
    CONTEXT,
  )
  decoder.receive(BANNER)
  decoder.use(revision)
  decoder.authenticated()
  decoder.takeTranscript()
  if (secret !== null) decoder.secure(new SecureChannel(NODE_CRYPTO, secret, 'client'))
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random(random(2) === 0 ? 120 : 1000)
    decoder.receive(bytes.subarray(at, at + size))
    at += size
  }
  if (faults.length > 1 || faults[0] === '') throw new Error(`${faults.length} faults`)
  return faults[0] ?? null
}

const BANNER = captures('none')[0]!.client.subarray(0, BANNER_BYTES)

for (const mode of MODES) {
  t.test(`${mode.name}: ${FRAMES} mutated streams are no surprise`, { timeout: 0 }, (t) => {
    const reasons = new Map<string, number>()
    const seeds = ONLY === undefined ? FRAMES : 1
    for (let index = 0; index < seeds; index++) {
      const seed = ONLY === undefined ? index + 1 : Number(ONLY)
      const random = xorshift(seed)
      try {
        const clean = frames(mode, random)
        if (index % 100 === 0 && feed(mode, clean, random) !== null) t.fail(`seed ${seed}: the unaltered stream faults`)
        const altered = random(2) === 0 ? mutate(clean, random) : frames(mode, random, random(3))
        const reason = feed(mode, altered, random) ?? 'waits for more, or nothing that matters was altered'
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      } catch (thrown) {
        t.fail(`seed ${seed}: ${String(thrown)}`)
      }
    }
    if (ONLY === undefined) t.ok(reasons.size > 10, `${reasons.size} different reasons`)
    if (FRAMES > 100_000) t.comment(`${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`)
    if (FRAMES > 100_000) t.comment([...reasons].sort((a, b) => b[1] - a[1]).slice(0, 12))
    t.end()
  })
}
