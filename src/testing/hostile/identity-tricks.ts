/** Tricks with what a peer says that it is: instances, addresses, names and sessions of others. */
import type { SessionOffer } from '../../wire/wire.ts'
import type { Disguise, Ground } from './ground.ts'
import type { HostileLink } from './hostile-link.ts'
import type { Trick } from './trick.ts'

/** Under a disguise: a session if there is one to be had, a message, and a while to read what comes. */
async function trespass(ground: Ground, disguise: Disguise, change: Partial<SessionOffer> = {}): Promise<void> {
  const link = await ground.asked(disguise, change)
  if (ground.random.chance(0.8)) link.confirm()
  greet(ground, link)
  await ground.pause(200)
  if (ground.random.chance(0.5)) link.reset()
}

function greet(ground: Ground, link: HostileLink): void {
  if (link.standing !== 'open') return
  const marks = ground.random.pick([{}, { received: 1, processed: 1 }])
  link.send({ lane: 0, firstSeq: (link.answered?.marks[0]?.received ?? 0) + 1, ...marks }, { type: 9, tid: 1 })
}

/** A few sessions of others, as if they could be resumed here. */
function stolen(ground: Ground): SessionOffer['resume'] {
  const marks = [0, 0, 0].map(() => {
    const received = ground.random.pick([0, 1, 1000])
    return { received, processed: received }
  })
  return ground.random
    .shuffled(ground.sessions())
    .slice(0, 2)
    .map((id) => ({ id, marks }))
}

export const IDENTITY_TRICKS = {
  wearInstance: {
    says: 'dials under its own name with the instance of somebody else',
    play: (ground) => trespass(ground, { instance: ground.someone().instance }),
  },
  wearAddresses: {
    says: 'dials under its own name and says that it can be dialled where somebody else can',
    play: (ground) => trespass(ground, { addresses: ground.someone().addresses }),
  },
  wearEverything: {
    says: 'dials under its own name with instance, addresses and sessions of somebody else',
    play: (ground) => {
      const { instance, addresses } = ground.someone()
      return trespass(ground, { instance, addresses }, { resume: stolen(ground) })
    },
  },
  wearTarget: {
    says: "dials its victim with the victim's own instance and addresses",
    play: (ground) => {
      const self = ground.others.find(({ addresses }) => addresses.includes(ground.target))
      return trespass(ground, self === undefined ? {} : { instance: self.instance, addresses: self.addresses })
    },
  },
  claimName: {
    says: 'says the name of somebody else, and proves what it can',
    lies: 'about its name',
    play: (ground) => {
      const { name, instance, addresses } = ground.someone()
      return trespass(ground, ground.random.chance(0.5) ? { name } : { name, instance, addresses })
    },
  },
  resumeOthers: {
    says: 'asks to resume sessions of others, with marks that it makes up',
    play: (ground) => trespass(ground, {}, { resume: stolen(ground) }),
  },
  takeFreshId: {
    says: 'offers a session of somebody else as its fresh id',
    play: (ground) => {
      const ids = ground.sessions()
      return trespass(ground, {}, ids.length > 0 ? { fresh: ground.random.pick(ids) } : {})
    },
  },
  takeChannel: {
    says: 'asks for a session beside the first, as anonymous connections do',
    play: (ground) => trespass(ground, {}, { channel: ground.random.pick([1, 2, 3, 2 ** 32 - 1]) }),
  },
  shedInstances: {
    says: 'takes over from itself again and again, each time as a new instance',
    play: async (ground) => {
      for (let round = 0; round < ground.appetite.flood / 4; round++) {
        const link = await ground.session({ instance: ground.id() })
        if (link === null) await ground.pause(20)
      }
    },
  },
  returnQuickly: {
    says: 'connects as the same instance again and again, the next before the last is over',
    play: async (ground) => {
      for (let round = 0; round < ground.appetite.flood / 4; round++) {
        const link = ground
          .dial()
          .open(ground.offer({ fresh: ground.random.chance(0.5) ? ground.id() : '0'.repeat(32) }))
        if (ground.random.chance(0.5)) await link.reaches(['promised', 'refused'], 20)
        if (ground.random.chance(0.5)) link.confirm()
        if (ground.random.chance(0.3)) link.reset()
      }
    },
  },
} as const satisfies Readonly<Record<string, Trick>>
