/** Control frames: what is put in comes out, and nothing that breaks the protocol does. */
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import { words } from '../../../../src/wire/late/words.ts'
import type * as pb from '../../../../src/wire/native/gen/control.pb.js'
import { readAck } from '../../../../src/wire/native/ack-words.ts'
import { fromBudget, fromMarks, MalformedFrame, toBudget, toMarks } from '../../../../src/wire/native/control-fields.ts'
import { concat } from '../../../../src/common/bytes.ts'
import * as frames from '../../../../src/wire/native/control-frames.ts'
import * as session from '../../../../src/wire/native/session-frames.ts'
import { ANSWER, GRANT, OFFER } from './pair.ts'
import { EPOCH_MAX } from '../../../../src/wire/wire.ts'

const id = new Uint8Array(16).fill(3)
const unsafe = { low: 0, high: 2 ** 21 }
const one = { low: 1 }

function malformed(t: Test, decode: () => unknown, reason: RegExp, what?: string) {
  try {
    t.fail(`decoded to ${JSON.stringify(decode())}`)
  } catch (thrown) {
    t.ok(thrown instanceof MalformedFrame, what ?? 'refused')
    t.match((thrown as Error).message, reason)
  }
}

t.test('every frame comes back', (t) => {
  const identity = {
    name: 'mds.a-b_c.?',
    instance: '0123456789abcdef'.repeat(2),
    addresses: ['tcp://[::1]:1', 'unix:///run/a'],
  }
  const features = [
    { number: 1, value: new Uint8Array(0) },
    { number: 2 ** 32 - 1, value: id },
  ]
  const hello = { version: 1, identity, frameBytesMax: 2 ** 32 - 1, features }
  t.strictSame(frames.decodeHello(frames.encodeHello(hello)), hello)
  const request = { method: 'shared-secret', payload: Uint8Array.of(1, 2) }
  t.strictSame(frames.decodeAuthRequest(frames.encodeAuthRequest(request)), request)
  t.strictSame(frames.decodeAuthStep(frames.encodeAuthStep(id)), id)
  t.strictSame(frames.decodeAuthStep(frames.encodeAuthStep(new Uint8Array(0))), new Uint8Array(0))
  t.strictSame(frames.decodeOpen(frames.encodeOpen(OFFER)), OFFER)
  const lossy = {
    ...OFFER,
    policy: 'lossy' as const,
    resume: [],
    channel: 2 ** 32 - 1,
    ballot: { epoch: EPOCH_MAX, dialler: 'ff' },
  }
  t.strictSame(frames.decodeOpen(frames.encodeOpen(lossy)), lossy)
  t.strictSame(frames.decodeOpened(frames.encodeOpened({ answer: ANSWER, checksum: 1 })), {
    answer: ANSWER,
    checksum: 1,
  })
  const fresh = { ...ANSWER, resumed: false, marks: [], policy: 'losslessServer' as const }
  t.strictSame(frames.decodeOpened(frames.encodeOpened({ answer: fresh, checksum: 0 })).answer, fresh)
  t.equal(frames.decodeYield(frames.encodeYield(EPOCH_MAX)), EPOCH_MAX)
  const rejection = { code: 'INK_TAKEN_OVER' as const, reason: 'osd.3 was taken over' }
  t.strictSame(frames.decodeReject(frames.encodeReject(rejection)), rejection)
  const ack = { marks: ANSWER.marks, credit: { messages: 2 ** 53 - 1, bytes: Infinity } }
  t.strictSame(session.decodeAck(session.encodeAck(ack.marks, ack.credit)), ack)
  t.equal(session.decodeToken(session.encodeToken(2 ** 53 - 1)), 2 ** 53 - 1)
  t.equal(frames.decodeConfirm(frames.encodeConfirm()), null)
  t.strictSame(frames.decodeConfirm(frames.encodeConfirm(ANSWER.marks)), ANSWER.marks)
  const moving = { ...lossy, move: { holdMs: 60_000 } }
  t.strictSame(frames.decodeOpen(frames.encodeOpen(moving)), moving)
  t.strictSame(frames.decodeOpen(frames.encodeOpen({ ...lossy, move: { holdMs: 0 } })).move, { holdMs: 0 })
  for (const stays of [true, false]) t.strictSame(session.decodeEnd(session.encodeEnd(7, stays)), { epoch: 7, stays })
  malformed(t, () => session.decodeEnd(session.encodeEnd(0, false)), /epoch 0 is out of range/)
  t.end()
})

