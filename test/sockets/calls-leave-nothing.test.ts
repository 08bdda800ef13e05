/**
 * Random calls by thousands, with the public package: no timer, listener, place or byte of theirs is left, at either end.
 *
 * `INKWIRE_RANDOM_CALLS` makes more of them.
 */
import { once } from 'node:events'
import t from 'tap'
import { forkScript } from '../support/forked.ts'
import type { Remains } from '../support/random-calls.ts'
import { within } from '../support/until.ts'

const CALLS = Number(process.env['INKWIRE_RANDOM_CALLS'] ?? 400)

t.test(`nothing is left of ${CALLS} random calls`, async (t) => {
  const child = forkScript('random-calls.ts', String(CALLS))
  t.teardown(() => child.kill('SIGKILL'))
  const said = Promise.race([once(child, 'message'), once(child, 'exit')])
  const [remains] = (await within('they end', said, 600_000)) as [Remains]
  t.strictSame(remains.unexpected, [])
  t.equal(remains.ended, CALLS)
  t.ok(
    remains.counted.every((count) => count === 0),
    `calls that run and messages that wait: ${remains.counted.join()}`,
  )
  t.equal(remains.listeners, 0, 'listeners on the signal of all of them')
  t.equal(remains.held, 0, 'signals and bytes that somebody holds')
  t.strictSame(remains.resources, [], 'what keeps the process awake')
})
