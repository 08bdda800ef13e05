/**
 * A victim, two innocents who work with it and a hostile peer beside them, in simulated time: what every trick is played on.
 */
import type { Test } from 'tap'
import { none, peer, sharedSecret } from '../../../src/index.ts'
import type { AuthMethod, Messenger } from '../../../src/index.ts'
import {
  acquaintances,
  check,
  History,
  HOSTILE_TRICKS,
  HostilePeer,
  report,
  Simulation,
} from '../../../src/testing/index.ts'
import type { HostileTrick } from '../../../src/testing/index.ts'

const QUICK = {
  backoff: { firstMs: 5, maxMs: 50 },
  keepalive: { intervalMs: 500, timeoutMs: 2000 },
  connectTimeoutMs: 500,
  probeMs: 100,
} as const
const NAMES = ['osd.0', 'osd.1', 'osd.2'] as const
const secretOf = (name: string): string => `the secret of ${name}`.padEnd(32, '.')
const KEYS = Object.fromEntries([...NAMES, 'osd.6'].map((name) => [name, secretOf(name)]))

export type Proof = 'none' | 'sharedSecret'

export interface Told {
  /** Laws that were broken, as text; '' when none was. */
  readonly violations: string
  readonly hostile: HostilePeer
  /** What each innocent delivered while the tricks were played, and 300 ms beyond. */
  readonly delivered: readonly number[]
  readonly victim: ReturnType<Messenger['dump']>
  readonly linksLeft: number
  readonly traceHash: string
}

/** Plays a trick so many times on the victim, or all of them at random, while the innocents work. */
export async function ordeal(tricks: HostileTrick | 'all', proof: Proof, seed: number, rounds = 2): Promise<Told> {
  const sim = new Simulation({ seed, conditions: { latencyMinMs: 0.2, latencyMeanMs: 0.5, prefixProbability: 0.1 } })
  const history = new History({ nowMs: () => sim.clock.nowMs() })
  const auth = (): AuthMethod => (proof === 'none' ? none() : sharedSecret({ keys: KEYS, accept: NAMES }))
  const messengers = NAMES.map((name) => {
    const messenger = sim.messenger(name, { policies: { default: peer(QUICK) }, auth: auth() })
    history.attach(messenger)
    messenger.use({ dispatch: () => undefined })
    return messenger
  }) as [Messenger, Messenger, Messenger]
  const process = sim.process('osd.6')
  const hostile = new HostilePeer({
    name: 'osd.6',
    auth: proof === 'none' ? none() : sharedSecret({ secret: secretOf('osd.6') }),
    transport: process.transport,
    clock: process.clock,
    targets: ['sim://osd.0:6800'],
    knows: () => acquaintances(messengers),
    seed,
  })
  const delivered = await sim.run(async () => {
    const [victim, bound, unbound] = messengers
    await victim.bind('sim://osd.0:6800')
    await bound.bind('sim://osd.1:6800')
    await hostile.listen('sim://osd.6:6800')
    const stopped = new AbortController()
    // The victim dials an innocent, and is dialled by the other; somebody also wants something of the hostile peer.
    const work = [
      labour(sim, victim, 'sim://osd.1:6800', 1, stopped.signal),
      labour(sim, unbound, 'sim://osd.0:6800', 2, stopped.signal),
    ]
    victim.connect('sim://osd.6:6800', { type: 'osd' }).send({ type: 3, tid: 1 })
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
  const violations = report(check(history, { settled: true, hostile: [hostile] }))
  const victim = messengers[0].dump()
  await sim.run(() => Promise.all(messengers.map((messenger) => messenger.shutdown())))
  await sim.clock.advance(10_000)
  const linksLeft = sim.network.circuits().length
  return { violations, hostile, delivered, victim, linksLeft, traceHash: sim.traceHash }
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
  for (const trick of Object.keys(tricks) as HostileTrick[]) {
    t.test(`${trick}: ${HOSTILE_TRICKS[trick]}, and nothing changes for others`, async (t) => {
      const told = await ordeal(trick, proof, 3)
      t.equal(told.violations, '')
      const [first = 0, second = 0] = told.delivered
      t.ok(first >= 10 && second >= 10, `the innocents delivered ${first} and ${second}`)
      t.equal(told.linksLeft, 0)
      t.strictSame(told.hostile.played, [trick, trick])
    })
  }
}
