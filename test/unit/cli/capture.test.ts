/** `inkwire decode` of capture files: every link in them is explained as its directions are by themselves, and no file breaks it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { CaptureDecoding } from '../../../src/cli/decode/capture/capture-decoding.ts'
import type { Piece, Stop } from '../../../src/cli/decode/piece.ts'
import { Decoding } from '../../../src/cli/decode/stream.ts'
import { concat, fromHex } from '../../../src/common/bytes.ts'
import { seededRandom, type SeededRandom } from '../../../src/testing/simulator/random.ts'
import { encodeBanner } from '../../../src/wire/native/banner.ts'
import { readText } from '../../house/tidy/source.ts'
import { captureFile, FLAGS, FORMATS, LINKS, packet, type Part } from './captures.ts'
import { EXIT, inkwire } from './shell.ts'

const page = readText('docs/PROTOCOL.md')
const bytesOf = (...names: string[]): Uint8Array =>
  concat(
    names.map((name) => {
      const [, text = ''] = new RegExp(`^\`\`\`hex ${name}\\n(.*?)^\`\`\`$`, 'ms').exec(page) ?? []
      return fromHex(text.replaceAll(/#.*$/gm, '').replaceAll(/\s+/g, ''))
    }),
  )
const DIALLER = bytesOf('banner', 'hello', 'auth-request', 'open', 'confirm', 'messages', 'first-chunk', 'continuation')
const ACCEPTOR = bytesOf('banner', 'hello-acceptor', 'auth-done', 'opened', 'messages', 'ack', 'failed', 'goodbye')
const cephFile = (way: string): Uint8Array =>
  readFileSync(
    fileURLToPath(new URL(`../../support/ceph-captures/cephx-crc-ceph-s.conn00.${way}.bin`, import.meta.url)),
  )

type Hosts = Readonly<Record<4 | 6, readonly number[]>>
const HOST_A: Hosts = { 4: [127, 0, 0, 1], 6: [...new Uint8Array(15), 1] }
const HOST_B: Hosts = { 4: [127, 0, 0, 2], 6: [0xfe, 0x80, ...new Uint8Array(13), 2] }

interface Told {
  readonly pieces: Piece[]
  readonly stops: Stop[]
}

const listener = (): Told & { piece(one: Piece): void; stop(one: Stop): void } => {
  const told: Told = { pieces: [], stops: [] }
  return { ...told, piece: (one) => void told.pieces.push(one), stop: (one) => void told.stops.push(one) }
}

function alone(bytes: Uint8Array): Piece[] {
  const told = listener()
  const decoding = new Decoding(told, 16)
  decoding.receive(bytes)
  decoding.end()
  return told.pieces
}

function explained(file: Uint8Array, chunkBytes = file.length, heldMax?: number): Told & { decoding: CaptureDecoding } {
  const told = listener()
  const decoding = new CaptureDecoding(told, 16, heldMax)
  for (let at = 0; at < file.length; at += chunkBytes) decoding.receive(file.subarray(at, at + chunkBytes))
  decoding.end()
  return { ...told, decoding }
}

const wayOf = (pieces: readonly Piece[], link: number, port: number): Omit<Piece, 'way' | 'afterMs'>[] =>
  pieces
    .filter(({ way }) => way?.link === link && way.from.endsWith(`:${port}`))
    .map(({ at, bytes, frame, fields }) => ({ at, bytes, frame, fields }))

interface Talk {
  readonly version?: 4 | 6
  readonly port?: number
  readonly dialler: Uint8Array
  readonly acceptor: Uint8Array
  /** The first number of the dialler. */
  readonly seq?: number
}

