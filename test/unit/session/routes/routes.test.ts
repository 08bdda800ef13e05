/** Where a peer can be reached: which route is taken, which is kept ready, and that nothing is run after that comes and goes. */
import t from 'tap'
import {
  NEARER_REST_MS,
  PROVEN_MS,
  REST_FIRST_MS,
  REST_MAX_MS,
  ROUTES_MAX,
  Routes,
} from '../../../../src/session/routes/routes.ts'
import type { Standing } from '../../../../src/session/routes/routes.ts'

const READY_MS = 30_000

function routesOf(...ranks: readonly number[]): Routes {
  const routes = new Routes(READY_MS)
  ranks.forEach((rank, index) => {
    routes.add({ address: `r${index}`, rank })
  })
  return routes
}

const at = (address: string, change: Partial<Standing> = {}): Standing => ({
  address,
  sinceMs: 0,
  ready: null,
  ...change,
})

t.test('a better route is gone to, an equal one is kept ready, and one is enough', (t) => {
  t.strictSame(routesOf(1, 0).wish(at('r0'), 0), { purpose: 'switch', address: 'r1' })
  const equals = routesOf(0, 0, 0)
  t.strictSame(equals.wish(at('r0'), 0), { purpose: 'standby', address: 'r1' })
  t.equal(equals.wish(at('r0', { ready: { address: 'r1', sinceMs: 0 } }), 0), null)
  t.strictSame(routesOf(0, 1).wish(at('r0'), 0), { purpose: 'standby', address: 'r1' }, 'a worse one in reserve')
  t.equal(routesOf(0).wish(at('r0'), 0), null, 'there is no other')
  t.strictSame(
    routesOf(5).wish(at('elsewhere'), 0),
    { purpose: 'switch', address: 'r0' },
    'any is better than an unknown one',
  )
  t.end()
})

t.test('what is kept ready is proved anew in time', (t) => {
  const routes = routesOf(0, 0)
  const standing = at('r0', { ready: { address: 'r1', sinceMs: 100 } })
  t.equal(routes.deadlineMs(standing, 100), 100 + READY_MS)
  t.equal(routes.wish(standing, 99 + READY_MS), null)
  t.strictSame(routes.wish(standing, 100 + READY_MS), { purpose: 'standby', address: 'r1' })
  t.end()
})

t.test('a route that fails rests, each time twice as long, and not for ever', (t) => {
  const routes = routesOf(1, 0)
  let nowMs = 0
  const rests: number[] = []
  for (let failure = 0; failure < 10; failure++) {
    routes.failed('r1', nowMs, 0)
    t.equal(routes.wish(at('r0'), nowMs), null)
    const dueMs = routes.deadlineMs(at('r0'), nowMs)
    rests.push(dueMs - nowMs)
    nowMs = dueMs
    t.strictSame(routes.wish(at('r0'), nowMs), { purpose: 'switch', address: 'r1' })
  }
  t.strictSame(
    rests.slice(0, 4),
    [1, 2, 4, 8].map((times) => times * REST_FIRST_MS),
  )
  t.equal(rests.at(-1), REST_MAX_MS)
  t.end()
})

t.test(
  'a path that comes and goes is not run after: in an hour there are not more switches than a few a minute',
  (t) => {
    const routes = routesOf(1, 0)
    let standing = at('r0')
    let switches = 0
    for (let nowMs = 0; nowMs < 3_600_000; nowMs += 100) {
      if (standing.address === 'r1') {
        // It is lost again as soon as it carries the session.
        routes.failed('r1', nowMs, 0)
        standing = at('r0', { sinceMs: nowMs })
      } else if (routes.wish(standing, nowMs)?.purpose === 'switch') {
        standing = at('r1', { sinceMs: nowMs })
        switches++
      }
    }
    t.ok(switches <= 70, `${switches} switches`)
    t.end()
  },
)

t.test('whoever has carried the session for a while may fail again as for the first time', (t) => {
  const routes = routesOf(1, 0)
  for (let failure = 0; failure < 6; failure++) routes.failed('r1', 0, 0)
  const proven = at('r1', { sinceMs: 50_000 })
  t.equal(routes.deadlineMs(proven, 50_000), 50_000 + PROVEN_MS)
  routes.wish(proven, 50_000 + PROVEN_MS)
  routes.failed('r1', 70_000, 0)
  t.equal(routes.deadlineMs(at('r0'), 70_000), 70_000 + REST_FIRST_MS)
  t.end()
})

