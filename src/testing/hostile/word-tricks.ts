/** Tricks with what goes beside messages: control words, which wait for no credit, and verdicts about messages that failed. */
import { CONTROL_LANE, CONTROL_WORD_BYTES, CONTROL_WORDS } from '../../wire/message.ts'
import type { OutboundMessage } from '../../wire/message.ts'
import type { Verdict } from '../../wire/verdict.ts'
import type { Ground } from './ground.ts'
import type { HostileLink } from './hostile-link.ts'
import type { Trick } from './trick.ts'

/** Numbers of services, in their first two bytes: one that anybody may have, and none. */
const MARKS = [Uint8Array.of(0, 1), Uint8Array.of(0xff, 0xff, 7), Uint8Array.of(0)]
const NUMBERS = [0, 1, 2, 1000, 2 ** 32, Number.MAX_SAFE_INTEGER]
const REASONS = ['no', '', '\u001b[2J\u202e\u2028\u0000 at home', 'x'.repeat(256)]

function words(count: number, extension: Uint8Array = MARKS[0]!, data: Uint8Array | null = null) {
  return Array.from({ length: count }, (): Partial<OutboundMessage> => ({ type: 0, extension, data }))
}

function within(act: (link: HostileLink, ground: Ground) => void): Trick['play'] {
  return async (ground) => {
    const link = await ground.session()
    if (link === null) return
    act(link, ground)
    await ground.pause(100)
  }
}

export const WORD_TRICKS = {
  manyWords: {
    says: 'says control words to services that there are and that there are not, and more than it may',
    wire: 'native',
    play: within((link, { random, appetite }) => {
      let next = 1
      for (let said = 0; said < appetite.flood; said += CONTROL_WORDS) {
        const count = random.pick([1, CONTROL_WORDS, CONTROL_WORDS + 1])
        link.send({ lane: CONTROL_LANE, firstSeq: next }, ...words(count, random.pick(MARKS)))
        next += count
      }
    }),
  },
  largeWords: {
    says: 'says control words that are too large, or in pieces, or none at all',
    wire: 'native',
    play: within((link, { random }) => {
      const data = new Uint8Array(random.pick([CONTROL_WORD_BYTES, 60_000]))
      const [word] = words(1, MARKS[0], data)
      if (random.chance(0.5)) link.send({ lane: CONTROL_LANE, firstSeq: 1 }, word!)
      else link.sendPiece({ lane: CONTROL_LANE, firstSeq: 1 }, word!, 1)
    }),
  },
  skipWords: {
    says: 'says control words with numbers that do not follow, again, and with marks of what was never said to it',
    wire: 'native',
    play: within((link, { random }) => {
      link.send({ lane: CONTROL_LANE, firstSeq: 1 }, ...words(2))
      const marks = random.pick([0, 1, 1000])
      const header = { lane: CONTROL_LANE, firstSeq: random.pick(NUMBERS), received: marks, processed: marks }
      link.send(header, ...words(2))
    }),
  },
  takeBackWords: {
    says: 'says control words, ends the session before they are finished, and begins it again with more of them',
    wire: 'native',
    play: async (ground) => {
      for (let round = 0; round < ground.appetite.flood / 4; round++) {
        const link = await ground.session()
        if (link === null) return
        link.send({ lane: CONTROL_LANE, firstSeq: 1 }, ...words(CONTROL_WORDS))
        link.say((out, wire) => {
          wire.encodeGoodbye(out, 'never mind')
        })
        await ground.pause(5)
      }
    },
  },
  judgeUnsent: {
    says: 'says that messages failed which were never sent, with numbers of verdicts that cannot be',
    wire: 'native',
    play: within((link, { random, appetite }) => {
      for (let count = 0; count < appetite.flood / 10; count++) {
        const lane = random.pick([0, 1, 2])
        const verdict: Verdict = { ...failure(random.pick(REASONS)), lane, seq: random.pick(NUMBERS) || 1 }
        link.say((out, wire) => {
          wire.encodeFailed?.(out, random.pick([1, 1, 2, 1000]), [verdict], random.pick(NUMBERS))
        })
      }
    }),
  },
  judgeAll: {
    says: 'says of all that it is sent that it failed, in words that move the cursor, and never that it came',
    wire: 'native',
    play: async (ground) => {
      const link = await ground.session()
      if (link === null) return
      for (let first = 1; first <= 4; first++) {
        const verdicts = [0, 1, 2].map((lane): Verdict => ({ ...failure(REASONS[2]!), lane, seq: first }))
        link.say((out, wire) => {
          wire.encodeFailed?.(out, 1, verdicts, 0)
        })
        await ground.pause(50)
      }
    },
  },
} as const satisfies Readonly<Record<string, Trick>>

function failure(reason: string): Pick<Verdict, 'code' | 'errorCode' | 'reason'> {
  return { code: 'INK_HANDLER_FAILED', errorCode: '\u202eENOENT', reason }
}