/** Bytes that are nearly such an ACK and are read otherwise than protobufjs reads them. */
function misread(ack: Uint8Array): Uint8Array[] {
  const cut = Array.from({ length: ack.length }, (_, end) => ack.slice(0, end))
  const changed = Array.from({ length: 3 * ack.length }, (_, at) => {
    const bytes = ack.slice()
    bytes[Math.floor(at / 3)]! += [1, 5, 128][at % 3]!
    return bytes
  })
  return [...cut, ...changed].filter((bytes) => {
    const read = readAck(bytes)
    if (read === null) return false
    const said = words().Ack.decode(bytes)
    return !isDeepStrictEqual(read, { marks: fromMarks(said), credit: fromBudget(said.credit, 'the credit') })
  })
}

t.test('an ACK has the bytes that protobufjs makes of it, and other bytes mean what they mean to protobufjs', (t) => {
  const numbers = [0, 1, 127, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]
  let at = 0
  const some = (): number => numbers[at++ % numbers.length]!
  for (let round = 0; round < 64; round++) {
    at = round
    const marks = Array.from({ length: round % 5 }, () => {
      const [one, other] = [some(), some()]
      return { received: Math.max(one, other), processed: Math.min(one, other) }
    })
    const credit = { messages: round % 7 === 0 ? Infinity : some(), bytes: round % 11 === 0 ? Infinity : some() }
    const bytes = words()
      .Ack.encode({ ...toMarks(marks), credit: toBudget(credit) })
      .finish()
    t.strictSame(Buffer.from(session.encodeAck(marks, credit)), Buffer.from(bytes), `round ${round}`)
    t.strictSame(session.decodeAck(bytes), { marks, credit })
    t.strictSame(readAck(bytes), { marks, credit }, 'without protobufjs')
    t.strictSame(misread(bytes), [], `round ${round}`)
  }
  const [mark, credit] = [
    { received: one, processed: one },
    { messages: one, bytes: one },
  ]
  const odd = (ack: pb.Ack.$Properties, more: number[] = []): Uint8Array =>
    concat([words().Ack.encode(ack).finish(), Uint8Array.from(more)])
  const zero = { received: 0, processed: 0 }
  t.strictSame(session.decodeAck(odd({ marks: [{ received: one }], credit })).marks, [{ received: 1, processed: 0 }])
  t.strictSame(session.decodeAck(odd({ marks: [{}] })), {
    marks: [zero],
    credit: { messages: Infinity, bytes: Infinity },
  })
  t.strictSame(
    session.decodeAck(odd({ marks: [mark], credit }, [0x20, 1])).marks,
    [{ received: 1, processed: 1 }],
    'a later field',
  )
  t.strictSame(session.decodeAck(odd({ control: mark })).marks.length, 4, 'control words alone')
  malformed(t, () => session.decodeAck(odd({ marks: [{ received: unsafe, processed: one }], credit })), /above 2\^53/)
  malformed(
    t,
    () => session.decodeAck(odd({ marks: [{ received: one, processed: { low: 2 } }], credit })),
    /above the received/,
  )
  malformed(t, () => session.decodeAck(odd({ marks: [mark, mark, mark, mark], credit })), /more than 3 lanes/)
  t.end()
})

t.test('what is decoded does not lie in the received bytes', (t) => {
  const bytes = frames.encodeAuthStep(id)
  const payload = frames.decodeAuthStep(bytes)
  bytes.fill(0)
  t.strictSame(payload, id)
  t.end()
})

