/** Entity names: as they travel, and what is none. */
import t from 'tap'
import { readEntityName, writeEntityName } from '../../../../src/ceph/cephx/entity-name.ts'
import { bitOf } from '../../../../src/ceph/msgr2/format.ts'
import { Reader, Writer } from '../../../../src/ceph/msgr2/codec.ts'

t.test('a name goes there and comes back', (t) => {
  for (const name of ['client.admin', 'osd.3', 'mon.', 'mgr.x', 'mds.a.b', 'client.rgw-1_2']) {
    const writer = new Writer()
    writeEntityName(writer, name)
    t.equal(readEntityName(new Reader(writer.done())), name)
  }
  t.strictSame(['mon.', 'mds.a', 'osd.3', 'client.x', 'mgr.x'].map(bitOf), [1, 2, 4, 8, 16])
  t.end()
})

t.test('what is no name is refused: it would stand in reasons', (t) => {
  const bytes = (bit: number, id: string): Reader => new Reader(new Writer().u32(bit).text(id).done())
  t.throws(() => readEntityName(bytes(3, 'x')), { message: /type|id that is none/ })
  t.throws(() => readEntityName(bytes(8, 'a\nb')), { message: /type|id that is none/ })
  t.throws(() => readEntityName(bytes(8, 'x'.repeat(65))), { message: /type|id that is none/ })
  t.throws(() => readEntityName(new Reader(Uint8Array.of(8, 0, 0, 0, 9, 0, 0, 0, 65))), {
    message: /too early|items of at most/,
  })
  t.end()
})
