/** Where a peer can be reached: which route is taken, which is kept ready, and that nothing is run after that comes and goes. */
import t from 'tap'
import { PROVEN_MS, REST_FIRST_MS, REST_MAX_MS, ROUTES_MAX, Routes } from '../../../../src/session/routes/routes.ts'
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