t.test('sentences are cut short and lose what a terminal or a log could take for something else', (t) => {
  for (const trick of ['\u202e', '\u2066', '\u200b', '\u2028', '\u2029', '\ufeff', '\u0085', '\u{e0041}', '\ue000']) {
    const raw = words()
      .Goodbye.encode({ reason: `ab${trick}${trick}cd` })
      .finish()
    t.match(frames.decodeReason(raw), /^ab[ \ufffd]+cd$/, `U+${trick.codePointAt(0)?.toString(16)}`)
  }
  t.equal(frames.decodeReason(frames.encodeReason('für osd.1 – 検査')), 'für osd.1 – 検査', 'letters stay')
  const cut = frames.decodeReason(frames.encodeReason(`${'x'.repeat(511)}😀`))
  t.equal(cut, `${'x'.repeat(511)} `, 'no half of a character')
  t.equal(frames.decodeReason(frames.encodeReason('a\r\n\u001b[31mb')), 'a [31mb')
  t.equal(frames.decodeReason(frames.encodeReason('x'.repeat(5000))).length, 512)
  const raw = words().Reject.encode({ code: 'INK_NEW_IN_VERSION_9', reason: '\u0007' }).finish()
  t.strictSame(frames.decodeReject(raw), { code: 'INK_REFUSED', reason: ' ' }, 'a code from the future is a refusal')
  const inherited = words().Reject.encode({ code: 'constructor', reason: '' }).finish()
  t.equal(frames.decodeReject(inherited).code, 'INK_REFUSED', 'and so is what every object has')
  t.end()
})

t.test('HELLO is held to its bounds', (t) => {
  const right = { version: 1, name: 'osd.0', instance: id, addresses: ['tcp://a:1'], frameBytesMax: 4096 }
  const refused = (change: pb.Hello.$Properties, reason: RegExp) => {
    const bytes = words()
      .Hello.encode({ ...right, ...change })
      .finish()
    malformed(t, () => frames.decodeHello(bytes), reason)
  }
  t.doesNotThrow(() => frames.decodeHello(words().Hello.encode(right).finish()))
  refused({ version: 0 }, /version/)
  for (const name of ['', 'osd', 'osd.', '.0', 'Osd.0', 'osd.0\n', `osd.${'x'.repeat(65)}`, `${'x'.repeat(33)}.0`])
    refused({ name }, /name/)
  refused({ instance: new Uint8Array(15) }, /instance has 15 bytes/)
  refused({ instance: null }, /instance has 0 bytes/)
  const eight = { ...right, addresses: new Array<string>(8).fill('a') }
  t.equal(frames.decodeHello(words().Hello.encode(eight).finish()).identity.addresses.length, 8)
  refused({ addresses: new Array<string>(9).fill('a') }, /more than 8/)
  for (const address of ['', 'a b', 'a\n', 'x'.repeat(257), 'tcp://\u0430:1', 'tcp://a\u202e:1', 'a\u007f'])
    refused({ addresses: [address] }, /address/)
  refused({ frameBytesMax: 4095 }, /4096/)
  t.end()
})

t.test('AUTH_REQUEST names its method properly', (t) => {
  for (const method of ['', 'None', 'a b', 'x'.repeat(33)]) {
    const bytes = words().AuthRequest.encode({ method, payload: id }).finish()
    malformed(t, () => frames.decodeAuthRequest(bytes), /method/, `"${method}"`)
  }
  t.end()
})

