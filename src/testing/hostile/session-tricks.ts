/** Tricks in an open session: numbers that cannot be, frames that never end, words at the wrong time. */
import { TAG } from '../../wire/native/format.ts'
import { BOUNDLESS, type HostileLink } from './hostile-link.ts'
import * as bytes from './native-bytes.ts'
import type { Ground } from './ground.ts'
import type { Trick } from './trick.ts'

const NUMBERS = [0, 1, 2, 1000, 2 ** 32, Number.MAX_SAFE_INTEGER]
const BODY = new Uint8Array(2000)

/** Does something in a session of its own, and gives the victim time to answer. */
function within(act: (link: HostileLink, ground: Ground) => void): Trick['play'] {
  return async (ground) => {
    const link = await ground.session()
    if (link === null) return
    act(link, ground)
    await ground.pause(100)
  }
}

/** Some of the bytes of one message. */
function begin(link: HostileLink, ground: Ground): void {
  link.say((out, wire) => {
    wire.encodeKeepalive(out, 1)
    const whole = out.take()[0] ?? BODY
    out.attach(whole.slice(0, ground.random.integer(1, whole.length - 1)))
  })
}

/** The first chunk of a message that claims to be large; nothing follows. */
function claimLarge(link: HostileLink, ground: Ground, lane = 0): void {
  const data = claimed(ground.appetite.claimedBytes)
  const parts = { front: null, middle: null, data, extension: null, frontBytes: 0, middleBytes: 0, settle: null }
  const message = { ...parts, type: 9, version: 0, priority: 127, tid: 1, bytes: data.length }
  const header = { lane, firstSeq: 1, count: 1, received: 0, processed: 0, stampMs: 0, stampCounter: 0, ackNow: false }
  link.say((out, wire) => {
    wire.encodeChunk(out, header, message, 0, 1024)
  })
}

/** Memory that is only claimed: one piece for all. */
let largest = new Uint8Array(0)

function claimed(length: number): Uint8Array {
  if (largest.length < length) largest = new Uint8Array(length)
  return largest.subarray(0, length)
}

export const SESSION_TRICKS = {
  ackUnsent: {
    says: 'acks what was never sent to it',
    play: within((link, { random }) => {
      const mark = random.pick(NUMBERS)
      link.say((out, wire) => {
        wire.encodeAck(
          out,
          [0, 1, 2].map(() => ({ received: mark, processed: mark })),
          BOUNDLESS,
        )
      })
    }),
  },
  grantNonsense: {
    says: 'gives credit that grows, shrinks and overflows',
    wire: 'native',
    play: within((link, { random }) => {
      for (let count = 0; count < 5; count++) {
        const credit = { messages: random.pick(NUMBERS), bytes: random.pick(NUMBERS) }
        link.say((out, wire) => {
          wire.encodeAck(out, [], credit)
        })
      }
    }),
  },
  skipNumbers: {
    says: 'sends messages with numbers that do not follow, and with marks that cannot be',
    play: within((link, { random }) => {
      link.send({ lane: 0, firstSeq: random.pick(NUMBERS), received: random.pick(NUMBERS) }, { type: 9 })
    }),
  },
  repeatNumbers: {
    says: 'sends the same message again and again',
    play: within((link, { random, appetite }) => {
      for (let count = 0; count < appetite.flood; count++)
        link.send({ firstSeq: count === 0 ? 1 : random.pick([1, 1, 2]) }, { type: 9 })
    }),
  },
  flood: {
    says: 'sends more messages than it may, without reading any answer',
    play: within((link, { appetite }) => {
      link.deafen()
      for (let count = 1; count <= appetite.flood; count++) link.send({ firstSeq: count }, { type: 9, data: BODY })
    }),
  },
  claimLargeMessages: {
    says: 'announces messages of 64 MiB in every lane and sends a first piece',
    wire: 'native',
    play: within((link, ground) => {
      for (const lane of [0, 1, 2]) claimLarge(link, ground, lane)
    }),
  },
  halfFrame: {
    says: 'sends a part of a frame and stops',
    play: within((link, ground) => {
      begin(link, ground)
    }),
  },
  strangeFrames: {
    says: 'sends frames that there are not, or that claim 4 GiB',
    wire: 'native',
    play: within((link, { random }) => {
      const tag = random.pick([0, TAG.HELLO, TAG.OPEN, TAG.OPENED, 13, TAG.MESSAGES, 77, 255])
      link.write(random.chance(0.5) ? bytes.claim(tag, 0xffffffff) : bytes.frame(tag, random.bytes(50)))
    }),
  },
  goodbyeMidway: {
    says: 'says goodbye before, between and after what it has to say, and goes on',
    wire: 'native',
    play: within((link, ground) => {
      if (ground.random.chance(0.5)) claimLarge(link, ground)
      link.write(bytes.reason(TAG.GOODBYE, 'bye\u0000\u202e\u2028\u001b]0;x\u0007'))
      link.send({ firstSeq: 1 }, { type: 9 })
    }),
  },
  keepaliveFlood: {
    says: 'asks for signs of life without an end',
    play: within((link, { random, appetite }) => {
      for (let count = 0; count < appetite.flood; count++)
        link.say((out, wire) => {
          if (random.chance(0.5)) wire.encodeKeepalive(out, count)
          else wire.encodeKeepaliveAck(out, random.pick(NUMBERS))
        })
    }),
  },
  neverRead: {
    says: 'has a session and reads nothing more of it',
    play: within((link) => {
      link.deafen()
    }),
  },
  dropAndReturn: {
    says: 'cuts its session in the middle of a message, and asks to resume it with other marks',
    play: async (ground) => {
      const link = await ground.session()
      if (link === null) return
      link.send({ firstSeq: 1 }, { type: 9, data: BODY })
      await ground.pause(20)
      link.reset()
      const received = ground.random.pick(NUMBERS)
      const marks = [0, 1, 2].map(() => ({ received, processed: received }))
      const back = await ground.session({}, { resume: [{ id: link.answered?.id ?? ground.id(), marks }] })
      back?.send({ firstSeq: ground.random.pick([1, 2, 3]) }, { type: 9 })
      await ground.pause(100)
    },
  },
} as const satisfies Readonly<Record<string, Trick>>