/** A connection as it is captured: in segments, some twice, some overlapping, and in another order than they were sent. */
function talk(
  random: SeededRandom,
  { version = 4, port = 40_000, dialler, acceptor, seq = 2 ** 32 - 40 }: Talk,
): Part[] {
  const a = { host: HOST_A[version], port }
  const b = { host: HOST_B[version], port: 6800 }
  const parts: Part[] = []
  const said = (from: typeof a, to: typeof a, first: number, bytes: Uint8Array): Part[] => {
    const list: Part[] = []
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + random.integer(1, 90))
      // Sent again with what lies before and behind it, as a stack does that has more by then.
      const again = random.chance(0.2) ? [Math.max(0, at - 10), Math.min(bytes.length, end + 10)] : [at, end]
      for (const [low, high] of [[at, end], again] as const)
        list.push({ from, to, seq: (first + low) >>> 0, payload: bytes.subarray(low, high) })
      at = end
    }
    return list
      .map((part, index) => [part, index + random.integer(0, 6)] as const)
      .sort(([, x], [, y]) => x - y)
      .map(([part]) => part)
  }
  parts.push({ from: a, to: b, seq, flags: FLAGS.syn }, { from: b, to: a, seq: 77, flags: FLAGS.syn | FLAGS.ack })
  // A SYN that was lost behind the place of capture comes again.
  parts.push({ from: a, to: b, seq, flags: FLAGS.syn })
  const forth = said(a, b, (seq + 1) >>> 0, dialler)
  const back = said(b, a, 78, acceptor)
  while (forth.length + back.length > 0) {
    const from = random.chance(forth.length / (forth.length + back.length)) ? forth : back
    parts.push(from.shift()!)
  }
  parts.push({ from: a, to: b, seq: (seq + 1 + dialler.length) >>> 0, flags: FLAGS.fin | FLAGS.ack })
  return parts
}

const file = (parts: readonly Part[], link = 'ethernet', format: (typeof FORMATS)[number] = 'pcap'): Uint8Array =>
  captureFile(
    format,
    LINKS[link]![0],
    parts.map((part) => packet(link, part)),
  )

t.test('both directions are explained as each is by itself, whatever the file, the network and the order', (t) => {
  let seed = 0
  for (const format of FORMATS) {
    for (const link of Object.keys(LINKS)) {
      for (const version of [4, 6] as const) {
        const random = seededRandom(++seed)
        const parts = talk(random, { version, dialler: DIALLER, acceptor: ACCEPTOR })
        const bytes = file(parts, link, format)
        const { pieces, stops, decoding } = explained(bytes, random.pick([1, 7, 1000, bytes.length]))
        const name = `${format}, ${link}, IPv${version}, seed ${seed}`
        t.strictSame(stops, [], name)
        t.strictSame(wayOf(pieces, 1, 40_000), alone(DIALLER), name)
        t.strictSame(wayOf(pieces, 1, 6800), alone(ACCEPTOR), name)
        t.equal(decoding.packets, parts.length, name)
        const times = pieces.map(({ afterMs }) => afterMs!)
        t.ok(
          times.every((ms, index) => ms >= (times[index - 1] ?? 0) && ms <= parts.length),
          `${name}: ${times.join(' ')}`,
        )
      }
    }
  }
  t.end()
})

t.test('links of both protocols, and other traffic between them', (t) => {
  const random = seededRandom('mixed')
  const http = new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'.repeat(400))
  const talks = [
    talk(random, { port: 1001, dialler: DIALLER, acceptor: ACCEPTOR }),
    talk(random, { port: 1002, dialler: cephFile('c2s'), acceptor: cephFile('s2c') }),
    talk(random, { port: 1003, dialler: http, acceptor: http }),
  ]
  const parts = talks.flat()
  const packets = parts.map((part) => packet('ethernet', part))
  const udp = packets[0]!.slice()
  udp[14 + 9] = 17
  const fragment = packets[0]!.slice()
  fragment[14 + 6] = 0x20
  const { pieces, stops, decoding } = explained(captureFile('pcap', 1, [udp, ...packets, fragment, fragment]))
  t.strictSame(stops, [])
  t.equal(decoding.links, 2)
  t.strictSame(wayOf(pieces, 1, 1001), alone(DIALLER))
  t.strictSame(wayOf(pieces, 2, 1002), alone(cephFile('c2s')))
  t.strictSame(wayOf(pieces, 2, 6800), alone(cephFile('s2c')))
  t.equal(decoding.passedOver.get('are not TCP'), 1)
  t.equal(decoding.passedOver.get('are fragments of IP'), 2)
  t.ok(decoding.passedOver.get('are of other connections')! > 50)
  t.match(explained(captureFile('pcap', 1, packets.slice(-40))).stops, [
    { reason: /no connection here speaks .*40 packets/ },
  ])
  t.match(explained(captureFile('pcap', 147, packets)).stops, [{ reason: /of link type 147, which is not known here/ }])
  t.end()
})

