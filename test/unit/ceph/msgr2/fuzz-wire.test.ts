/**
 * Two whole Wires of msgr2 with a hostile link between them: one chunk of a handshake, or of the session behind it, is
 * altered in either direction, in every mode. Neither Wire throws, each faults at most once and says why, nothing follows a
 * fault, and no message above the limit is made room for.
 *
 * RUNS=100000 tries that many links per mode (about ten frames each); SEED=<number> runs one seed alone.
 */
import t from 'tap'
import { msgr2 } from '../../../../src/ceph/msgr2.ts'
import { concat } from '../../../../src/common/bytes.ts'
import { Deque } from '../../../../src/common/deque.ts'
import { seededRandom } from '../../../../src/testing/index.ts'
import type { OutboundMessage } from '../../../../src/wire/message.ts'
import { cephCrc } from '../../../../src/ceph/msgr2/preamble.ts'
import { msgr2Protocol } from '../../../../src/ceph/msgr2/msgr2-protocol.ts'
import { OutBuffer } from '../../../../src/wire/out-buffer.ts'
import type {
  BatchHeader,
  SessionAnswer,
  SessionOffer,
  Wire,
  WireContext,
  WireProtocol,
} from '../../../../src/wire/wire.ts'
import { auth, keysOf } from '../cephx/handshakes.ts'
import { RecordingSink } from '../../../support/recording-sink.ts'
import { LIMITS } from '../../../support/ceph/captures.ts'
import { answer, offer, resuming } from './foreign.ts'

const RUNS = Number(process.env['RUNS'] ?? 250)
const ONLY = process.env['SEED']
const MESSAGE_BYTES_MAX = 1 << 20
const MONITOR = 'v2:127.0.0.1:3300/0'
const BANNER_SUPPORTED = 10

type Random = ReturnType<typeof seededRandom>

interface Mode {
  readonly name: string
  readonly old?: true
  readonly protocols: () => [WireProtocol, WireProtocol]
}

const withKeys = (mode: 1 | 2) => (): [WireProtocol, WireProtocol] => [
  msgr2Protocol({ auth: auth({ keys: keysOf('client.admin'), modes: [mode] }) }),
  msgr2Protocol({ auth: auth({ modes: [mode] }) }),
]

const MODES: Mode[] = [
  { name: '2.0 crc, none', old: true, protocols: () => [msgr2(), msgr2()] },
  { name: '2.1 crc, none', protocols: () => [msgr2(), msgr2()] },
  { name: '2.1 crc, cephx', protocols: withKeys(1) },
  { name: '2.1 secure, cephx', protocols: withKeys(2) },
]

function context(name: string, random: Random): WireContext {
  const [addresses, target] = name === 'mon.0' ? [[MONITOR], 'tcp://127.0.0.1:50000'] : [[], MONITOR]
  const self = { name, instance: '0000000b'.padEnd(32, '7'), addresses }
  const randomBytes = (count: number): Uint8Array => random.bytes(count)
  const allocate = (bytes: number): Uint8Array => new Uint8Array(bytes)
  return { self, auth: null as never, randomBytes, allocate, limits: LIMITS, target }
}

/** One end: a Wire and a session that agrees to everything. */
class End {
  readonly sink = new RecordingSink()
  readonly wire: Wire
  readonly #out = new OutBuffer()
  #sent = 0

  constructor(role: 'dialler' | 'acceptor', protocol: WireProtocol, random: Random, again: boolean) {
    this.wire = protocol[role](context(role === 'dialler' ? 'client.admin' : 'mon.0', random), this.sink)
    let asked = 0
    this.sink.admits = (bytes) => bytes <= MESSAGE_BYTES_MAX
    this.sink.decide = () => {
      if (role === 'dialler') this.wire.confirm()
      else if (again && ++asked === 1) this.wire.again?.({ kind: 'retry', connectSeq: 7 })
      else this.wire.answer(this.#agree(this.sink.told.at(-1)?.[2] as SessionOffer))
    }
  }

  #agree({ resume, fresh, policy }: SessionOffer): SessionAnswer {
    const [old] = resume
    return answer({ id: old?.id ?? fresh, resumed: old !== undefined, policy, marks: old?.marks ?? [] })
  }

  get isOpen(): boolean {
    return this.sink.told.some(([name]) => name === 'confirmed' || name === 'opened') && this.sink.faulted === undefined
  }