t.test(
  'a peer that tells of many places is believed some of them, and what failed is not forgotten when it is told again',
  (t) => {
    const routes = routesOf(...Array.from({ length: 100 }, () => 0))
    t.equal(routes.size, ROUTES_MAX)
    const two = routesOf(1, 0)
    two.failed('r1', 0, 0)
    two.add({ address: 'r1', rank: 0 })
    t.equal(two.wish(at('r0'), 0), null)
    two.failed('nobody', 0, 0)
    t.equal(two.size, 2)
    t.end()
  },
)

t.test('a route that is told of again keeps the best of its ranks', (t) => {
  const routes = new Routes(1000)
  routes.add({ address: 'a', rank: 1 })
  routes.add({ address: 'a', rank: 5 })
  routes.add({ address: 'b', rank: 3 })
  t.strictSame(routes.wish({ address: 'b', sinceMs: 0, ready: null }, 0), { purpose: 'switch', address: 'a' })
  t.end()
})

t.test('a route that is taken away is not gone to, and whoever is on it goes to the next', (t) => {
  const routes = routesOf(0, 0, 1)
  routes.remove('r1')
  t.strictSame(routes.wish(at('r0'), 0), { purpose: 'standby', address: 'r2' })
  routes.remove('r0')
  t.strictSame(routes.wish(at('r0'), 0), { purpose: 'switch', address: 'r2' })
  routes.remove('never was')
  t.equal(routes.size, 1)
  t.end()
})

t.test('of equals one that is much nearer is gone to when that stays so, and then nothing for long', (t) => {
  const routes = routesOf(0, 0)
  let nowMs = 0
  const proved = (ready: string, rttMs: number, usedMs: number | null): string | undefined => {
    routes.timed(ready, rttMs, usedMs)
    nowMs += READY_MS
    const used = ready === 'r1' ? 'r0' : 'r1'
    return routes.wish(at(used, { ready: { address: ready, sinceMs: nowMs } }), nowMs)?.purpose
  }
  t.strictSame(
    [
      [1, 20],
      [11, 20],
      [1, 20],
      [1, 20],
      [1, null],
    ].map(([rtt, used]) => proved('r1', rtt!, used!)),
    Array.from({ length: 5 }),
    'not three times in a row',
  )
  t.strictSame(
    [
      [0.1, 1],
      [0.1, 1],
      [0.1, 1],
      [0.1, 1],
    ].map(([rtt, used]) => proved('r1', rtt!, used!)),
    Array.from({ length: 4 }),
    'half of nothing is nothing',
  )
  t.strictSame(
    [1, 1, 1].map(() => proved('r1', 5, 10)),
    [undefined, undefined, 'switch'],
  )
  const back = Array.from({ length: NEARER_REST_MS / READY_MS - 1 }, () => proved('r0', 5, 10))
  t.strictSame([...new Set(back)], [undefined], 'and now the other one is nearer: it carries nothing')
  t.equal(proved('r0', 5, 10), 'switch')
  t.end()
})

t.test('a worse route is not gone to for being near, and of several to be kept ready the nearest is', (t) => {
  const routes = routesOf(0, 1, 1, 1)
  for (let turn = 0; turn < 9; turn++) routes.timed('r1', 1, 100)
  t.equal(routes.wish(at('r0', { ready: { address: 'r1', sinceMs: 0 } }), 0), null)
  routes.timed('r2', 0.5, 100)
  t.strictSame(routes.wish(at('r0'), 0), { purpose: 'standby', address: 'r3' }, 'who was never asked may be nearer')
  routes.timed('r3', 3, 100)
  t.strictSame(routes.wish(at('r0'), 0), { purpose: 'standby', address: 'r2' })
  routes.failed('r2', 0, 0)
  t.strictSame(
    routes.known(0).map(({ address, rttMs, rests }) => [address, rttMs, rests]),
    [
      ['r0', null, false],
      ['r1', 1, false],
      ['r2', 0.5, true],
      ['r3', 3, false],
    ],
  )
  t.strictSame([routes.rttOf('r1'), routes.rttOf('r0'), routes.rttOf('nowhere')], [1, null, null])
  t.end()
})
