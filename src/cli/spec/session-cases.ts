/** Cases of messages, marks, credit and verdicts in an open session, and of links on which nothing comes. */
import { encodeReason } from '../../wire/native/control-frames.ts'
import { decodeAck, decodeToken, encodeAck, encodeFailed, encodeToken } from '../../wire/native/session-frames.ts'
import { TAG } from '../../wire/native/format.ts'
import * as say from './bytes.ts'
import { control, NOTHING } from './bytes.ts'
import { NotMet } from './raw-dial.ts'
import type { SpecCase } from './case.ts'

/** In an open session, what ends its link. */
function breaks(section: string, name: string, rule: string, ...parts: readonly Uint8Array[]): SpecCase {
  return { section, name, rule, run: (bench) => bench.sessionEndsAfter(...parts) }
}

/** An ACK with these marks of lane 1. */
function ackOf(received: number, processed: number): Uint8Array {
  const marks = say.NO_MARKS.with(1, { received, processed })
  return control(TAG.ACK, encodeAck(marks, say.BUDGET))
}

const verdict = { lane: 1, seq: 1, code: 'INK_UNHANDLED', errorCode: null, reason: '' } as const

const sessions: SpecCase[] = [
  {
    ...{ section: 'messages', name: 'acked', rule: 'A message that asks for it is acked, with a mark of its lane.' },
    run: async (bench) => {
      const { link } = await bench.session()
      link.say(say.messages())
      for (;;) {
        const { marks } = decodeAck((await link.eventually(TAG.ACK)).payload)
        if ((marks[1]?.received ?? 0) > 1) throw new NotMet(`1 message was sent, and ${marks[1]?.received} are acked`)
        if (marks[1]?.received === 1) return
      }
    },
  },
  breaks('messages', 'gap', 'Numbers have no gap.', say.messages({ first: 2 })),
  breaks('messages', 'number-0', 'Numbers count from 1.', say.messages({ first: 0 })),
  breaks(
    'messages',
    'bad-checksum',
    'A checksum that does not match ends the link.',
    say.messages({ checksum: 'wrong' }),
  ),
  breaks('messages', 'other-checksum', 'The kind of checksum is the one of OPENED.', say.messages({ flags: 5 })),
  breaks('messages', 'reserved-byte', 'Reserved bytes are 0.', say.messages({ reserved: 1 })),
  breaks('messages', 'reserved-flag', 'Reserved bits are 0.', say.messages({ flags: 0x84 })),
  breaks('messages', 'no-lane', 'There are lanes 0 to 3.', say.messages({ lane: 4 })),
  breaks('messages', 'count-0', 'A frame has a message at least.', say.messages({ count: 0, records: NOTHING })),
  breaks('messages', 'too-few', 'It has as many messages as it says.', say.messages({ count: 2 })),
  breaks(
    'messages',
    'too-many',
    'Nothing is behind the last one.',
    say.messages({ records: say.joined([say.record(), say.record()]) }),
  ),
  breaks(
    'messages',
    'past-the-end',
    'Segments end within their frame.',
    say.messages({ records: say.record(64, [500]) }),
  ),
  breaks(
    'messages',
    'continuation',
    'A continuation has a first chunk.',
    say.messages({ records: say.record(3, [1]) }),
  ),
  breaks('messages', 'empty-chunk', 'A chunk is never empty.', say.messages({ records: say.record(65, [9, 0], 0) })),
  breaks(
    'messages',
    'oversize',
    'A frame above frame_bytes_max ends the link at its header.',
    say.messages({ length: 0x7fff_ffff }),
  ),
  breaks(
    'messages',
    'past-its-credit',
    'Credit is checked at the first chunk.',
    say.messages({ records: say.firstChunk(0x7fff_fff0) }),
  ),
  breaks('messages', 'above-processed', 'Processed is never above received.', say.messages({ processed: 5 })),
  breaks('marks', 'never-sent', 'Nobody has received what was never sent.', ackOf(9, 9)),
  breaks('marks', 'above-received', 'Processed is never above received.', ackOf(0, 1)),
  breaks(
    'marks',
    'not-protobuf',
    'An ACK that does not decode ends the link.',
    control(TAG.ACK, new Uint8Array(9).fill(0xff)),
  ),
  breaks(
    'control-words',
    'long',
    'A control word has at most 2048 bytes.',
    say.messages({ lane: 3, records: say.record(64, [3000], 3000) }),
  ),
  breaks(
    'control-words',
    'chunk',
    'A control word is never cut.',
    say.messages({ lane: 3, records: say.firstChunk(9) }),
  ),
  breaks(
    'verdicts',
    'gap',
    'Verdicts have no gap.',
    control(TAG.FAILED, encodeFailed({ first: 5, verdicts: [verdict], taken: 0 })),
  ),
  breaks(
    'verdicts',
    'never-sent',
    'There is no verdict on what was never sent.',
    control(TAG.FAILED, encodeFailed({ first: 1, verdicts: [verdict], taken: 0 })),
  ),
  breaks(
    'verdicts',
    'taken',
    'Nobody has taken what was never said.',
    control(TAG.FAILED, encodeFailed({ first: 1, verdicts: [], taken: 3 })),
  ),
  breaks('order', 'hello-in-session', 'HELLO is no word of a session.', control(TAG.HELLO, NOTHING)),
  breaks('order', 'open-in-session', 'OPEN is no word of a session.', control(TAG.OPEN, NOTHING)),
  breaks('frames', 'unknown-in-session', 'A tag that there is not ends the link.', control(77, NOTHING)),
  breaks(
    'frames',
    'oversize-in-session',
    'A control frame has at most 4096 bytes.',
    control(TAG.KEEPALIVE, NOTHING, { length: 4097 }),
  ),
]

