/** Names to placement groups: what `rados` sent, and what Ceph's own tools computed. */
import t from 'tap'
import { placeOf } from '../../../src/ceph/object-hash.ts'
import { OsdOp } from '../../../src/ceph/messages/osd-op.ts'
import { captured } from './captured.ts'

const pool = { id: 1, name: 'lab', kind: 'replicated' as const, size: 1, objectHash: 2, pgNum: 8 }

t.test('the hash and the group are those that rados sent', (t) => {
  const named = captured(OsdOp.type)
    .map((message) => OsdOp.read(message))
    .filter(({ object }) => object !== '')
  t.not(named.length, 0)
  for (const { object, hash, group } of named) t.strictSame(placeOf(pool, object), { hash, group })
  t.end()
})

t.test('hashes of every length are those of Ceph', (t) => {
  // As `ceph osd map` of Ceph 16 printed them for a pool of eight groups.
  const known: [object: string, hash: number, seed: number][] = [
    ['a', 0x29eec818, 0],
    ['ab', 0x9879ac41, 1],
    ['abcdefghijkl', 0x0b1b3ea5, 5],
    ['abcdefghijklm', 0x3122b031, 1],
    ['rbd_data.1234.0000000000000001', 0x12d04153, 3],
    ['ready', 0xaaf82537, 7],
    ['häh?', 0xfb064f2a, 2],
  ]
  for (const [object, hash, seed] of known) {
    t.strictSame(placeOf(pool, object), { hash, group: { pool: 1, seed, shard: -1 } }, object)
  }
  t.equal(placeOf(pool, 'ready', 'spaced').hash, 0x9e62ec53, 'a namespace stands before the name')
  t.end()
})

t.test('a number of groups that is no power of two splits only some of them', (t) => {
  const seeds = (pgNum: number) =>
    Array.from({ length: 200 }, (_, index) => placeOf({ ...pool, pgNum }, `object ${index}`).group.seed)
  const [eight, twelve, one] = [seeds(8), seeds(12), seeds(1)]
  t.ok(twelve.every((seed) => seed < 12) && twelve.some((seed) => seed >= 8))
  for (const [index, seed] of twelve.entries()) t.ok(seed === eight[index] || seed === eight[index]! + 8)
  t.ok(one.every((seed) => seed === 0))
  t.end()
})

t.test('a pool that hashes in another way is refused with words', (t) => {
  t.throws(() => placeOf({ ...pool, objectHash: 1 }, 'a'), { code: 'INK_INCOMPATIBLE', message: /method 1/ })
  t.throws(() => placeOf({ ...pool, pgNum: 0 }, 'a'), { code: 'INK_INCOMPATIBLE' })
  t.end()
})