t.test('the same ports again are another link, and a reset ends one', (t) => {
  const random = seededRandom('again')
  const first = talk(random, { dialler: DIALLER, acceptor: ACCEPTOR.subarray(0, -8) })
  const { from, to } = first[0]!
  const reset = { from: to, to: from, seq: 78, flags: FLAGS.rst }
  const second = talk(random, { dialler: DIALLER, acceptor: ACCEPTOR, seq: 5 })
  const { pieces, stops } = explained(file([...first, reset, ...second]))
  t.strictSame(wayOf(pieces, 2, 40_000), alone(DIALLER))
  t.match(stops, [{ way: { link: 1, from: '127.0.0.2:6800' }, reason: /the bytes end in the middle/ }])
  t.end()
})

t.test('what the capture lacks is said, with its place', (t) => {
  const a = { host: HOST_A[4], port: 40_000 }
  const b = { host: HOST_B[4], port: 6800 }
  const syn = { from: a, to: b, seq: 0, flags: FLAGS.syn }
  const [at, end] = [200, 300]
  const before = { from: a, to: b, seq: 1, payload: DIALLER.subarray(0, at) }
  const behind = { from: a, to: b, seq: 1 + end, payload: DIALLER.subarray(end) }
  const lost = explained(file([syn, before, behind]))
  t.match(lost.stops, [{ reason: /^the capture lacks 100 bytes behind what is here$/ }])
  t.strictSame(
    lost.pieces.map(({ frame }) => frame),
    ['banner', 'HELLO', 'AUTH_REQUEST'],
  )
  const cut = { from: a, to: b, seq: 1 + at, payload: DIALLER.subarray(at, end), kept: 10 }
  t.match(explained(file([syn, before, cut, behind])).stops, [{ reason: /lacks 90 bytes .*tcpdump -s 0/ }])
  // A gap is not waited for with more than 4 MiB.
  const many = Array.from({ length: 100 }, (_, index) => ({
    from: a,
    to: b,
    seq: 10_000 + index * 60_000,
    payload: new Uint8Array(60_000),
  }))
  t.match(explained(file([syn, before, ...many])).stops, [{ reason: /lacks 9799 bytes/ }])
  t.end()
})

t.test('a capture that begins later than its connection is explained from the first frame on', (t) => {
  const a = { host: HOST_A[4], port: 40_000 }
  const b = { host: HOST_B[4], port: 6800 }
  const frames = [bytesOf('keepalive'), bytesOf('messages'), bytesOf('ack')]
  const middle = { from: a, to: b, seq: 1000, payload: Uint8Array.of(1, 255, 255, 255, ...DIALLER.subarray(40, 90)) }
  let seq = 2000
  const later = frames.map((payload) => ({ from: a, to: b, seq: (seq += payload.length) - payload.length, payload }))
  const { pieces, stops } = explained(file([middle, ...later]))
  t.strictSame(stops, [])
  const [keepalive, messages] = frames.map(({ length }) => length) as [number, number]
  t.strictSame(
    pieces.map(({ frame, at }) => `${at} ${frame}`),
    ['0 KEEPALIVE', `${keepalive} MESSAGES`, `${keepalive + messages} ACK`],
  )
  t.end()
})