  /** Two messages, an ack and a keepalive, once. */
  talk(random: Random): void {
    if (this.#sent > 0 || !this.isOpen) return
    this.#sent = 2
    const queue = new Deque<OutboundMessage>()
    for (let tid = 1; tid <= 2; tid++) {
      const data = random.bytes(random.integer(0, 200))
      const fixed = { type: 2, version: 1, priority: 127, tid, front: random.bytes(5), middle: null, extension: null }
      queue.push({ ...fixed, data, bytes: data.length + 5, frontBytes: 5, middleBytes: 0, settle: null })
    }
    const header: BatchHeader = { lane: 0, firstSeq: 1, count: 2, received: 0, processed: 0, ...NO_STAMP }
    this.wire.encodeBatch(this.#out, header, queue, 0, 2)
    this.wire.encodeAck(this.#out, [{ received: 1, processed: 1 }], { messages: 0, bytes: 0 })
    this.wire.encodeKeepalive(this.#out, 1234)
  }

  take(): Uint8Array {
    return concat([...this.wire.takeHandshake(), ...this.#out.take()])
  }

  /** What a law says that was broken; null when none was. */
  get wrong(): string | null {
    const at = this.sink.told.findIndex(([name]) => name === 'fault')
    if (at >= 0 && at < this.sink.told.length - 1) return 'something was told after a fault'
    const [, , reason] = this.sink.told[at] ?? ['', '', 'none']
    return reason === '' ? 'a fault without a reason' : null
  }
}

const NO_STAMP = { stampMs: 0, stampCounter: 0, ackNow: false }

function alter(bytes: Uint8Array, random: Random): Uint8Array {
  const out = bytes.slice()
  const at = random.integer(0, out.length - 1)
  const kind = random.integer(0, 5)
  if (kind === 0) out[at]! ^= 1 << random.integer(0, 7)
  if (kind === 1) return concat([out.subarray(0, at), out.subarray(Math.min(out.length, at + random.integer(1, 40)))])
  if (kind === 2) return concat([out.subarray(0, at), random.bytes(random.integer(1, 40)), out.subarray(at)])
  if (kind === 3) return concat([out, out])
  if (kind === 4) return random.bytes(random.integer(1, 6000))
  if (kind === 5 && out.length > 60) {
    // A wrong preamble with a right checksum: what only a hostile peer sends. A chunk may begin with the banner.
    const start = out[0] === 0x63 ? 26 : 0
    out[start + random.integer(0, 27)] = random.integer(0, 255)
    new DataView(out.buffer).setUint32(start + 28, cephCrc(0, out, start, start + 28), true)
  }
  return out
}

/** What became of it; throws what a Wire throws. */
function play(mode: Mode, random: Random, altered: number): string {
  const [ours, theirs] = mode.protocols()
  const again = random.integer(0, 1) === 1
  const policy = !again && random.integer(0, 1) === 1 ? ('lossy' as const) : ('peer' as const)
  const ends = [new End('dialler', ours, random, again), new End('acceptor', theirs, random, again)] as const
  ends[0].wire.open({ ...(again ? resuming() : offer()), policy })
  let chunks = 0
  for (let quiet = 0; quiet < 2;) {
    quiet++
    for (const [index, from] of ends.entries()) {
      from.talk(random)
      let bytes = from.take()
      if (bytes.length === 0) continue
      quiet = 0
      if (mode.old === true && chunks < 2) bytes[BANNER_SUPPORTED] = 0
      if (chunks++ === altered) bytes = alter(bytes, random)
      const to = ends[1 - index]!
      const middle = random.integer(0, bytes.length)
      to.wire.receive(bytes.subarray(0, middle))
      to.wire.receive(bytes.subarray(middle))
    }
  }
  for (const end of ends) if (end.wrong !== null) throw new Error(end.wrong)
  const fault = ends[0].sink.faulted ?? ends[1].sink.faulted
  const refused = ends[0].sink.all('rejected')[0]?.slice(1).join(': ')
  if (altered < 0 && !(ends[0].isOpen && ends[1].isOpen))
    throw new Error(`unaltered, and ${fault ?? refused ?? 'stuck'}`)
  return fault ?? refused ?? (ends[0].isOpen && ends[1].isOpen ? 'open' : 'waits for more')
}

for (const mode of MODES) {
  t.test(`${mode.name}: ${RUNS} links, each altered once, are no surprise`, { timeout: 0 }, (t) => {
    const reasons = new Map<string, number>()
    const seeds = ONLY === undefined ? Array.from({ length: RUNS }, (_, index) => index) : [Number(ONLY)]
    for (const seed of seeds) {
      const random = seededRandom(`${mode.name} ${seed}`)
      try {
        if (seed % 50 === 0) play(mode, random, -1)
        const became = play(mode, random, random.integer(0, 9))
        const kind = became.replaceAll(/\d+|0x[\da-f]+/g, '#')
        reasons.set(kind, (reasons.get(kind) ?? 0) + 1)
      } catch (thrown) {
        t.fail(`SEED=${seed}: ${String(thrown)}`)
        if (ONLY !== undefined) throw thrown
      }
    }
    if (ONLY === undefined) t.ok(reasons.size > 10, `${reasons.size} different ends`)
    if (RUNS > 1000) {
      t.comment(`${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`)
      t.comment([...reasons].sort((a, b) => b[1] - a[1]).slice(0, 12))
    }
    t.end()
  })
}
