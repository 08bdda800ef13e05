/** Holds every hex example of docs/PROTOCOL.md to the code, in both directions, byte for byte. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { native } from '../../../src/wire/native/native.ts'
import { encodeBanner } from '../../../src/wire/native/banner.ts'
import { concat, fromHex, toHex } from '../../../src/common/bytes.ts'
import { CONTROL_WORDS, CONTROL_WORD_BYTES, EXTENSION_BYTES_MAX } from '../../../src/wire/message.ts'
import * as frames from '../../../src/wire/native/control-frames.ts'
import * as session from '../../../src/wire/native/session-frames.ts'
import { FEATURE, OFFERED } from '../../../src/wire/native/features.ts'
import {
  ADDRESSES_MAX,
  BALLOT_BYTES_MAX,
  CONTROL_BYTES_MAX,
  FEATURE_BYTES_MAX,
  FEATURES_MAX,
  FRAME_BYTES_MIN,
  MESSAGE_BYTES_MAX,
} from '../../../src/wire/native/format.ts'
import { REASON_CHARS_MAX, TAG } from '../../../src/wire/native/format.ts'
import { encodeAddresses } from '../../../src/session/routes/words.ts'
import { VERDICTS_MAX } from '../../../src/session/verdicts.ts'
import { VERDICT_ERROR_CODE_CHARS_MAX, VERDICT_REASON_CHARS_MAX } from '../../../src/wire/verdict.ts'
import { EPOCH_MAX } from '../../../src/wire/wire.ts'
import type { SessionAnswer, SessionOffer } from '../../../src/wire/wire.ts'
import { context, encoded, encoderFor, header, message, queueOf, type End } from '../../unit/wire/native/pair.ts'
import { RecordingSink } from '../../support/recording-sink.ts'

const page = readFileSync(new URL('../../../docs/PROTOCOL.md', import.meta.url), 'utf8')

/** The examples of the page: blocks of hexadecimal digits with comments, each with a name behind `hex`. */
const printed = new Map(
  [...page.matchAll(/^```hex (\S+)\n(.*?)^```$/gms)].map(([, name, text]) => [
    name!,
    fromHex(text!.replaceAll(/#.*$/gm, '').replaceAll(/\s+/g, '')),
  ]),
)

const osd0 = { name: 'osd.0', instance: '00112233445566778899aabbccddeeff', addresses: ['tcp://10.0.0.1:6800'] }
const osd1 = { name: 'osd.1', instance: 'ffeeddccbbaa99887766554433221100', addresses: ['tcp://10.0.0.2:6800'] }
const hello = { version: 1, frameBytesMax: 512 * 1024, features: OFFERED }
const grant = { window: { messages: 65536, bytes: 67108864 }, free: { messages: 65536, bytes: 67108864 } }

const offer: SessionOffer = {
  ballot: { epoch: 3, dialler: '0a000001' },
  channel: 0,
  policy: 'peer',
  fresh: '5e'.repeat(16),
  resume: [
    { id: 'a1'.repeat(16), marks: [0, 7, 0].map((count) => ({ received: count, processed: Math.max(count - 1, 0) })) },
  ],
  grant,
}

const answer: SessionAnswer = {
  id: 'a1'.repeat(16),
  resumed: true,
  marks: [0, 2, 0].map((count) => ({ received: count, processed: count })),
  policy: 'peer',
  grant,
}

const stamp = { stampMs: 1_700_000_000_000, stampCounter: 1 }
const two = queueOf(
  message({ type: 17, data: fromHex('c0ffee') }),
  message({ type: 18, version: 2, priority: 200, tid: 42, front: fromHex('f0'), data: fromHex('da7a') }),
)
const extended = queueOf(message({ type: 17, extension: fromHex('e0e1e2'), data: fromHex('c0ffee') }))
const moved = queueOf(
  message({ type: 0, extension: concat([Uint8Array.of(10, 0), encodeAddresses(['tcp://10.0.0.9:6800'])]) }),
)
const expiring = queueOf(message({ type: 17, dueMs: 2500, data: fromHex('c0ffee') }))
const large = message({ type: 19, data: fromHex('0102030405') })

const verdict = { lane: 1, seq: 8, code: 'INK_HANDLER_FAILED', errorCode: 'ENOENT', reason: 'no such object' } as const

const made: Readonly<Record<string, Uint8Array>> = {
  banner: encodeBanner(1),
  hello: frames.controlFrame(TAG.HELLO, frames.encodeHello({ ...hello, identity: osd0 })),
  'auth-request': frames.controlFrame(
    TAG.AUTH_REQUEST,
    frames.encodeAuthRequest({ method: 'none', payload: fromHex('') }),
  ),
  open: frames.controlFrame(TAG.OPEN, frames.encodeOpen(offer)),
  'hello-acceptor': frames.controlFrame(TAG.HELLO, frames.encodeHello({ ...hello, identity: osd1 })),
  'auth-done': frames.controlFrame(TAG.AUTH_DONE, frames.encodeAuthStep(fromHex(''))),
  'auth-rejected': frames.controlFrame(TAG.AUTH_REJECTED, frames.encodeReason('no')),
  opened: frames.controlFrame(TAG.OPENED, frames.encodeOpened({ answer, checksum: 0 })),
  yield: frames.controlFrame(TAG.YIELD, frames.encodeYield(4)),
  reject: frames.controlFrame(TAG.REJECT, frames.encodeReject({ code: 'INK_REFUSED', reason: 'full' })),
  confirm: frames.controlFrame(TAG.CONFIRM, frames.encodeConfirm()),
  end: frames.controlFrame(TAG.END, session.encodeEnd(7, false)),
  'confirm-move': frames.controlFrame(TAG.CONFIRM, frames.encodeConfirm(answer.marks)),
  messages: encoded((out) => {
    const head = header({ ...stamp, lane: 1, firstSeq: 8, received: 2, processed: 2, ackNow: true })
    encoderFor(Infinity, []).encodeBatch(out, head, two, 0, 2)
  }),
  extension: encoded((out) =>
    encoderFor(Infinity, []).encodeBatch(out, header({ ...stamp, lane: 1, firstSeq: 11 }), extended, 0, 1),
  ),
  expires: encoded((out) =>
    encoderFor(hello.frameBytesMax).encodeBatch(
      out,
      header({ ...stamp, lane: 1, firstSeq: 12, nowMs: 1000 }),
      expiring,
      0,
      1,
    ),
  ),
  'first-chunk': encoded((out) =>
    encoderFor(Infinity, []).encodeChunk(out, header({ ...stamp, lane: 1, firstSeq: 10 }), large, 0, 3),
  ),
  continuation: encoded((out) =>
    encoderFor(Infinity, []).encodeChunk(out, header({ ...stamp, lane: 1, firstSeq: 10 }), large, 3, 2),
  ),
  ack: frames.controlFrame(
    TAG.ACK,
    session.encodeAck(
      [0, 9, 0].map((count) => ({ received: count, processed: count })),
      { messages: 65538, bytes: 67108870 },
    ),
  ),
  failed: frames.controlFrame(TAG.FAILED, session.encodeFailed({ first: 1, verdicts: [verdict], taken: 4 })),
  addresses: encoded((out) =>
    encoderFor(Infinity, []).encodeBatch(out, header({ ...stamp, lane: 3, firstSeq: 1, ackNow: true }), moved, 0, 1),
  ),
  keepalive: frames.controlFrame(TAG.KEEPALIVE, session.encodeToken(2 ** 40 + 1)),
  'keepalive-ack': frames.controlFrame(TAG.KEEPALIVE_ACK, session.encodeToken(2 ** 40 + 1)),
  goodbye: frames.controlFrame(TAG.GOODBYE, frames.encodeReason('closed')),
}

t.test('every example is what this implementation sends', (t) => {
  for (const [name, bytes] of Object.entries(made)) t.equal(toHex(printed.get(name) ?? fromHex('')), toHex(bytes), name)
  t.strictSame([...printed.keys()].sort(), Object.keys(made).sort(), 'none is left out')
  t.end()
})

const bytesOf = (...names: string[]) => concat(names.map((name) => printed.get(name)!))
const toldAs = ({ wire, sink }: End, bytes: Uint8Array) => {
  sink.told.length = 0
  wire.receive(bytes)
  return sink.told
}

t.test('every example is understood as the page says', (t) => {
  const [dialler, acceptor] = [open('dialler'), open('acceptor')]
  t.strictSame(toldAs(acceptor, bytesOf('banner', 'hello', 'auth-request', 'open')), [['offer', osd0, offer]])
  acceptor.wire.answer(answer)
  t.equal(
    toHex(concat(acceptor.wire.takeHandshake())),
    toHex(bytesOf('banner', 'hello-acceptor', 'auth-done', 'opened')),
  )
  dialler.wire.open(offer)
  t.equal(toHex(concat(dialler.wire.takeHandshake())), toHex(bytesOf('banner', 'hello', 'auth-request', 'open')))
  t.strictSame(toldAs(dialler, bytesOf('banner', 'hello-acceptor', 'auth-done', 'opened')), [['opened', osd1, answer]])
  dialler.wire.confirm()
  t.equal(toHex(concat(dialler.wire.takeHandshake())), toHex(bytesOf('confirm')))
  t.strictSame(toldAs(acceptor, bytesOf('confirm')), [['confirmed']])

  const told = toldAs(acceptor, bytesOf('messages', 'first-chunk', 'continuation', 'extension', 'expires'))
  const messages = told.filter(([name]) => name === 'message').map((each) => each[1])
  t.equal(acceptor.sink.messages.at(-1)?.dueMs, 1500)
  t.match(messages, [
    { seq: 8, lane: 1, type: 17, version: 0, priority: 127, tid: 0, ...stamp, segments: ['', '', 'c0ffee'] },
    { seq: 9, lane: 1, type: 18, version: 2, priority: 200, tid: 42, ...stamp, segments: ['f0', '', 'da7a'] },
    { seq: 10, lane: 1, type: 19, version: 0, priority: 127, tid: 0, ...stamp, segments: ['', '', '0102030405'] },
    { seq: 11, lane: 1, type: 17, version: 0, priority: 127, tid: 0, ...stamp, segments: ['', '', 'c0ffee'] },
    { seq: 12, lane: 1, type: 17, version: 0, priority: 127, tid: 0, ...stamp, segments: ['', '', 'c0ffee'] },
  ])
  t.equal(toHex(acceptor.sink.messages[3]!.extension), 'e0e1e2')
  t.strictSame(toldAs(acceptor, bytesOf('ack', 'failed', 'keepalive', 'keepalive-ack', 'goodbye')), [
    ['marks', 0, 0, 0],
    ['marks', 1, 9, 9],
    ['marks', 2, 0, 0],
    ['credit', 65538, 67108870],
    ['verdicts', 1, 4, verdict],
    ['keepalive', 2 ** 40 + 1],
    ['keepaliveAck', 2 ** 40 + 1],
    ['goodbye', 'closed'],
  ])
  for (const [name, expected] of [
    ['yield', ['yielded', 4]],
    ['reject', ['rejected', 'INK_REFUSED', 'full']],
  ] as const) {
    const refused = open('dialler')
    refused.wire.open(offer)
    t.strictSame(toldAs(refused, bytesOf('banner', 'hello-acceptor', 'auth-done', name)), [expected])
  }
  const refused = open('dialler')
  refused.wire.open(offer)
  t.strictSame(toldAs(refused, bytesOf('banner', 'hello-acceptor', 'auth-rejected')), [
    ['fault', 'INK_AUTH_REFUSED', 'no'],
  ])
  t.end()
})

t.test('the page has the numbers of the code', (t) => {
  for (const [name, number] of [...Object.entries(TAG), ...Object.entries(FEATURE)])
    t.match(page, new RegExp(`^\\| ${number} +\\| ${name} +\\|`, 'm'))
  const bounds = {
    EPOCH_MAX,
    ADDRESSES_MAX,
    BALLOT_BYTES_MAX,
    CONTROL_BYTES_MAX,
    CONTROL_WORDS,
    CONTROL_WORD_BYTES,
    EXTENSION_BYTES_MAX,
    FEATURE_BYTES_MAX,
    FEATURES_MAX,
    FRAME_BYTES_MIN,
    MESSAGE_BYTES_MAX,
    REASON_CHARS_MAX,
    VERDICTS_MAX,
    VERDICT_ERROR_CODE_CHARS_MAX,
    VERDICT_REASON_CHARS_MAX,
  }
  for (const [name, bound] of Object.entries(bounds)) t.match(page, new RegExp(`\`${name}\` +\\| ${bound} +\\|`), name)
  t.end()
})

/** A wire of the page's osd.0 (dialler) or osd.1 (acceptor). */
function open(role: 'dialler' | 'acceptor'): End {
  const sink = new RecordingSink()
  const self = role === 'dialler' ? osd0 : osd1
  return { wire: native()[role](context(self.name, { self }), sink), sink }
}