t.test('OPEN and OPENED are held to their bounds', (t) => {
  const grant = { window: { messages: one, bytes: one }, free: { messages: one, bytes: one } }
  const open = { ballot: { epoch: 1, dialler: id }, policy: words().Policy.POLICY_LOSSY, fresh: id, grant }
  const refused = (change: pb.Open.$Properties, reason: RegExp) => {
    const bytes = words()
      .Open.encode({ ...open, ...change })
      .finish()
    malformed(t, () => frames.decodeOpen(bytes), reason)
  }
  t.doesNotThrow(() => frames.decodeOpen(words().Open.encode(open).finish()))
  refused({ ballot: null }, /0 bytes/)
  refused({ ballot: { epoch: 1, dialler: new Uint8Array(65) } }, /65 bytes/)
  for (const epoch of [0, EPOCH_MAX + 1, 2 ** 32 - 1]) {
    refused({ ballot: { epoch, dialler: id } }, new RegExp(`epoch ${epoch} is out of range`))
    malformed(t, () => frames.decodeYield(frames.encodeYield(epoch)), /out of range/)
  }
  refused({ policy: words().Policy.POLICY_UNSPECIFIED }, /no policy 0/)
  const unknown = concat([words().Open.encode(open).finish(), Uint8Array.of(0x18, 9)])
  malformed(t, () => frames.decodeOpen(unknown), /no policy 9/)
  refused({ fresh: new Uint8Array(17) }, /17 bytes/)
  t.equal(
    frames.decodeOpen(
      words()
        .Open.encode({ ...open, resume: [{ id }, { id }] })
        .finish(),
    ).resume.length,
    2,
  )
  refused({ resume: [{ id }, { id }, { id }] }, /more than 2/)
  refused({ resume: [{ id: null }] }, /a session id has 0/)
  refused({ resume: [{ id, marks: [{}, {}, {}, {}] }] }, /more than 3 lanes/)
  refused({ resume: [{ id, marks: [{ received: unsafe }] }] }, /above 2\^53/)
  refused({ resume: [{ id, marks: [{ processed: one }] }] }, /above the received/)
  refused({ grant: { ...grant, window: { messages: {}, bytes: one } } }, /empty/)
  refused({ grant: { ...grant, free: { messages: { low: 2 }, bytes: one } } }, /more is free/)
  refused({ grant: { ...grant, free: null } }, /more is free/)
  t.strictSame(
    frames.decodeOpen(
      words()
        .Open.encode({ ...open, grant: null })
        .finish(),
    ).grant.window,
    {
      messages: Infinity,
      bytes: Infinity,
    },
  )
  const opened = { id, policy: words().Policy.POLICY_PEER, grant, checksum: 2 }
  malformed(t, () => frames.decodeOpened(words().Opened.encode(opened).finish()), /no checksum kind 2/)
  malformed(
    t,
    () =>
      frames.decodeOpened(
        words()
          .Opened.encode({ ...opened, checksum: 0, id: null })
          .finish(),
      ),
    /session id/,
  )
  t.end()
})

t.test('bytes that are no protobuf are refused by every decoder', (t) => {
  const bytes = Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f)
  const decoders = Object.entries({ ...frames, ...session }).filter(([name]) => name.startsWith('decode')) as [
    string,
    (bytes: Uint8Array) => unknown,
  ][]
  t.equal(decoders.length, 13)
  for (const [name, decode] of decoders) malformed(t, () => decode(bytes), /does not decode/, name)
  t.end()
})

t.test('verdicts come back as they were said; what cannot be one is refused', (t) => {
  const verdict = { lane: 2, seq: 2 ** 33 + 1, code: 'INK_HANDLER_FAILED', errorCode: 'ENOENT', reason: 'no' } as const
  const failed = { first: 7, verdicts: [verdict, { ...verdict, seq: 9, errorCode: null }], taken: 3 }
  t.strictSame(session.decodeFailed(session.encodeFailed(failed)), failed)
  t.strictSame(session.decodeFailed(session.encodeFailed({ ...failed, verdicts: [] })), { ...failed, verdicts: [] })
  const [first, seq] = [{ low: 1 }, { low: 5 }]
  const decoded = (failure: object): unknown =>
    session.decodeFailed(
      words()
        .Failed.encode({ first, failures: [{ lane: 1, seq, ...failure }] })
        .finish(),
    ).verdicts[0]
  t.match(
    decoded({ code: 'INK_NEW', reason: 'x' }),
    { code: 'INK_HANDLER_FAILED', errorCode: null },
    'one of a later version',
  )
  const long = { code: 'INK_UNHANDLED', errorCode: 'E'.repeat(1000), reason: `\u0007${'x'.repeat(2000)}` }
  t.match(decoded(long), { code: 'INK_UNHANDLED', errorCode: 'E'.repeat(64), reason: ` ${'x'.repeat(255)}` })
  malformed(t, () => decoded({ lane: 3 }), /no lane 3/, 'words of control have no verdicts')
  malformed(t, () => decoded({ seq: null }), /from 1/)
  malformed(t, () => session.decodeFailed(words().Failed.encode({ first: null }).finish()), /from 1/)
  t.end()
})

t.test('a number that the protocol cannot carry is a bug of this side', (t) => {
  for (const wrong of [-1, 0.5, 2 ** 53, NaN]) t.throws(() => session.encodeToken(wrong), { code: 'INK_INTERNAL' })
  t.doesNotThrow(() => session.encodeAck([], GRANT.free))
  t.end()
})
