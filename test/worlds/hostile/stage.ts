/**
 * A victim, two innocents who work with it and a hostile peer beside them, in simulated time: what every trick is played on.
 */
import type { Test } from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { Messenger, none, peer, sharedSecret } from '../../../src/index.ts'
import type { MessengerOptions } from '../../../src/index.ts'
import {
  acquaintances,
  check,
  History,
  HOSTILE_TRICKS,
  HostilePeer,
  report,
  Simulation,
} from '../../../src/testing/index.ts'
import type { HostileTrick, RecordedRun } from '../../../src/testing/index.ts'
import { simulatedTcp } from '../../support/simulated-tcp.ts'

const QUICK = {
  backoff: { firstMs: 5, maxMs: 50 },
  keepalive: { intervalMs: 500, timeoutMs: 2000 },
  connectTimeoutMs: 500,
  probeMs: 100,
} as const
const NAMES = ['osd.0', 'osd.1', 'osd.2'] as const
const secretOf = (name: string): string => `the secret of ${name}`.padEnd(32, '.')
const KEYS = Object.fromEntries([...NAMES, 'osd.6'].map((name) => [name, secretOf(name)]))

/** `msgr2` is Ceph's protocol without keys, where names are believed as with `none`. */
export type Proof = 'none' | 'sharedSecret' | 'msgr2'

function hostOf(name: string, overCeph: boolean): string {
  return overCeph ? `10.0.0.${name.slice(4)}` : name
}

export interface Told {
  /** Laws that were broken, as text; '' when none was. */
  readonly violations: string
  readonly hostile: HostilePeer
  /** What each innocent delivered while the tricks were played, and 300 ms beyond. */
  readonly delivered: readonly number[]
  readonly victim: ReturnType<Messenger['dump']>
  readonly linksLeft: number
  /** Messages of the hostile peer that the victim handled. */
  readonly handled: number
  readonly traceHash: string
}

/** Plays a trick so many times on the victim, or all of them at random, while the innocents work. */
export async function ordeal(tricks: HostileTrick | 'all', proof: Proof, seed: number, rounds = 2): Promise<Told> {
  const sim = new Simulation({ seed, conditions: { latencyMinMs: 0.2, latencyMeanMs: 0.5, prefixProbability: 0.1 } })
  const history = new History({ nowMs: () => sim.clock.nowMs() })
  const overCeph = proof === 'msgr2'
  const world = (name: string): Pick<MessengerOptions, 'transports' | 'runtime' | 'wire' | 'auth'> => {
    const process = sim.process(hostOf(name, overCeph))
    if (overCeph) return { ...process.options, transports: [simulatedTcp(process)], wire: msgr2() }
    const auth = proof === 'none' ? none() : sharedSecret({ keys: KEYS, accept: NAMES })
    return { ...process.options, auth }
  }
  const messengers = NAMES.map((name) => {
    const messenger = new Messenger({ name, policies: { default: peer(QUICK) }, ...world(name) })
    history.attach(messenger)
    messenger.use({ dispatch: () => undefined })
    return messenger
  }) as [Messenger, Messenger, Messenger]
  const process = sim.process(hostOf('osd.6', overCeph))
  const place = (name: string): string => (overCeph ? `v2:${hostOf(name, true)}:6800/0` : `sim://${name}:6800`)
  const hostile = new HostilePeer({
    name: 'osd.6',
    auth: proof === 'sharedSecret' ? sharedSecret({ secret: secretOf('osd.6') }) : none(),
    ...(overCeph && { wire: msgr2() }),
    transport: overCeph ? simulatedTcp(process) : process.transport,
    clock: process.clock,
    targets: [place('osd.0')],
    // Over Ceph's protocol without keys, a session is whose cookie it is: nothing else is proved there.
    knows: () => acquaintances(messengers).map((one) => (overCeph ? { ...one, sessions: [] } : one)),
    seed,
  })
  let handled = 0
  messengers[0].messages$.subscribe(({ type }) => {
    if (type === 9) handled++
  })
  const delivered = await sim.run(async () => {
    const [victim, bound, unbound] = messengers
    const [target, other] = [await victim.bind(place('osd.0')), await bound.bind(place('osd.1'))]
    const theirs = await hostile.listen(overCeph ? 'tcp://10.0.0.6:6800' : 'sim://osd.6:6800')
    const stopped = new AbortController()
    // The victim dials an innocent, and is dialled by the other; somebody also wants something of the hostile peer.
    const work = [labour(sim, victim, other, 1, stopped.signal), labour(sim, unbound, target, 2, stopped.signal)]
    victim.connect(theirs, { type: 'osd' }).send({ type: 3, tid: 1 })
    await sim.clock.sleep(20)
    if (tricks === 'all') await hostile.rampage({ forMs: rounds * 1000 })
    else for (let round = 0; round < rounds; round++) await hostile.play(tricks)
    // Its links are there still: whoever works beside them notices nothing.
    await sim.clock.sleep(300)
    await hostile.stop()
    stopped.abort()
    return Promise.all(work)
  })
  await sim.clock.advance(3000)
  history.sample()
  const violations = report(check(overCeph ? byName(history) : history, { settled: true, hostile: [hostile] }))
  const victim = messengers[0].dump()
  await sim.run(() => Promise.all(messengers.map((messenger) => messenger.shutdown())))
  await sim.clock.advance(10_000)
  const linksLeft = sim.network.circuits().length
  return { violations, hostile, handled, delivered, victim, linksLeft, traceHash: sim.traceHash }
}

/** Ceph has no instances; here each name has one life. */
function byName({ nodes, connections, events, ends }: History): RecordedRun {
  const instanceOf = (name: string): string | undefined => nodes.find((node) => node.name === name)?.instance
  const told = events.map((event) =>
    event.kind === 'open' ? { ...event, peerInstance: instanceOf(event.peerName) ?? event.peerInstance } : event,
  )
  return { nodes, connections, events: told, ends }
}

/** Delivers one message after the other, whatever becomes of the connection; resolves with how many arrived. */
async function labour(
  sim: Simulation,
  from: Messenger,
  to: string,
  type: number,
  signal: AbortSignal,
): Promise<number> {
  let arrived = 0
  for (let tid = 1; !signal.aborted; tid++) {
    const message = { type, tid, data: `${type}:${tid}` }
    const delivered = from.connect(to, { type: 'osd' }).deliver(message)
    if (
      await delivered.then(
        () => true,
        () => false,
      )
    )
      arrived++
    await sim.clock.sleep(20)
  }
  return arrived
}

/** A test for each of these tricks: it is played, and whoever works with its victim goes on as if nothing were. */
export function tryEach(t: Test, tricks: object, proof: Proof): void {
  let handled = 0
  for (const trick of Object.keys(tricks) as HostileTrick[]) {
    t.test(`${trick}: ${HOSTILE_TRICKS[trick]}, and nothing changes for others`, async (t) => {
      const told = await ordeal(trick, proof, 3)
      t.equal(told.violations, '')
      const [first = 0, second = 0] = told.delivered
      t.ok(first >= 10 && second >= 10, `the innocents delivered ${first} and ${second}`)
      t.equal(told.linksLeft, 0)
      t.strictSame(told.hostile.played, [trick, trick])
      handled += told.handled
    })
  }
  if (!('flood' in tricks)) return
  t.test('and it was let in, under its own name', (t) => {
    t.ok(handled > 10, `${handled} of its messages were handled`)
    t.end()
  })
}
