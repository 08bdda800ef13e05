/** Links that are closing: who makes room for whom. */
import t from 'tap'
import type { LinkPort } from '../../../src/messenger/link-port.ts'
import { Parting } from '../../../src/messenger/parting.ts'

function port(name: string | null): LinkPort {
  const peer = name === null ? null : { name, instance: '1'.repeat(32), addresses: [] }
  return { peer } as unknown as LinkPort
}

t.test('those of one name make room for those of that name, and of all the oldest does', (t) => {
  const parting = new Parting({ connectionsMax: 5, connectionsPerNameMax: 2 })
  const [first, second, third] = [port('osd.1'), port('osd.1'), port('osd.1')]
  const other = port('osd.2')
  t.strictSame(
    [first, second, other].map((one) => parting.add(one)),
    [undefined, undefined, undefined],
  )
  t.equal(parting.add(third), first)
  for (const name of ['osd.3', null]) t.equal(parting.add(port(name)), undefined)
  t.equal(parting.add(port('osd.4')), second, 'the table is full')
  parting.delete(first)
  parting.delete(third)
  t.equal(parting.add(port('osd.4')), undefined, 'there is room')
  t.equal(parting.add(port('osd.5')), other)
  t.end()
})

t.test('a flood of sessions that are ended at once holds as many links as one name may', (t) => {
  const parting = new Parting({ connectionsMax: 16_384, connectionsPerNameMax: 256 })
  const broken = Array.from({ length: 10_000 }, () => parting.add(port('osd.6'))).filter((one) => one !== undefined)
  t.equal(broken.length, 10_000 - 256)
  t.end()
})
