/** `inkwire decode`: the examples of docs/PROTOCOL.md and a capture of Ceph are explained, and no bytes break it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Decoding } from '../../../src/cli/decode/stream.ts'
import type { Piece, Stop } from '../../../src/cli/decode/piece.ts'
import { concat, fromHex, toHex } from '../../../src/common/bytes.ts'
import { controlFrame, encodeHello } from '../../../src/wire/native/control-frames.ts'
import { TAG } from '../../../src/wire/native/format.ts'
import { readText } from '../../house/tidy/source.ts'
import { EXIT, inkwire } from './shell.ts'

/** As they are printed, comments included. */
const texts = new Map(
  [...readText('docs/PROTOCOL.md').matchAll(/^```hex (\S+)\n(.*?)^```$/gms)].map(([, name, text]) => [name!, text!]),
)
const bytesOf = (...names: string[]): Uint8Array =>
  concat(names.map((name) => fromHex(texts.get(name)!.replaceAll(/#.*$/gm, '').replaceAll(/\s+/g, ''))))
const DIALLER = bytesOf('banner', 'hello', 'auth-request', 'open', 'confirm', 'messages', 'first-chunk', 'continuation')
const OSD = { name: 'osd.0', instance: '00112233445566778899aabbccddeeff', addresses: [] }
const captured = fileURLToPath(new URL('../../support/ceph-captures/cephx-crc-ceph-s.conn00.c2s.bin', import.meta.url))

interface Told {
  readonly pieces: Piece[]
  readonly stops: Stop[]
}

function decoded(chunks: readonly Uint8Array[]): Told {
  const told: Told = { pieces: [], stops: [] }
  const hearer = { piece: (one: Piece) => void told.pieces.push(one), stop: (one: Stop) => void told.stops.push(one) }
  const decoding = new Decoding(hearer, 16)
  for (const chunk of chunks) decoding.receive(chunk)
  decoding.end()
  return told
}

t.test('every example of the page is explained as it stands there', async (t) => {
  for (const [name, text] of texts) {
    if (name === 'continuation') continue
    const { code, out } = await inkwire(['decode', '--hex', text])
    t.equal(code, EXIT.ok, `${name}: ${out}`)
    const frame = name.replace('-acceptor', '').replace('-move', '').replaceAll('-', '_').toUpperCase()
    const known = /BANNER|MESSAGES|EXTENSION|EXPIRES|FIRST_CHUNK|ADDRESSES/.test(frame)
      ? /banner|MESSAGES/
      : new RegExp(frame)
    t.match(out.split('\n')[0], known, name)
    if (frame !== 'BANNER') t.match(out, /checksum +stated [0-9a-f]{8}, verdict matches/, name)
  }
  const hello = await inkwire(['decode', '--hex', texts.get('hello')!])
  t.match(
    hello.out,
    /^ {7}0 {2}HELLO, 92 bytes\n {7}0 {4}tag +1\n {7}1 {4}flags +checksum crc32c\n {7}4 {4}length +80$/m,
  )
  t.match(
    hello.out,
    /name +osd\.0\n.*instance +0{2}11.*\n.*addresses +tcp:\/\/10\.0\.0\.1:6800\n.*frameBytesMax +524288/,
  )
  t.match(hello.out, /features\[1\] +number 2, name CONTROL_LANE/)
  const open = await inkwire(['decode', '--hex', texts.get('open')!])
  t.match(open.out, /ballot +epoch 3, dialler 0a000001\n.*channel +0\n.*policy +peer\n.*fresh +(5e){16}/)
  t.match(open.out, /resume\[0\] +id (a1){16}, marks \[\[.*\], \[received 7, processed 6\], /)
  const messages = await inkwire(['decode', '--hex', texts.get('messages')!])
  t.match(messages.out, /flags +checksum crc32c, ackNow true\n.*lane +1\n.*\n.*\n +12 +messages +2\n +16 +first +8\n/)
  t.match(messages.out, / 40 +stamp +time 2023-11-14T22:13:20\.000Z, ms 1700000000000, counter 1\n/)
  t.match(messages.out, / 48 +message 8 +type 17, priority 127, flags \[DATA\], data 3 bytes c0ffee\n +59 +message 9 /)
  t.match(
    messages.out,
    /tid 42, version 2, front 1 byte f0, data 2 bytes da7a\nall of 86 bytes explained: MESSAGES 1\n$/,
  )
  t.match(
    (await inkwire(['decode', '--hex', texts.get('extension')!])).out,
    /extension 3 bytes e0e1e2, data 3 bytes c0ff/,
  )
  t.match(
    (await inkwire(['decode', '--hex', texts.get('expires')!])).out,
    /flags \[VERSION, DATA, EXPIRES\], version 0, remainingMs 1500, data 3 bytes c0ff/,
  )
  t.match((await inkwire(['decode', '--hex', texts.get('ack')!])).out, /credit +messages 65538, bytes 67108870\n/)
  t.match((await inkwire(['decode', '--hex', texts.get('failed')!])).out, /INK_HANDLER_FAILED.*ENOENT/)
})

t.test('a direction from a file, through a pipe and split anywhere is the same, and has its offsets', async (t) => {
  const run = mkdtempSync(join(tmpdir(), 'inkwire-decode-'))
  t.teardown(() => {
    rmSync(run, { recursive: true, force: true })
  })
  writeFileSync(join(run, 'dialler.bin'), DIALLER)
  const file = await inkwire(['decode', 'dialler.bin', '--json', '--bytes', '2'], { cwd: run })
  t.equal(file.code, EXIT.ok)
  async function* stdin(): AsyncIterable<Uint8Array> {
    for (const byte of DIALLER) yield Uint8Array.of(byte)
  }
  t.equal((await inkwire(['decode', '-', '--json', '--bytes', '2'], { stdin })).out, file.out)
  const lines = file.out.trim().split('\n')
  const pieces = lines.slice(0, -1).map((line) => JSON.parse(line) as Piece)
  let at = 0
  for (const piece of pieces) {
    t.equal(piece.at, at, piece.frame)
    at += piece.bytes
  }
  t.strictSame(JSON.parse(lines.at(-1)!), {
    end: {
      bytes: DIALLER.length,
      frames: { banner: 1, HELLO: 1, AUTH_REQUEST: 1, OPEN: 1, CONFIRM: 1, MESSAGES: 3 },
      stopped: null,
    },
  })
  const chunk = { type: 19, priority: 127, flags: ['CHUNK', 'DATA'], dataBytesInAll: 5 }
  t.match(pieces.at(-2)!.fields.at(-1), { name: 'message 10', value: { ...chunk, chunk: { bytes: 3, hex: '0102' } } })
  t.match(await inkwire(['decode', 'gone.bin'], { cwd: run }), {
    code: EXIT.unreachable,
    err: /gone\.bin cannot be read/,
  })
  t.match(await inkwire(['decode', 'x', '--hex', '00']), { code: EXIT.usage, err: /a file or --hex/ })
  t.match(await inkwire(['decode', '--hex', '0x']), { code: EXIT.usage, err: /even number of hexadecimal/ })
  const signal = AbortSignal.abort()
  t.match(await inkwire(['decode', 'dialler.bin'], { cwd: run, signal }), {
    code: EXIT.unwell,
    out: /it was interrupted\n$/,
  })
  t.match(await inkwire(['decode']), { code: EXIT.unwell, out: /stops at 0: there are no bytes/ })
})

t.test('MESSAGES without checksums are explained, unless OPENED said that they have them', async (t) => {
  const frame = bytesOf('messages')
  frame[1]! |= 1
  frame.fill(0, 8, 12)
  t.match(await inkwire(['decode', '--hex', toHex(frame)]), {
    code: EXIT.ok,
    out: /stated 00000000, verdict not checked/,
  })
  const { stops } = decoded([bytesOf('opened'), frame])
  t.match(stops, [{ at: 96, code: 'INK_INCOMPATIBLE', reason: /does not have the checksum kind agreed on/ }])
})

t.test('what the HELLO of a direction does not name must not come behind it', (t) => {
  t.strictSame(decoded([bytesOf('hello', 'extension')]).stops, [])
  const payload = encodeHello({ version: 1, frameBytesMax: 4096, features: [], identity: { ...OSD } })
  const { stops } = decoded([controlFrame(TAG.HELLO, payload), bytesOf('extension')])
  t.match(stops, [{ at: 12 + payload.length, reason: /an extension block, which this peer does not know/ }])
  t.end()
})

t.test('what is altered, wrong or cut ends with the reason and the offset', async (t) => {
  const altered = DIALLER.slice()
  altered[16 + 20]! ^= 1
  const told = await inkwire(['decode', '--hex', toHex(altered)])
  t.equal(told.code, EXIT.unwell)
  t.match(
    told.out,
    /16 {2}HELLO, 92 bytes\n[\s\S]*verdict does not match\nstops at 16: INK_RESET: the checksum of a frame HELLO/,
  )
  for (const [hex, reason] of [
    [toHex(bytesOf('continuation')), /stops at 0: INK_INCOMPATIBLE: a chunk continues a message that did not begin/],
    ['474554202f20485454502f312e310d0a', /stops at 0: INK_INCOMPATIBLE: .* it looks like HTTP/],
    ['474554', /stops at 0: INK_INCOMPATIBLE: .* it looks like HTTP/],
    [
      `${toHex(bytesOf('confirm'))}6300000000000000000000ff`,
      /stops at 12: INK_INCOMPATIBLE: there is no frame with tag 99/,
    ],
    ['200000000000000500000000', /stops at 0: INK_INCOMPATIBLE: a frame MESSAGES of 83886080 bytes; the limit is/],
    [
      '200000000000000300000000',
      /stops at 0: the bytes end in the middle: MESSAGES has 50331696 bytes, and 12 are here/,
    ],
    ['63657068207630', /stops at 0: INK_INCOMPATIBLE: the peer speaks Ceph's msgr1/],
  ] as const) {
    const { code, out } = await inkwire(['decode', '--hex', hex])
    t.equal(code, EXIT.unwell, hex)
    t.match(out, reason)
  }
  const whole = decoded([DIALLER])
  const starts = new Set([...whole.pieces.map(({ at }) => at), DIALLER.length])
  for (let length = 1; length < DIALLER.length; length++) {
    const { pieces, stops } = decoded([DIALLER.subarray(0, length)])
    const there = whole.pieces.filter(({ at, bytes }) => at + bytes <= length)
    if (pieces.length !== there.length || stops.length !== (starts.has(length) ? 0 : 1)) t.fail(`cut at ${length}`)
  }
})

t.test('any bytes are explained or refused once, in either protocol', (t) => {
  let state = 7
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (const good of [DIALLER, new Uint8Array(readFileSync(captured))]) {
    for (let round = 0; round < 200; round++) {
      const bytes = good.slice()
      for (let count = 0; count <= random(3); count++) bytes[random(bytes.length)] = random(256)
      const at = random(bytes.length)
      const { pieces, stops } = decoded([bytes.subarray(0, at), bytes.subarray(at)])
      const end = pieces.at(-1)
      const explained = stops.length === 0 && end !== undefined && end.at + end.bytes === bytes.length
      if (!explained && stops.length !== 1) t.fail(`seed 7, round ${round}: ${stops.length} ends`)
    }
  }
  t.pass('none threw')
  t.end()
})

t.test("a capture of Ceph's msgr2 is explained until its end, or until it is encrypted", async (t) => {
  const { code, out } = await inkwire(['decode', captured])
  t.equal(code, EXIT.ok, out)
  t.match(out, /^ +0 {2}banner, 26 bytes\n.*magic +ceph v2\\n\n/)
  t.match(out, /26 {2}HELLO, 72 bytes\n[\s\S]*entity +client\n.*seen +v2:127\.0\.0\.1:13300\/0\n/)
  t.match(out, /CLIENT_IDENT, \d+ bytes[\s\S]*target +v2:127\.0\.0\.1:13300\/0\n.*gid +-?\d+\n/)
  t.match(out, /MESSAGE, \d+ bytes[\s\S]*seq +1\n/)
  const secret = await inkwire(['decode', captured.replace('cephx-crc-ceph-s.conn00', 'cephx-secure-ceph-s.conn00')])
  t.match(secret, { code: EXIT.unwell, out: /stops at \d+: .*encrypted from here on\n$/ })
})
