/** Cases of OPEN and its answers, and of sessions that go on over another link, or do not. */
import { encodeReason } from '../../wire/native/control-frames.ts'
import { encodeToken } from '../../wire/native/session-frames.ts'
import { TAG } from '../../wire/native/format.ts'
import type { SessionOffer } from '../../wire/wire.ts'
import * as say from './bytes.ts'
import type { Opening, SpecBench, SpecCase } from './case.ts'
import { NotApplicable, NotMet } from './raw-dial.ts'

/** An OPEN that ends the link. */
function badOpen(name: string, rule: string, change: Partial<SessionOffer>): SpecCase {
  return {
    ...{ section: 'open', name, rule },
    run: async (bench) => {
      const self = bench.self()
      await bench.endsAfter(say.firstFlight(self, { open: say.open(self, change) }))
    },
  }
}

const opens: SpecCase[] = [
  {
    ...{
      section: 'open',
      name: 'opened',
      rule: 'OPENED promises the fresh id, with checksums when only those are offered.',
    },
    run: async (bench) => {
      const self = bench.self()
      const fresh = say.freshId()
      const { opened } = await bench.offer(self, { open: say.open(self, { fresh }) })
      if (opened.answer.id !== fresh) throw new NotMet('it promises another id than the one that is fresh')
      if (opened.answer.resumed) throw new NotMet('it says that a session is resumed which it never had')
      if (opened.checksum !== 0) throw new NotMet('it leaves out checksums, and only crc32c was offered')
    },
  },
  {
    ...{
      section: 'open',
      name: 'unknown-session',
      rule: 'A session that it does not have is not resumed: it promises the fresh one.',
    },
    run: async (bench) => {
      const self = bench.self()
      const resume = [{ id: say.freshId(), marks: say.NO_MARKS }]
      const { opened } = await bench.offer(self, { open: say.open(self, { resume }) })
      if (opened.answer.resumed) throw new NotMet('it resumes a session that it never had')
    },
  },
  badOpen('epoch-0', 'Epochs count from 1.', { ballot: { epoch: 0, dialler: '00' } }),
  badOpen('epoch-too-high', 'An epoch is at most 4294901760.', { ballot: { epoch: 4_294_901_761, dialler: '00' } }),
  badOpen('long-ballot', "A ballot's dialler has at most 64 bytes.", {
    ballot: { epoch: 1, dialler: '00'.repeat(65) },
  }),
  badOpen('no-ballot', "A ballot's dialler has a byte at least.", { ballot: { epoch: 1, dialler: '' } }),
  badOpen('short-id', 'The id of a session has 16 bytes.', { fresh: '00ff' }),
  badOpen('many-resumes', 'At most two sessions to resume.', {
    resume: [1, 2, 3].map(() => ({ id: say.freshId(), marks: say.NO_MARKS })),
  }),
  badOpen('empty-window', 'A window has room for a message.', {
    grant: { window: { messages: 0, bytes: 0 }, free: { messages: 0, bytes: 0 } },
  }),
  badOpen('free-above-window', 'No more is free than the window holds.', {
    grant: { window: { messages: 1, bytes: 1 }, free: { messages: 2, bytes: 2 } },
  }),
  {
    ...{ section: 'open', name: 'many-marks', rule: 'Marks in a list are of three lanes.' },
    run: async (bench) => {
      const self = bench.self()
      const open = say.control(TAG.OPEN, say.withResume(say.openPayload(self), 4))
      await bench.endsAfter(say.firstFlight(self, { open }))
    },
  },
  {
    ...{ section: 'open', name: 'confirm-twice', rule: 'CONFIRM comes once.' },
    run: (bench) => bench.sessionEndsAfter(say.confirm()),
  },
  {
    ...{ section: 'open', name: 'not-before-confirm', rule: 'Behind OPENED only CONFIRM may come.' },
    run: async (bench) => {
      const { link } = await bench.offer()
      link.say(say.messages())
      await link.ends()
    },
  },
]

/** @throws NotApplicable when its sessions end with their links. */
function lasting(opening: Opening): Opening {
  if (opening.opened.answer.policy !== 'lossy') return opening
  throw new NotApplicable('its policy is lossy: sessions end with their links')
}

/** A session in which a message came, and whose link is cut. */
async function cutSession(bench: SpecBench): Promise<Opening> {
  const opening = lasting(await bench.session())
  const { link } = opening
  link.say(say.messages())
  await link.eventually(TAG.ACK)
  link.cut()
  return opening
}

/** Dials again as this one, one epoch higher, for the session that was opened. */
async function again(bench: SpecBench, self: say.Self, { answer: { id } }: Opening['opened']): Promise<Opening> {
  const change = { ballot: { epoch: 2, dialler: '00000100' }, resume: [{ id, marks: say.NO_MARKS }] }
  return await bench.offer(self, { open: say.open(self, change) })
}

const resumes: SpecCase[] = [
  {
    ...{
      section: 'resume',
      name: 'after-a-cut',
      rule: 'A session outlives its link: it is resumed with the marks of what came.',
    },
    run: async (bench) => {
      const { self, opened } = await cutSession(bench)
      const { opened: answer } = await again(bench, self, opened)
      if (!answer.answer.resumed) throw new NotMet('it does not resume the session whose link was cut')
      const received = answer.answer.marks[1]?.received ?? 0
      if (received !== 1) throw new NotMet(`1 message came on lane 1, and its mark says ${received}`)
    },
  },
  {
    ...{
      section: 'resume',
      name: 'tentative',
      rule: 'An id that was promised is kept, also when the link was cut before CONFIRM.',
    },
    run: async (bench) => {
      const { link, self, opened } = lasting(await bench.offer())
      link.cut()
      const { opened: answer } = await again(bench, self, opened)
      if (!answer.answer.resumed) throw new NotMet('it has forgotten what it promised')
    },
  },
  {
    ...{
      section: 'resume',
      name: 'duplicate',
      rule: 'What was received is dropped when it comes again, and is no fault.',
    },
    run: async (bench) => {
      const { self, opened } = await cutSession(bench)
      const second = await again(bench, self, opened)
      second.link.say(say.joined([say.confirm(), say.messages(), say.control(TAG.KEEPALIVE, encodeToken(7))]))
      await second.link.eventually(TAG.KEEPALIVE_ACK)
    },
  },
  {
    ...{ section: 'resume', name: 'after-goodbye', rule: 'GOODBYE ends the session: it is not resumed.' },
    run: async (bench) => {
      const { link, self, opened } = await bench.session()
      link.say(say.control(TAG.GOODBYE, encodeReason('the case is over')))
      await link.ends()
      const { opened: answer } = await again(bench, self, opened)
      if (answer.answer.resumed) throw new NotMet('it resumes a session that was ended in order')
    },
  },
  {
    ...{
      section: 'resume',
      name: 'of-another',
      rule: 'A session is resumed by the instance that has it, and by nobody else.',
    },
    run: async (bench) => {
      const { link, opened } = await bench.session()
      link.cut()
      const { opened: answer } = await again(bench, bench.self(), opened)
      if (answer.answer.resumed) throw new NotMet('it gives the session of one peer to another one')
    },
  },
]

export const OPEN_CASES: readonly SpecCase[] = [...opens, ...resumes]
