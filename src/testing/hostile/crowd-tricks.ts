/** Tricks with numbers: many links, many connections, many small things. */
import type { HostileLink } from './hostile-link.ts'
import type { Trick } from './trick.ts'

/** Messages of a frame, where a protocol has such. */
const TINY = 1000

export const CROWD_TRICKS = {
  manyConnects: {
    says: 'dials as fast as it can and says nothing, a little, or everything',
    play: async (ground) => {
      for (let count = 0; count < ground.appetite.flood; count++) {
        const stopAt = ground.random.pick([0, 3, 60, 200, Infinity])
        const link = ground.dial({}, { stopAt })
        if (stopAt > 0) link.open(ground.offer())
        if (ground.random.chance(0.3)) link.reset()
        if (count % 8 === 0) await ground.pause(2)
      }
    },
  },
  manyChannels: {
    says: 'opens connections beside the first, each with a few tiny messages that wait for their handlers',
    play: async (ground) => {
      for (let channel = 1; channel <= ground.appetite.flood / 4; channel++) {
        const link = await ground.session({}, { channel })
        if (link === null) return
        const few = Array.from({ length: 20 }, () => ({ type: 9 }))
        link.send({ firstSeq: 1 }, ...few)
      }
      await ground.pause(100)
    },
  },
  tinyMessages: {
    says: 'opens as many connections as it can, and sends empty messages on all of them as fast as it can',
    play: async (ground) => {
      const links: HostileLink[] = []
      const most = ground.appetite.links / 4
      for (let channel = 0; channel < most; channel++) {
        const link = await ground.session({}, { channel })
        if (link === null) break
        links.push(link)
      }
      for (let first = 1; first <= ground.appetite.flood; first += TINY)
        for (const link of links) {
          const few = Array.from({ length: link.wire.capabilities.batchMax < TINY ? 1 : TINY }, () => ({ type: 9 }))
          for (let next = first; next < first + TINY; next += few.length) link.send({ firstSeq: next }, ...few)
        }
      await ground.pause(300)
    },
  },
  takeBackWork: {
    says: 'sends work, takes it back with its session, and comes again as somebody new with more of it',
    play: async (ground) => {
      for (let round = 0; round < ground.appetite.flood / 4; round++) {
        const link = await ground.session({ instance: ground.id() })
        if (link === null) continue
        const work = Array.from({ length: 20 }, () => ({ type: 9 }))
        link.send({ firstSeq: 1 }, ...work)
        link.say((out, wire) => {
          wire.encodeGoodbye(out, 'never mind')
        })
        await ground.pause(5)
        link.reset()
      }
    },
  },
  manyPromises: {
    says: 'lets itself be promised sessions on many channels, and confirms none',
    play: async (ground) => {
      for (let channel = 0; channel < ground.appetite.flood / 4; channel++) {
        ground.dial().open(ground.offer({ channel }))
        if (channel % 8 === 0) await ground.pause(2)
      }
      await ground.pause(100)
    },
  },
} as const satisfies Readonly<Record<string, Trick>>
