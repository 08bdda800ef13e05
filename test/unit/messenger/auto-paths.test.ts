/** Paths that are looked after without being asked: which of them may be dialled, and when nothing is. */
import t from 'tap'
import { AutoPaths, NEWS_MS } from '../../../src/messenger/auto-paths.ts'
import type { AutoWorld } from '../../../src/messenger/auto-paths.ts'
import type { LinkPort } from '../../../src/messenger/link-port.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { Machine } from '../../../src/session/machine.ts'
import type { Session } from '../../../src/session/session.ts'
import { FakeClock } from './fake-clock.ts'
import { PEER, fakeRandom } from './fakes.ts'

interface Setting {
  readonly given?: readonly string[]
  /** What the peer tells, as far as the rule allows it. */
  readonly told?: readonly string[]
  readonly schemes?: readonly string[] | null
  readonly mayDial?: boolean
  readonly state?: Partial<Machine['state']>
}

function setUp({ given = [], told = [], schemes = ['unix', 'tcp'], mayDial = true, state = {} }: Setting) {
  const clock = new FakeClock()
  const asked: string[] = []
  const redials = {
    targets: () => [...told],
    take: (name: string) => {
      asked.push(name)
      return mayDial
    },
  }
  const world = { runtime: { clock, random: fakeRandom() }, redials, pathSchemes: schemes } as unknown as AutoWorld
  const open = { name: 'open', link: 1, sinceMs: clock.nowMs(), rival: null, move: null, ...state }
  const machine = { state: open, life: { name: 'running' } }
  const session = { machine, config: { policy: peer() }, capabilities: { moves: true } } as unknown as Session
  const port = { role: 'dialler', target: 'tcp://a:1', peer: PEER, link: {} } as unknown as LinkPort
  const paths = new AutoPaths(world, given)
  return { paths, clock, asked, port, wish: (of = port) => paths.wish(session, of, () => undefined) }
}

t.test('what a caller has given needs no leave; where a peer says that it is does', (t) => {
  const given = setUp({ given: ['unix:///run/a'], mayDial: false })
  t.strictSame(given.wish(), { purpose: 'switch', address: 'unix:///run/a' })
  t.strictSame(given.asked, [])
  const told = setUp({ told: ['unix:///run/a'], mayDial: false })
  t.equal(told.wish(), null)
  t.strictSame(told.asked, ['osd.1'])
  t.equal(told.wish(), null, 'nor is it asked for again at once: it rests')
  t.equal(told.asked.length, 1)
  t.strictSame(setUp({ told: ['unix:///run/a'] }).wish(), { purpose: 'switch', address: 'unix:///run/a' })
  t.end()
})

t.test('only schemes that its user has named are looked for, and none where nobody named any', (t) => {
  t.equal(setUp({ told: ['memory://a'] }).wish(), null)
  t.equal(setUp({ told: ['unix:///run/a'], schemes: null }).wish(), null)
  t.strictSame(
    setUp({ told: ['tcp://b:1'] }).wish(),
    { purpose: 'standby', address: 'tcp://b:1' },
    'an equal is kept ready',
  )
  t.end()
})

t.test('a session that is being taken elsewhere, by either side, is left alone', (t) => {
  const pledge = { link: 2, moves: true }
  t.equal(setUp({ given: ['unix:///run/a'], state: { rival: pledge } as never }).wish(), null)
  t.equal(setUp({ given: ['unix:///run/a'], state: { move: { name: 'parting', pledge } } as never }).wish(), null)
  const { wish, port } = setUp({ given: ['unix:///run/a'] })
  const arrived: unknown = Object.assign({}, port, { role: 'acceptor' })
  t.equal(wish(arrived as LinkPort), null, 'and so is one that the peer has dialled')
  t.end()
})

t.test('each link that carries the session is asked where its peer is', (t) => {
  const told = ['tcp://b:1']
  const { wish, port } = setUp({ told })
  t.match(wish(), { address: 'tcp://b:1' })
  told.push('unix:///run/new')
  const moved = Object.assign({}, port, { target: 'tcp://b:1' }) as LinkPort
  t.match(wish(moved), { purpose: 'switch', address: 'unix:///run/new' })
  t.end()
})

t.test('a path that its peer has left is left for another, and a caller may want it in reserve all the same', (t) => {
  const told = ['tcp://b:1']
  const { wish, port, paths } = setUp({ told, given: ['tcp://a:1'] })
  t.match(wish(), { purpose: 'standby', address: 'tcp://b:1' })
  paths.relocated(port, ['tcp://a:1'])
  t.match(wish(), { purpose: 'switch', address: 'tcp://b:1' })
  const there = Object.assign({}, port, { target: 'tcp://b:1' }) as LinkPort
  t.match(wish(there), { purpose: 'standby', address: 'tcp://a:1' })
  t.end()
})

t.test('a peer that moves without rest is followed once in a while, to where it is by then', async (t) => {
  const told = ['tcp://b:1']
  const { wish, port, paths, clock, asked } = setUp({ told, mayDial: false })
  wish()
  for (let ms = 0; ms < 10_000; ms++) {
    await clock.advance(1)
    told[0] = `tcp://b:${ms + 2}`
    paths.relocated(port, [`tcp://b:${ms + 1}`])
    wish()
  }
  t.ok(asked.length >= 9 && asked.length <= 24, `${asked.length} dials were asked for`)
  await clock.advance(NEWS_MS)
  t.ok(paths.deadlineMs <= clock.nowMs(), 'what was not looked at is due')
  const last = asked.length
  wish()
  t.equal(asked.length, last + 1)
})

t.test('what was said on a link that is not that of the session any more is nothing', (t) => {
  const { wish, port, paths } = setUp({ told: [], given: ['tcp://a:1', 'tcp://c:1'] })
  wish()
  paths.relocated(Object.assign<object, LinkPort>({}, port), ['tcp://a:1'])
  t.match(wish(), { purpose: 'standby', address: 'tcp://c:1' })
  t.end()
})
