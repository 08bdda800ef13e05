/** How maps grow from what monitors send; the maps are those that a real one made, see osd-maps.json. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { MonMaps } from '../../../src/ceph/mon-maps.ts'
import { readOsdMap } from '../../../src/ceph/messages/osd-map.ts'

type Recorded = Readonly<Record<'whole' | 'changes', Readonly<Record<string, string>>>>

const recorded = JSON.parse(readFileSync(new URL('osd-maps.json', import.meta.url), 'utf8')) as Recorded
const FSID = readOsdMap(entries('whole', [9]).get(9)!).fsid
const TIME = { seconds: 0, nanoseconds: 0 }

function entries(kind: 'whole' | 'changes', epochs: readonly number[]): Map<number, Uint8Array> {
  return new Map(epochs.map((epoch) => [epoch, new Uint8Array(Buffer.from(recorded[kind][epoch] ?? '', 'base64'))]))
}

function body(whole: readonly number[], changes: readonly number[]) {
  return { fsid: FSID, maps: entries('whole', whole), changes: entries('changes', changes), oldest: 1, newest: 22 }
}

t.test('a whole map and the changes after it may come in one message, in any order', (t) => {
  const maps = new MonMaps()
  t.equal(maps.takeOsdMap(body([9], [11, 10, 8])), 'newer')
  t.equal(maps.osdMap?.epoch, 11)
  t.equal(maps.takeOsdMap(body([9], [10, 11])), 'known', 'what is older changes nothing')
  t.equal(maps.takeOsdMap(body([], [11, 12])), 'newer')
  t.equal(maps.takeOsdMap(body([], [14])), 'gap')
  t.equal(maps.osdMap?.epoch, 12)
  t.equal(maps.takeOsdMap(body([22], [])), 'newer')
  t.equal(new MonMaps().takeOsdMap(body([], [10])), 'gap', 'a change of nothing')
  t.end()
})

t.test('subscriptions go on from what is known, and ask for the map of OSDs only when somebody wants it', (t) => {
  const maps = new MonMaps()
  t.strictSame([...maps.topics().keys()], ['config', 'monmap'])
  maps.wantsOsdMap = true
  t.match(maps.topics().get('osdmap'), { start: 0, once: false })
  maps.takeOsdMap(body([9], []))
  t.ok(maps.takeMonMap({ fsid: FSID, epoch: 3, modified: TIME, monitors: [] }))
  t.notOk(maps.takeMonMap({ fsid: FSID, epoch: 3, modified: TIME, monitors: [] }))
  t.match([maps.topics().get('osdmap'), maps.topics().get('monmap')], [{ start: 10 }, { start: 4 }])
  t.match(maps.topics(true).get('osdmap'), { start: 0 }, 'the whole one, to close a gap')
  t.end()
})

t.test('maps of another cluster are refused', (t) => {
  const maps = new MonMaps()
  maps.takeMonMap({ fsid: FSID, epoch: 1, modified: TIME, monitors: [] })
  const other = FSID.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
  const refused = { code: 'INK_INCOMPATIBLE', message: /of the cluster/ }
  t.throws(() => maps.takeMonMap({ fsid: other, epoch: 2, modified: TIME, monitors: [] }), refused)
  t.throws(() => maps.takeOsdMap({ ...body([9], []), fsid: other }), refused)
  t.equal(maps.osdMap, null)
  t.end()
})
