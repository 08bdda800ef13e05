/** What several lookups see, merged: every change told once, whatever order and however often they say it (DI-5). */
import t from 'tap'
import { Sightings, type Change, type PeerRecord } from '../../../src/discovery/machine/sightings.ts'
import { seededRandom } from '../../../src/testing/index.ts'

const I1 = '1'.repeat(32)
const I2 = '2'.repeat(32)

function record(name: string, instance: string | null, sinceMs: number, ...addresses: string[]): PeerRecord {
  return { name, instance, sinceMs, addresses }
}

t.test('a peer is there while any lookup sees it', (t) => {
  const sightings = new Sightings(10)
  const peer = record('osd.0', I1, 5, 'tcp://a:1')
  t.strictSame(sightings.replace(0, [peer]), [{ type: 'found', record: peer }])
  t.strictSame(sightings.replace(1, [peer]), [])
  t.strictSame(sightings.replace(0, []), [])
  t.strictSame(sightings.replace(1, []), [{ type: 'lost', record: peer }])
  t.strictSame(sightings.replace(1, []), [])
  t.end()
})

t.test('of two processes the later one counts, and what is seen without a process adds its addresses', (t) => {
  const sightings = new Sightings(10)
  sightings.replace(0, [record('osd.0', I1, 5, 'tcp://a:1')])
  const [moved] = sightings.replace(1, [record('osd.0', I2, 9, 'tcp://b:1')])
  t.match(moved, { type: 'moved', record: { instance: I2, addresses: ['tcp://b:1'] } })
  t.match(sightings.replace(2, [record('osd.0', null, 0, 'tcp://c:1', 'tcp://b:1')]), [
    { type: 'moved', record: { instance: I2, addresses: ['tcp://b:1', 'tcp://c:1'] } },
  ])
  t.match(sightings.replace(1, []), [
    { type: 'moved', record: { instance: I1, addresses: ['tcp://a:1', 'tcp://c:1'] } },
  ])
  t.match(sightings.replace(0, []), [
    { type: 'moved', record: { instance: null, addresses: ['tcp://c:1', 'tcp://b:1'] } },
  ])
  t.equal(sightings.of('osd.0')?.instance, null)
  t.end()
})

t.test('there are no more peers than there is room for, and no more addresses', (t) => {
  const sightings = new Sightings(2)
  const names = ['osd.0', 'osd.1', 'osd.2'].map((name) => record(name, null, 0, 'tcp://a:1'))
  t.equal(sightings.replace(0, names).length, 2)
  t.match(sightings.replace(0, names.slice(1)), [{ type: 'lost' }, { type: 'found', record: { name: 'osd.2' } }])
  const many = Array.from({ length: 16 }, (_, index) => `tcp://h${index}:1`)
  sightings.replace(1, [record('osd.1', null, 0, ...many)])
  t.equal(sightings.of('osd.1')?.addresses.length, 16)
  t.end()
})

t.test('whatever lookups say in whatever order, the changes add up to what they see', (t) => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(`sightings ${seed}`)
    const sightings = new Sightings(100)
    const seen: PeerRecord[][] = [[], [], []]
    const told = new Map<string, PeerRecord>()
    for (let step = 0; step < 40; step++) {
      const lookup = random.integer(0, 2)
      if (random.chance(0.8)) {
        seen[lookup] = Array.from({ length: random.integer(0, 4) }, () => {
          const instance = random.pick([null, I1, I2])
          return record(
            `osd.${random.integer(0, 3)}`,
            instance,
            instance === I2 ? 9 : 5,
            `tcp://h${random.integer(0, 2)}:1`,
          )
        })
      }
      for (const change of sightings.replace(lookup, seen[lookup] ?? []))
        apply(told, change, `seed ${seed}, step ${step}`)
      const there = new Set(seen.flat().map(({ name }) => name))
      const wrong = [...there].sort().join() !== [...told.keys()].sort().join()
      if (wrong)
        throw new Error(
          `seed ${seed}, step ${step}: ${[...told.keys()].join()} is told, and ${[...there].join()} is there`,
        )
      for (const { name, instance } of told.values()) {
        const latest = seen.flat().filter((one) => one.name === name)
        const wanted = latest.some((one) => one.instance === I2)
          ? I2
          : latest.some((one) => one.instance === I1)
            ? I1
            : null
        if (wanted !== instance) throw new Error(`seed ${seed}, step ${step}: ${name} is ${String(instance)}`)
      }
    }
  }
  t.end()
})

/** Each change must follow from what was told before. */
function apply(told: Map<string, PeerRecord>, { type, record: now }: Change, where: string): void {
  const before = told.get(now.name)
  if ((type === 'found') !== (before === undefined)) throw new Error(`${where}: ${now.name} is ${type} twice`)
  if (type === 'moved' && JSON.stringify(before) === JSON.stringify(now))
    throw new Error(`${where}: moved to where it is`)
  if (type === 'lost') told.delete(now.name)
  else told.set(now.name, now)
}
