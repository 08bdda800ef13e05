/** Tricks with establishment: ballots, offers that are not meant, steps left out, said twice or said wrong. */
import { EPOCH_MAX } from '../../wire/wire.ts'
import { TAG } from '../../wire/native/format.ts'
import type { Ground } from './ground.ts'
import * as bytes from './native-bytes.ts'
import type { Trick } from './trick.ts'

/** About as long as all that a dialler says before its session is open. */
const HANDSHAKE_BYTES = 600
const FAR_EPOCHS = [EPOCH_MAX, EPOCH_MAX - 1, 2 ** 31, 1_000_000]
/** What nobody should dial, resolve, print or believe. */
const STRANGE_ADDRESSES = [
  'tcp://internal.example:6800',
  'tcp://169.254.169.254:80',
  'tcp://0.0.0.0:0',
  'tcp://[::]:1',
  'sim://../../etc:1',
  'tcp://a\u202eb:1',
  'unix:///run/docker.sock',
  'nonsense',
  `tcp://${'x'.repeat(240)}:1`,
]

async function hold(ground: Ground, ms: number): Promise<void> {
  await ground.pause(ms)
}

export const HANDSHAKE_TRICKS = {
  farBallot: {
    says: 'dials with an epoch near the end of the range, and never confirms',
    play: async (ground) => {
      const ballot = { epoch: ground.random.pick(FAR_EPOCHS), dialler: ground.random.pick(['00', 'ff'.repeat(64)]) }
      await ground.asked({}, { ballot })
      await hold(ground, 300)
    },
  },
  neverConfirm: {
    says: 'asks for a session, is promised one, and says nothing more',
    play: async (ground) => {
      await ground.asked(ground.random.chance(0.5) ? {} : { instance: ground.id() })
      await hold(ground, 300)
    },
  },
  farBallotAsOther: {
    says: 'dials with the highest epoch, and with instance and addresses of somebody else',
    play: async (ground) => {
      const { instance, addresses } = ground.someone()
      const link = await ground.asked({ instance, addresses }, { ballot: { epoch: EPOCH_MAX, dialler: '00' } })
      if (ground.random.chance(0.5)) link.confirm()
      await hold(ground, 300)
    },
  },
  stopAnywhere: {
    says: 'falls silent after any byte of the handshake',
    play: async (ground) => {
      const link = ground.dial({}, { stopAt: ground.random.integer(0, HANDSHAKE_BYTES) }).open(ground.offer())
      if (await link.reaches(['promised'], 100)) link.confirm()
    },
  },
  bendAnywhere: {
    says: 'has one wrong bit anywhere in the handshake',
    play: async (ground) => {
      const link = ground.dial({}, { flipAt: ground.random.integer(0, HANDSHAKE_BYTES) }).open(ground.offer())
      if (await link.reaches(['promised', 'refused'], 100)) link.confirm()
    },
  },
  repeatFlight: {
    says: 'says on new links what it said on an old one, word for word',
    play: async (ground) => {
      const link = await ground.session()
      const said = link?.said ?? new Uint8Array(0)
      await ground.pause(50)
      for (let copy = 0; copy < 3; copy++) {
        const again = ground.dial()
        again.manners = 'deaf'
        again.write(said)
        await ground.pause(20)
      }
    },
  },
  wrongPolicy: {
    says: 'asks under each policy in turn',
    play: async (ground) => {
      for (const policy of ground.random.shuffled(['lossy', 'losslessClient', 'losslessServer', 'peer'] as const)) {
        const link = await ground.asked({}, { policy })
        if (ground.random.chance(0.5)) link.confirm()
      }
    },
  },
  tinyGrant: {
    says: 'lets the victim send one message of one byte, and never more',
    play: async (ground) => {
      const one = { messages: 1, bytes: 1 }
      const link = await ground.session({}, { grant: { window: one, free: { messages: 0, bytes: 0 } } })
      link?.deafen()
      await hold(ground, 500)
    },
  },
  strangeAddresses: {
    says: 'says that it can be dialled at host names, inner services and nonsense',
    wire: 'native',
    play: async (ground) => {
      const link = await ground.asked({ addresses: ground.random.shuffled(STRANGE_ADDRESSES).slice(0, 8) })
      link.confirm()
      await ground.pause(50)
      link.reset()
    },
  },
  sayTwice: {
    says: 'says CONFIRM twice, or OPEN in an open session',
    wire: 'native',
    play: async (ground) => {
      const link = await ground.asked()
      link.write(bytes.frame(TAG.CONFIRM))
      link.write(ground.random.chance(0.5) ? bytes.frame(TAG.CONFIRM) : link.said)
      await ground.pause(50)
    },
  },
  confirmEarly: {
    says: 'says CONFIRM and GOODBYE before anything was promised',
    wire: 'native',
    play: async (ground) => {
      const link = ground.dial().open(ground.offer())
      link.write(ground.random.chance(0.5) ? bytes.frame(TAG.CONFIRM) : bytes.reason(TAG.GOODBYE, 'early'))
      await link.reaches(['promised', 'refused'], 100)
    },
  },
  disbelieve: {
    says: 'says that it does not believe the victim, at any step and with any reason',
    wire: 'native',
    play: async (ground) => {
      const link = ground.dial().open(ground.offer())
      if (ground.random.chance(0.5)) await link.reaches(['promised', 'refused'], 100)
      link.write(bytes.reason(TAG.AUTH_REJECTED, 'you\u202e are\u2028 nobody\u001b[2J'))
      await ground.pause(50)
    },
  },
} as const satisfies Readonly<Record<string, Trick>>
