/**
 * The map of OSDs and its changes, as a real monitor made them: osd-maps.json holds the maps of epochs 9 and 22 of a
 * cluster of Ceph 16 and every change between them, while pools came, were renamed and went, the cluster was paused, an
 * OSD was made and removed, and another went down and came back.
 */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { OSD_MAP_FLAG, applyIncremental, readOsdMap, type OsdMap } from '../../../../src/ceph/messages/osd-map.ts'
import { OsdMapMessage } from '../../../../src/ceph/messages/osd-map-message.ts'
import { captured, survives } from '../captured.ts'

interface Recorded {
  readonly whole: Readonly<Record<string, string>>
  readonly changes: Readonly<Record<string, string>>
}

const recorded = JSON.parse(readFileSync(new URL('../osd-maps.json', import.meta.url), 'utf8')) as Recorded
const whole = (epoch: number): Uint8Array => new Uint8Array(Buffer.from(recorded.whole[epoch] ?? '', 'base64'))
const change = (epoch: number): Uint8Array => new Uint8Array(Buffer.from(recorded.changes[epoch] ?? '', 'base64'))

t.test('what object I/O needs is read', (t) => {
  const [message] = captured(OsdMapMessage.type)
  const map = readOsdMap(OsdMapMessage.read(message!).maps.get(8)!)
  t.match(map, { fsid: '3b4aefbb-25ce-4c36-a3df-6c23122791c2', epoch: 8 })
  const lab = { id: 1, name: 'lab', kind: 'replicated' as const, size: 1, objectHash: 2, pgNum: 8 }
  t.strictSame([...map.pools.values()], [lab])
  t.match([...map.osds.values()], [{ id: 0, up: true, address: /^v2:127\.0\.0\.1:6800\/\d+$/ }])
  t.end()
})

t.test('change by change one comes to the map that the monitor has', (t) => {
  const seen: OsdMap[] = []
  let map: OsdMap | null = readOsdMap(whole(9))
  for (let epoch = 10; epoch <= 22; epoch++) {
    map = applyIncremental(map, change(epoch))
    if (map === null) throw new Error(`epoch ${epoch} was not applied`)
    seen.push(map)
  }
  t.strictSame(map, readOsdMap(whole(22)))
  t.ok(seen.some(({ pools }) => [...pools.values()].some(({ name, pgNum }) => name === 'zwei' && pgNum === 4)))
  t.ok(
    seen.some(({ osds }) => osds.get(0)?.up === false),
    'one was down',
  )
  t.ok(
    seen.some(({ osds }) => osds.has(1)),
    'another was there for a while',
  )
  const paused = OSD_MAP_FLAG.PAUSE_READ | OSD_MAP_FLAG.PAUSE_WRITE
  t.ok(seen.some(({ flags }) => (flags & paused) === paused))
  t.end()
})

t.test('a change of another map is not applied', (t) => {
  const map = readOsdMap(whole(9))
  t.equal(applyIncremental(map, change(11)), null, 'one is missing in between')
  t.equal(applyIncremental({ ...map, fsid: '3b4aefbb-25ce-4c36-a3df-6c23122791c2' }, change(10)), null)
  t.equal(map.epoch, 9, 'and the map is as it was')
  t.end()
})

t.test('maps that are not whole, or older than Ceph 14, are refused', (t) => {
  survives(t, 'a map of OSDs', whole(9), readOsdMap)
  const map = readOsdMap(whole(9))
  survives(t, 'a change', change(10), (bytes) => applyIncremental(map, bytes))
  const old = whole(9)
  old[0] = 6
  t.throws(() => readOsdMap(old), { code: 'INK_DECODE_FAILED', message: /before Ceph 14/ })
  t.end()
})