const liveness: SpecCase[] = [
  {
    ...{ section: 'keepalive', name: 'answer', rule: 'KEEPALIVE is answered with its number.' },
    run: async (bench) => {
      const { link } = await bench.session()
      const token = 2 ** 40 + 1
      link.say(control(TAG.KEEPALIVE, encodeToken(token)))
      const { payload } = await link.eventually(TAG.KEEPALIVE_ACK)
      if (decodeToken(payload) !== token) throw new NotMet(`${token} was asked, and ${decodeToken(payload)} came back`)
    },
  },
  {
    ...{ section: 'goodbye', name: 'ends', rule: 'GOODBYE is the last frame: the link ends.' },
    run: (bench) => bench.sessionEndsAfter(control(TAG.GOODBYE, encodeReason('the case is over'))),
  },
  {
    ...{ section: 'liveness', name: 'silent', rule: 'A link on which nothing comes is not kept for ever.' },
    run: async (bench) => {
      const link = await bench.dial()
      await link.ends(bench.options.patienceMs)
    },
  },
  {
    ...{
      section: 'liveness',
      name: 'half-a-flight',
      rule: 'A handshake that stops in the middle is not kept for ever.',
    },
    run: async (bench) => {
      const link = await bench.dial()
      link.say(say.firstFlight(bench.self()).subarray(0, 40))
      await link.ends(bench.options.patienceMs)
    },
  },
  {
    ...{ section: 'liveness', name: 'no-confirm', rule: 'A promise without CONFIRM is not kept for ever.' },
    run: async (bench) => {
      const { link } = await bench.offer()
      await link.ends(bench.options.patienceMs)
    },
  },
  {
    ...{
      section: 'liveness',
      name: 'half-closed',
      rule: 'Who ends its direction in the middle of a handshake ends the link.',
    },
    run: async (bench) => {
      const link = await bench.dial()
      link.say(say.firstFlight(bench.self()).subarray(0, 40))
      link.finish()
      await link.ends()
    },
  },
  {
    ...{ section: 'liveness', name: 'beside-silent-ones', rule: 'Links that say nothing keep nobody else waiting.' },
    run: async (bench) => {
      for (let count = 0; count < 20; count++) await bench.dial()
      await bench.session()
    },
  },
]

export const SESSION_CASES: readonly SpecCase[] = [...sessions, ...liveness]