t.test('hostile files end with a reason, hold little, and throw nothing', (t) => {
  const random = seededRandom('hostile')
  const parts = talk(random, { dialler: DIALLER, acceptor: ACCEPTOR })
  for (const format of FORMATS) {
    const bytes = file(parts, 'vlan', format)
    for (let cut = 0; cut < 300; cut++) explained(bytes.subarray(0, cut))
    for (let round = 0; round < 60; round++) {
      const altered = bytes.slice()
      for (let flips = random.integer(1, 20); flips > 0; flips--)
        altered[random.integer(0, altered.length - 1)] = random.integer(0, 255)
      const { stops } = explained(altered, 512)
      t.ok(stops.every(({ reason }) => reason.length > 8))
    }
  }
  const endless = captureFile('pcap', 1, [new Uint8Array(0)])
  endless.fill(255, 24)
  t.match(explained(endless).stops, [{ reason: /a packet of 4294967295 bytes; at most 1048576 are read/ }, {}])
  t.match(explained(Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a, ...new Uint8Array(8))).stops, [
    { reason: /no known byte order/ },
    {},
  ])
  // Many links, each with a part of a large frame that never becomes whole.
  const claim = Uint8Array.of(32, 0, 0, 0, 0, 0, 0xc0, 3, 0, 0, 0, 0)
  const claims = Array.from({ length: 12 }, (_, index) => {
    const from = { host: HOST_A[4], port: 100 + index }
    const to = { host: HOST_B[4], port: 6800 }
    const payload = concat([encodeBanner(1), bytesOf('hello'), claim, new Uint8Array(30_000)])
    return [
      { from, to, seq: 0, flags: FLAGS.syn },
      { from, to, seq: 1, payload },
      { from, to, seq: 1 + payload.length, payload },
    ]
  })
  const reasons = explained(file(claims.flat()), undefined, 2 ** 18).stops.map(({ reason }) => reason)
  t.equal(reasons.length, 12)
  const refused = reasons.filter((reason) =>
    /^a frame takes \d+ bytes so far, and those of other links hold \d+ of 262144$/.test(reason),
  )
  t.ok(refused.length > 2 && refused.length < 10, reasons.join('\n'))
  // More connections than are followed: those of others make room.
  const strangers = Array.from({ length: 5000 }, (_, index) => ({
    ...{ from: { host: [10, 1, index >> 8, index & 255], port: 80 }, to: { host: HOST_B[4], port: 81 } },
    ...{ seq: 1, payload: Uint8Array.of(71) },
  }))
  t.strictSame(wayOf(explained(file([...strangers, ...parts])).pieces, 1, 40_000), alone(DIALLER))
  t.end()
})

t.test('the command shows both directions in their order, one link when asked, and JSON', async (t) => {
  const random = seededRandom('shown')
  const parts = [1001, 1002].flatMap((port) => talk(random, { port, dialler: DIALLER, acceptor: ACCEPTOR }))
  const cwd = t.testdir({ 'link.pcapng': Buffer.from(file(parts, 'Linux any', 'pcapng')) })
  const all = await inkwire(['decode', 'link.pcapng'], { cwd })
  t.equal(all.code, EXIT.ok, all.out)
  t.match(all.out, /^link 1, 127\.0\.0\.\d:\d+ > 127\.0\.0\.\d:\d+, after 0\.\d{6} s\n {7}0 {2}banner, 16 bytes\n/)
  t.match(all.out, /\n2 links in \d+ packets: .*GOODBYE 2.*\n$/)
  const one = await inkwire(['decode', '--link', '2', 'link.pcapng'], { cwd })
  t.match(one.out, /^link 2, /)
  t.notMatch(one.out, /^link 1, /m)
  const bytes = readFileSync(join(cwd, 'link.pcapng'))
  async function* stdin(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3)
  }
  const json = await inkwire(['decode', '--json'], { stdin })
  const lines = json.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Piece & { end?: object })
  t.match(lines[0], { way: { link: 1 }, frame: 'banner', at: 0, afterMs: /\d/ })
  t.match(lines.at(-1), { end: { links: 2, packets: parts.length, frames: { GOODBYE: 2 }, stops: [] } })
  const cut = await inkwire(['decode', '-'], { stdin: () => stdinOf(bytes.subarray(0, 2500)) })
  t.equal(cut.code, EXIT.unwell)
  t.match(cut.out, /link 1, .* stops at \d+: (the bytes end|the capture lacks)/)
  t.match(cut.out, /^stops at 2500: the capture ends in the middle of a packet; what was read before is explained$/m)
})

async function* stdinOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  await Promise.resolve()
  yield bytes
}
