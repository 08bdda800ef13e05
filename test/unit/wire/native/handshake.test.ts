/** The handshake of both roles: authentication, refusals, and peers that break the order. */
import t, { type Test } from 'tap'
import { AuthRefused, type AuthMethod, type Transcript } from '../../../../src/wire/auth-method.ts'
import { encodeBanner } from '../../../../src/wire/native/banner.ts'
import { concat, toHex } from '../../../../src/common/bytes.ts'
import { readUint32 } from '../../../../src/wire/native/bytes.ts'
import * as frames from '../../../../src/wire/native/control-frames.ts'
import { TAG } from '../../../../src/wire/native/format.ts'
import { native } from '../../../../src/wire/native/native.ts'
import { ANSWER, context, encoded, header, message, OFFER, openPair, pair, pattern, queueOf, shake } from './pair.ts'
import type { PairOptions } from './pair.ts'
import { frameStarts } from './session-bytes.ts'

interface Seen {
  readonly step: string
  readonly payload: string
  readonly transcript: Transcript
  readonly peer: string
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** A method with all four steps that writes down what it sees, and refuses at the step named. */
function challenging(seen: Seen[], refuseAt = '', thrown: Error = new AuthRefused(`${refuseAt} is wrong`)): AuthMethod {
  const note = (step: string, payload: Uint8Array, transcript: Transcript, peer: string) => {
    seen.push({ step, payload: textOf(payload), transcript, peer })
    if (step === refuseAt) throw thrown
  }
  return {
    name: 'four-steps',
    dialler: (self) => ({
      request: () => bytesOf(`request of ${self}`),
      challenge(payload, transcript, peer) {
        note('challenge', payload, transcript, peer)
        return bytesOf('response')
      },
      done: (payload, transcript, peer) => note('done', payload, transcript, peer),
    }),
    acceptor: (self) => ({
      request(payload, transcript, peer) {
        note('request', payload, transcript, peer)
        return { kind: 'challenge', payload: bytesOf(`challenge of ${self}`) }
      },
      response(payload, transcript, peer) {
        note('response', payload, transcript, peer)
        return bytesOf('done')
      },
    }),
  }
}

function run(options: PairOptions) {
  const both = pair(options)
  both.dialler.wire.open(OFFER)
  return { ...both, flights: shake(both) }
}

t.test('a method with a challenge costs one round trip more, and its steps see what was said', (t) => {
  const seen: Seen[] = []
  const auth = challenging(seen)
  const { dialler, acceptor, flights } = run({ dialler: { auth }, acceptor: { auth } })
  t.equal(flights.length, 5, 'first flight, challenge, response, done and OPENED, CONFIRM')
  t.ok(dialler.sink.all('opened').length === 1 && acceptor.sink.all('confirmed').length === 1)
  t.strictSame(
    seen.map(({ step, payload, peer }) => [step, payload, peer]),
    [
      ['request', 'request of osd.0', 'osd.0'],
      ['challenge', 'challenge of osd.1', 'osd.1'],
      ['response', 'response', 'osd.0'],
      ['done', 'done', 'osd.1'],
    ],
  )
  const first = toHex(flights[0]!)
  for (const { step, transcript } of seen) t.equal(toHex(transcript.dialler), first, `${step}: the whole first flight`)
  const said = flights[1]!
  const [hello, challenge, end] = frameStarts(said)
  t.equal(end, said.length)
  const before = { request: 0, challenge: challenge!, response: end!, done: end! }
  // The acceptor makes its challenge after it has written banner and HELLO.
  before.request = challenge!
  t.equal(hello, 16)
  for (const { step, transcript } of seen) {
    const expected = said.subarray(0, before[step as keyof typeof before])
    t.equal(toHex(transcript.acceptor), toHex(expected), `${step}: all before the frame in question`)
  }
  t.end()
})

t.test('the dialler sends everything in one flight and the acceptor is silent until HELLO', (t) => {
  const { dialler, acceptor } = pair()
  dialler.wire.open(OFFER)
  const flight = concat(dialler.wire.takeHandshake())
  t.strictSame(
    frameStarts(flight)
      .slice(0, -1)
      .map((at) => flight[at]),
    [TAG.HELLO, TAG.AUTH_REQUEST, TAG.OPEN],
  )
  const afterHello = frameStarts(flight)[1]!
  acceptor.wire.receive(flight.subarray(0, afterHello - 1))
  t.strictSame(acceptor.wire.takeHandshake(), [])
  acceptor.wire.receive(flight.subarray(afterHello - 1, afterHello))
  t.equal(acceptor.wire.takeHandshake().length, 2, 'banner and HELLO')
  acceptor.wire.receive(flight.subarray(afterHello))
  t.equal(acceptor.wire.takeHandshake().length, 2, 'AUTH_DONE and OPENED')
  t.end()
})

t.test('an acceptor that refuses says so to both', (t) => {
  for (const step of ['request', 'response']) {
    const auth = challenging([], step)
    const { dialler, acceptor } = run({ dialler: { auth }, acceptor: { auth } })
    t.equal(acceptor.sink.faulted, `INK_AUTH_REFUSED: ${step} is wrong`)
    t.strictSame(dialler.sink.told, [['fault', 'INK_AUTH_REFUSED', `${step} is wrong`]], 'which is no verdict')
    t.strictSame(acceptor.sink.all('offer'), [], 'the session never hears of it')
  }
  t.end()
})

t.test('a dialler that refuses ends its side, and says why', (t) => {
  for (const step of ['challenge', 'done']) {
    const auth = challenging([], step)
    const { dialler, acceptor } = run({ dialler: { auth }, acceptor: { auth } })
    t.strictSame(dialler.sink.told, [['fault', 'INK_AUTH_REFUSED', `${step} is wrong`]], 'which is no verdict')
    t.equal(acceptor.sink.faulted, `INK_AUTH_REFUSED: ${step} is wrong`)
    t.strictSame(acceptor.sink.all('confirmed'), [])
  }
  const auth = challenging([], 'done')
  const both = pair({ dialler: { auth }, acceptor: { auth } })
  both.acceptor.sink.decide = () => {}
  both.dialler.wire.open(OFFER)
  shake(both)
  t.equal(both.acceptor.sink.faulted, 'INK_AUTH_REFUSED: done is wrong', 'also while its session decides')
  t.end()
})

t.test('an error inside a method is a refusal, and only this side hears of its text', (t) => {
  const auth = challenging([], 'request', new TypeError('secret detail'))
  const { dialler, acceptor } = run({ dialler: { auth }, acceptor: { auth } })
  t.equal(acceptor.sink.faulted, 'INK_AUTH_REFUSED: the authentication method failed: TypeError: secret detail')
  t.strictSame(dialler.sink.told, [['fault', 'INK_AUTH_REFUSED', 'the authentication method failed']])
  t.end()
})

t.test('different methods are named, both of them', (t) => {
  const { dialler, acceptor } = run({ acceptor: { auth: challenging([]) } })
  const reason = 'osd.1 authenticates with "four-steps", osd.0 with "none"'
  t.equal(acceptor.sink.faulted, `INK_AUTH_REFUSED: ${reason}`)
  t.strictSame(dialler.sink.told, [['fault', 'INK_AUTH_REFUSED', reason]])
  t.end()
})

t.test('the session may yield or reject', (t) => {
  const yielding = pair()
  yielding.acceptor.sink.decide = () => yielding.acceptor.wire.yield(41)
  yielding.dialler.wire.open(OFFER)
  shake(yielding)
  t.strictSame(yielding.dialler.sink.told, [['yielded', 41]])

  const rejecting = pair()
  rejecting.acceptor.sink.decide = () => rejecting.acceptor.wire.reject('INK_TAKEN_OVER', 'osd.0 was taken over')
  rejecting.dialler.wire.open(OFFER)
  shake(rejecting)
  t.strictSame(rejecting.dialler.sink.told, [['rejected', 'INK_TAKEN_OVER', 'osd.0 was taken over']])
  t.end()
})

t.test('who has refused a link, or was refused, is deaf on it', (t) => {
  const both = pair()
  both.acceptor.sink.decide = () => both.acceptor.wire.yield(7)
  both.dialler.wire.open(OFFER)
  shake(both)
  for (const { sink, wire } of [both.acceptor, both.dialler]) {
    const told = sink.told.length
    wire.receive(new Uint8Array(100))
    t.equal(sink.told.length, told)
  }
  t.end()
})

t.test('each side keeps to the frames that the other one takes', (t) => {
  const limits = { handshakeBytes: 4096, frameBytes: 4096 }
  const sent = message({ data: pattern(10_000) })
  const { dialler } = openPair({ acceptor: { limits } })
  const { acceptor } = openPair({ dialler: { limits } })
  const both = openPair()
  for (const [from, to] of [
    [both.dialler, both.acceptor],
    [both.acceptor, both.dialler],
  ] as const) {
    to.wire.receive(encoded((out) => from.wire.encodeBatch(out, header(), queueOf(sent), 0, 1)))
    t.equal(to.sink.all('message').length, 1, 'which is more than a stranger may send')
  }
  for (const { wire } of [dialler, acceptor]) {
    const bytes = encoded((out) => wire.encodeBatch(out, header(), queueOf(sent), 0, 1))
    const starts = frameStarts(concat([new Uint8Array(16), bytes])).map((at) => at - 16)
    t.strictSame(
      starts.slice(0, -1).map((at) => readUint32(bytes, at + 4) <= 4096),
      [true, true, true],
    )
  }
  t.end()
})

t.test('the session may take its time, and an answer after the link has failed is ignored', (t) => {
  const both = pair()
  both.acceptor.sink.decide = () => {}
  both.dialler.wire.open(OFFER)
  shake(both)
  t.strictSame(both.dialler.sink.told, [])
  both.acceptor.wire.answer(ANSWER)
  both.dialler.wire.receive(concat(both.acceptor.wire.takeHandshake()))
  t.equal(both.dialler.sink.all('opened').length, 1)
  t.throws(() => both.acceptor.wire.yield(1), { code: 'INK_INTERNAL' }, 'an offer is answered once')

  const late = pair()
  late.acceptor.sink.decide = () => {}
  late.dialler.wire.open(OFFER)
  shake(late)
  late.acceptor.wire.receive(new Uint8Array(12))
  t.match(late.acceptor.sink.faulted, /no frame with tag 0/)
  late.acceptor.wire.answer(ANSWER)
  late.acceptor.wire.reject('INK_REFUSED', '')
  t.strictSame(late.acceptor.wire.takeHandshake(), [])

  const cut = pair()
  cut.dialler.sink.decide = () => {}
  cut.dialler.wire.open(OFFER)
  shake(cut)
  cut.dialler.wire.receive(new Uint8Array(12))
  cut.dialler.wire.confirm()
  t.strictSame(cut.dialler.wire.takeHandshake(), [])
  t.end()
})

t.test('checksums are given up only when both sides want that', (t) => {
  const kinds = ['crc32c', 'none'] as const
  for (const dials of kinds) {
    for (const accepts of kinds) {
      const options = { diallerProtocol: native({ checksum: dials }), acceptorProtocol: native({ checksum: accepts }) }
      const { dialler, acceptor } = run(options)
      const flags = encoded((out) => dialler.wire.encodeBatch(out, header(), queueOf(message()), 0, 1))[1]
      t.equal(flags, dials === 'none' && accepts === 'none' ? 1 : 0)
      acceptor.wire.receive(encoded((out) => dialler.wire.encodeBatch(out, header(), queueOf(message()), 0, 1)))
      t.equal(acceptor.sink.all('message').length, 1)
    }
  }
  t.end()
})

/** The frames of a dialler's first flight. */
function flight(change: { banner?: Uint8Array } = {}): Uint8Array[] {
  const { wire } = pair().dialler
  wire.open(OFFER)
  const [banner, ...rest] = wire.takeHandshake()
  return [change.banner ?? banner!, ...rest]
}

t.test('without a checksum kind in common the dialler is told', (t) => {
  const { wire, sink } = pair().acceptor
  wire.receive(concat(flight({ banner: encodeBanner(2) })))
  t.equal(sink.faulted, 'INK_INCOMPATIBLE: osd.1 and osd.0 have no checksum kind in common')
  const { dialler } = pair()
  dialler.wire.open(OFFER)
  dialler.wire.receive(concat(wire.takeHandshake()))
  t.strictSame(dialler.sink.told, [['fault', 'INK_INCOMPATIBLE', 'osd.1 and osd.0 have no checksum kind in common']])
  t.end()
})

function acceptorRefuses(t: Test, parts: readonly Uint8Array[], reason: RegExp) {
  const { wire, sink } = pair().acceptor
  wire.receive(concat(parts))
  t.match(sink.faulted, reason)
}

t.test('frames out of order are refused', (t) => {
  const [banner, hello, request, open] = flight() as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  acceptorRefuses(t, [banner, request], /AUTH_REQUEST must not come at this point/)
  acceptorRefuses(t, [banner, hello, hello], /HELLO must not come/)
  acceptorRefuses(t, [banner, hello, open], /OPEN must not come/)
  acceptorRefuses(t, [banner, hello, request, open, open], /OPEN must not come/)
  const confirm = frames.controlFrame(TAG.CONFIRM, frames.encodeConfirm())
  acceptorRefuses(t, [banner, hello, request, open, confirm, confirm], /CONFIRM must not come in a session/)
  const both = pair()
  both.acceptor.sink.decide = () => {}
  both.acceptor.wire.receive(concat([banner, hello, request, open, confirm]))
  t.match(both.acceptor.sink.faulted, /CONFIRM must not come/, 'nothing is confirmed that was not promised')
  const early = pair().dialler
  early.wire.receive(concat([banner, hello]))
  t.match(early.sink.faulted, /HELLO must not come/, 'a dialler speaks first')
  t.end()
})

t.test('what a frame says is checked, and the frame is named', (t) => {
  const [banner, hello, request] = flight() as [Uint8Array, Uint8Array, Uint8Array]
  const bad = frames.controlFrame(
    TAG.HELLO,
    frames.encodeHello({ version: 1, identity: context('x.1').self, frameBytesMax: 1, features: [] }),
  )
  acceptorRefuses(t, [banner, bad], /INK_INCOMPATIBLE: HELLO: frames of 4096 bytes are not taken/)
  acceptorRefuses(t, [banner, hello, request, frames.controlFrame(TAG.OPEN, new Uint8Array(0))], /OPEN: the ballot/)
  t.end()
})

t.test('what a stranger says is no verdict, and an acceptor chooses only what was offered', (t) => {
  const { acceptor } = pair()
  acceptor.wire.receive(concat(flight()))
  const [banner, hello, done] = acceptor.wire.takeHandshake() as [Uint8Array, Uint8Array, Uint8Array]
  const told = (...parts: Uint8Array[]) => {
    const { wire, sink } = pair().dialler
    wire.open(OFFER)
    wire.receive(concat([banner, hello, ...parts]))
    return sink
  }
  const reject = (code: 'INK_TAKEN_OVER' | 'INK_INCOMPATIBLE') =>
    frames.controlFrame(TAG.REJECT, frames.encodeReject({ code, reason: 'no' }))
  t.match(told(reject('INK_TAKEN_OVER')).faulted, /REJECT: INK_TAKEN_OVER is not for a peer without proof/)
  t.strictSame(told(reject('INK_INCOMPATIBLE')).told, [['fault', 'INK_INCOMPATIBLE', 'no']])
  t.strictSame(told(done, reject('INK_TAKEN_OVER')).told, [['rejected', 'INK_TAKEN_OVER', 'no']])
  const opened = frames.controlFrame(TAG.OPENED, frames.encodeOpened({ answer: ANSWER, checksum: 1 }))
  t.match(told(done, opened).faulted, /OPENED: it chose a checksum kind that was not offered/)
  t.match(told(opened).faulted, /OPENED must not come/, 'not before it has proved its name')
  const right = frames.controlFrame(TAG.OPENED, frames.encodeOpened({ answer: ANSWER, checksum: 0 }))
  const { dialler } = pair()
  dialler.sink.decide = () => {}
  dialler.wire.open(OFFER)
  dialler.wire.receive(concat([banner, hello, done, right, right]))
  t.match(dialler.sink.faulted, /OPENED must not come/, 'nor twice')
  t.end()
})

t.test('while a challenge is open the peer is a stranger still, on either side', (t) => {
  const auth = challenging([])
  const { dialler, acceptor } = pair({ dialler: { auth }, acceptor: { auth } })
  dialler.wire.open(OFFER)
  acceptor.wire.receive(concat(dialler.wire.takeHandshake()))
  const first = concat(acceptor.wire.takeHandshake())
  dialler.wire.receive(first)
  acceptor.wire.receive(frames.controlFrame(TAG.AUTH_RESPONSE, new Uint8Array(4096)).subarray(0, 12))
  t.match(acceptor.sink.faulted, /more than 4096 bytes before authentication/)
  const again = pair({ dialler: { auth } }).dialler
  again.wire.open(OFFER)
  const challenge = frames.controlFrame(TAG.AUTH_CHALLENGE, frames.encodeAuthStep(bytesOf('twice')))
  again.wire.receive(concat([first, challenge]))
  t.match(again.sink.faulted, /AUTH_CHALLENGE must not come/, 'and is challenged once')
  const refusal = { code: 'INK_INCOMPATIBLE' as const, reason: 'no' }
  dialler.wire.receive(frames.controlFrame(TAG.REJECT, frames.encodeReject(refusal)))
  t.strictSame(dialler.sink.told, [['fault', 'INK_INCOMPATIBLE', 'no']])
  t.end()
})

t.test('a first flight with everything in it fits the allowance of a stranger', (t) => {
  const addresses = Array.from({ length: 8 }, (_, index) => `tcp://[fe80::1234:5678:9abc:def${index}]:65535`)
  const self = { name: `${'a'.repeat(32)}.${'b'.repeat(64)}`, instance: 'f'.repeat(32), addresses }
  const marks = Array.from({ length: 3 }, () => ({ received: 2 ** 53 - 1, processed: 2 ** 53 - 1 }))
  const resume = [1, 2].map((digit) => ({ id: String(digit).repeat(32), marks }))
  const { dialler } = pair({ dialler: { self } })
  dialler.wire.open({ ...OFFER, ballot: { epoch: 2 ** 32 - 1, dialler: 'ff'.repeat(64) }, resume })
  const bytes = concat(dialler.wire.takeHandshake())
  t.ok(bytes.length < 1500, `${bytes.length} bytes`)
  t.ok(readUint32(bytes, 20) > 0)
  t.end()
})
