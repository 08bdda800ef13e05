/**
 * Tricks on those who dial the hostile peer, by its address or because it told them to: yields, refusals and promises that
 * are lies. Each shows itself once first, so that its victim has somebody to dial, and cuts that link.
 */
import { ERROR_CODES, type InkwireErrorCode } from '../../common/errors.ts'
import { EPOCH_MAX } from '../../wire/wire.ts'
import { answerTo, type Ground, type Reception } from './ground.ts'
import * as bytes from './native-bytes.ts'
import type { Trick } from './trick.ts'

function receiving(reception: (ground: Ground) => Reception): Trick['play'] {
  return async (ground) => {
    const link = await ground.session()
    const done = ground.receive(reception(ground), ground.appetite.receiveMs)
    link?.reset()
    await done
  }
}

const encoder = new TextEncoder()
/** The last two are versions of our own and of Ceph's banner that there are not. */
const LANGUAGES = [
  'HTTP/1.1 400 Bad Request\r\n\r\n',
  'SSH-2.0-x\r\n',
  'INKWIRE\n\xff\xff\x01\0\0\0\0\0',
  'ceph v9\n\xff\xff',
]
const CODES = Object.keys(ERROR_CODES) as InkwireErrorCode[]

export const ANSWER_TRICKS = {
  yieldFar: {
    says: 'answers dials with YIELD, near and far epochs in turn',
    play: receiving(({ random }) => ({
      asked: (link) => {
        link.yield(random.pick([1, 2, 1000, EPOCH_MAX - 1, EPOCH_MAX]))
      },
    })),
  },
  yieldBeyond: {
    says: 'answers dials with YIELD and an epoch above the range',
    wire: 'native',
    play: receiving(() => ({
      asked: (link) => {
        link.write(bytes.yieldAt(2 ** 32 - 1))
      },
    })),
  },
  rejectAll: {
    says: 'refuses whoever dials, with every code there is',
    play: receiving(({ random }) => ({
      asked: (link) => {
        link.reject(random.pick(CODES), 'no')
      },
    })),
  },
  rejectStrangely: {
    says: 'refuses with codes that are none and reasons that move the cursor',
    wire: 'native',
    play: receiving(({ random }) => ({
      asked: (link) => {
        const code = random.pick(['INK_TAKEN_OVER', 'constructor', '__proto__', 'toString', ''])
        link.write(bytes.reject(code, `\u001b[2J\u202e${'x'.repeat(3000)}\u2028`))
      },
    })),
  },
  promiseOthers: {
    says: 'promises sessions of others, or claims that they are resumed',
    play: receiving((ground) => ({
      asked: (link) => {
        if (link.offered === null) return
        const id = ground.random.pick([...ground.sessions(), ground.id()])
        const received = ground.random.pick([0, 1, 1000])
        const marks = [0, 1, 2].map(() => ({ received, processed: received }))
        link.accept(answerTo(link.offered, { id, resumed: ground.random.chance(0.5), marks }))
      },
    })),
  },
  promiseNonsense: {
    says: 'promises under another policy, or with marks of what was never sent',
    play: receiving(({ random }) => ({
      asked: (link) => {
        if (link.offered === null) return
        const { resume } = link.offered
        const resumed = resume[0] === undefined ? {} : { id: resume[0].id, resumed: true }
        const marks = [0, 1, 2].map(() => ({ received: 2 ** 40, processed: 2 ** 40 }))
        const policy = random.pick(['lossy', 'peer', 'losslessServer'] as const)
        link.accept(answerTo(link.offered, { ...resumed, marks, policy }))
      },
    })),
  },
  cutWhenOfUse: {
    says: 'lets those who dial in, sends one message, and cuts the link',
    play: receiving(() => ({
      asked: (link) => {
        if (link.offered === null) return
        link.accept(answerTo(link.offered))
        link.send({ firstSeq: 1 }, { type: 9 })
        link.close()
      },
    })),
  },
  partAtOnce: {
    says: 'lets those who dial in, and says goodbye',
    play: receiving(() => ({
      asked: (link) => {
        if (link.offered === null) return
        link.accept(answerTo(link.offered))
        link.say((out, wire) => {
          wire.encodeGoodbye(out, 'never mind')
        })
        link.close()
      },
    })),
  },
  hangUp: {
    says: 'hangs up on whoever dials, or lets them wait',
    play: receiving(({ random }) => ({
      asked: (link) => {
        if (random.chance(0.5)) link.reset()
        else link.deafen()
      },
    })),
  },
  speakOtherwise: {
    says: 'answers dials in another language, at once',
    play: receiving(({ random }) => ({
      dialled: (link) => {
        link.deafen()
        link.write(encoder.encode(random.pick(LANGUAGES)))
      },
    })),
  },
} as const satisfies Readonly<Record<string, Trick>>
