/**
 * No hash tables on the way of a message: what it reads for every message has a shape that V8 knows.
 *
 * An object that was filled by computed names, or has lost a property, is a table to V8: each look at it is a search by a
 * builtin, 20 to 40 ns, where a load would do. Nothing else shows that, so it is asked here.
 */
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { losslessClient, losslessServer, lossy, peer } from '../../../src/index.ts'
import { resolveLimits } from '../../../src/policies/limits.ts'

setFlagsFromString('--allow-natives-syntax')
const hasShape = runInThisContext('(object) => %HasFastProperties(object)') as (object: object) => boolean

/** It, and every object in it. */
function* all(name: string, object: object): Generator<[string, object]> {
  yield [name, object]
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    if (typeof value === 'object' && value !== null) yield* all(`${name}.${key}`, value)
  }
}

t.test('the question is understood', (t) => {
  const table: Record<string, number> = {}
  for (let index = 0; index < 100; index++) table[`name${index}`] = index
  t.strictSame([hasShape({ one: 1 }), hasShape(table)], [true, false])
  t.end()
})

t.test('limits and policies have a shape, with and without options', (t) => {
  const read = {
    limits: resolveLimits(),
    changed: resolveLimits({ ackDelayMs: 7 }),
    lossy: lossy(),
    client: losslessClient({ bodies: 'lend', window: { bytes: 1 << 20 } }),
    server: losslessServer(),
    peer: peer(),
  }
  for (const [name, object] of Object.entries(read).flatMap(([name, object]) => [...all(name, object)]))
    t.ok(hasShape(object), name)
  t.end()
})
