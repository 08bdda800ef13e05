/** That peers of open sessions hear where a messenger is dialled when that changes: who is told, when, and how often. */
import t from 'tap'
import { AddressNews } from '../../../src/messenger/address-news.ts'
import type { MessengerOptions } from '../../../src/messenger/options.ts'
import type { ServiceSession } from '../../../src/messenger/service.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import type { Policy } from '../../../src/policies/policy.ts'
import { peer } from '../../../src/policies/peer.ts'
import { encodeAddresses } from '../../../src/session/routes/words.ts'
import type { InboundMessage } from '../../../src/wire/message.ts'
import { Lab } from './lab.ts'
import type { Subject } from './lab.ts'

const NO_MESSAGE = null as unknown as InboundMessage

/** `osd.0` dials `osd.1`, which listens at `memory://osd.1`. */
async function both(
  ours: Policy = losslessClient(),
  theirs: Policy = losslessServer(),
  options: Partial<MessengerOptions> = {},
) {
  const lab = new Lab()
  const a = lab.subject('osd.0', { policies: { default: ours }, ...options })
  const b = lab.subject('osd.1', { policies: { default: theirs } })
  await b.messenger.bind('memory://osd.1')
  const connection = a.messenger.connect('memory://osd.1')
  await lab.clock.advance(10)
  return { lab, a, b, connection }
}

/** How many control words each has got. */
function words({ messenger }: Subject): number {
  return messenger.dump().connections.reduce((sum, { lanes }) => sum + (lanes[3]?.inReceived ?? 0), 0)
}

t.test(
  'a peer that moves while its session is open is found there when the link is lost, and nobody hears of it',
  async (t) => {
    const { lab, a, b, connection } = await both()
    t.equal(words(a), 0, 'nothing is said while all is as it was')
    await b.messenger.bind('memory://elsewhere')
    await b.messenger.unbind('memory://osd.1')
    await lab.clock.advance(10)
    t.equal(words(a), 1, 'both at once')
    lab.links.at(-1)?.reset()
    a.told.length = 0
    const sent = connection.deliver({ type: 1, tid: 7 })
    await lab.clock.advance(1000)
    await sent
    t.equal(connection.path?.address, 'memory://elsewhere')
    t.match(connection.dump().counters, { sessions: 1, resumes: 1 })
    t.strictSame([a.told, b.got], [[], [7]])
  },
)

t.test('each change is told once there is room, and the last one counts', async (t) => {
  const { lab, a, b, connection } = await both()
  for (const name of ['x', 'y', 'z']) {
    await b.messenger.bind('memory://osd.1', { advertise: `memory://${name}` })
    await lab.clock.advance(1)
  }
  await b.messenger.bind('memory://y')
  await lab.clock.advance(10)
  t.ok(words(a) >= 2 && words(a) <= 4, `${words(a)} words`)
  lab.links.at(-1)?.reset()
  await lab.clock.advance(1000)
  t.equal(connection.path?.address, 'memory://y', 'memory://z leads nowhere')
})

t.test('who cannot dial us is told nothing, nor whose protocol knows no such words', async (t) => {
  const { lab, a, b } = await both()
  await a.messenger.bind('memory://osd.0')
  await lab.clock.advance(10)
  t.equal(words(b), 0, 'a losslessServer dials nobody')
  const peers = await both(peer(), peer())
  await peers.a.messenger.bind('memory://osd.0')
  await peers.lab.clock.advance(10)
  t.equal(words(peers.b), 1)
})

t.test('a link that began before a change is told of it when it carries the session', async (t) => {
  const { lab, a, b, connection } = await both()
  lab.links.at(-1)?.reset()
  await lab.clock.advance(0)
  await b.messenger.bind('memory://elsewhere')
  await lab.clock.advance(1000)
  t.equal(connection.state, 'open')
  t.ok(words(a) >= 1)
})

t.test('what is no such word is a fault of the link, with a reason', (t) => {
  const told: unknown[] = []
  const news = new AddressNews({ told: () => [], hasLinks: () => true, later: () => undefined })
  const session = {
    fault: (reason: string) => told.push(reason),
    relocated: (addresses: readonly string[]) => told.push(addresses),
  } as unknown as ServiceSession
  const hear = (bytes: Uint8Array): unknown => news.message(session, NO_MESSAGE, bytes)
  t.equal(hear(Uint8Array.of(1, 2, 3)), 'taken')
  t.equal(hear(encodeAddresses(['memory://b'])), 'taken')
  t.strictSame(told, ['the peer says where it is in 3 bytes that are no addresses', ['memory://b']])
  t.end()
})
