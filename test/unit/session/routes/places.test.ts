/** In which order the places of a peer are dialled, and that a place which refuses us does not end the search. */
import t from 'tap'
import { PLACES_MAX, Places } from '../../../../src/session/routes/places.ts'
import { decodeAddresses, encodeAddresses } from '../../../../src/session/routes/words.ts'
import { seededRandom } from '../../../../src/testing/index.ts'

/** Where so many dials go that all come to nothing. */
function walk(places: Places, dials: number): (string | null)[] {
  return Array.from({ length: dials }, () => {
    const { here } = places
    places.failed()
    return here
  })
}

t.test('each place has its turn before any has another, and whoever leads to the peer is kept to', (t) => {
  const places = new Places(['a', 'b', 'c'])
  t.notOk(places.isLast)
  t.strictSame(walk(places, 2), ['a', 'b'])
  t.ok(places.isLast, 'of the first round')
  t.strictSame(walk(places, 5), ['c', 'a', 'b', 'c', 'a'])
  t.notOk(places.isLast)
  places.found('c')
  t.equal(places.here, 'c')
  t.strictSame(walk(places, 4), ['c', 'a', 'b', 'c'], 'and then all of the others')
  places.found('elsewhere')
  t.strictSame([places.here, places.size], ['elsewhere', 4], 'wherever it was found')
  t.end()
})

t.test('one place is dialled again and again, and none is dialled at all', (t) => {
  t.strictSame(walk(new Places(['a']), 3), ['a', 'a', 'a'])
  t.strictSame(walk(new Places([]), 2), [null, null])
  t.end()
})

t.test('where somebody refuses us for good nobody goes again, unless it is everywhere', (t) => {
  const places = new Places(['a', 'b'])
  t.ok(places.refused(), 'there is b')
  places.failed()
  t.strictSame([walk(places, 3), places.size], [['b', 'b', 'b'], 1])
  t.notOk(places.refused(), 'that was the last one')
  places.found('b')
  t.strictSame(walk(places, 2), ['b', 'a'], 'the peer lives: what was said before may be old')
  t.end()
})

t.test('a name goes first, and then each address that it stands for', (t) => {
  const places = new Places(['name', 'b'])
  places.resolved('name', ['name/1', 'name/2'])
  t.strictSame(walk(places, 4), ['name', 'b', 'name/1', 'name/2'])
  places.resolved('name', ['name/2', 'name/3'])
  t.equal(places.size, 4, 'an address that is gone is dialled no more')
  t.notOk(places.has('name/1'))
  places.resolved('nobody', ['x'])
  t.notOk(places.has('x'))
  places.goTo('name/3')
  places.resolved('name', [])
  t.equal(places.here, 'name', 'also the one that was dialled next: what failed longest ago is')
  t.end()
})

t.test('there are at most so many, and those that were named first stay', (t) => {
  const places = new Places(Array.from({ length: 40 }, (_, index) => `${index}`))
  t.equal(places.size, PLACES_MAX)
  places.goTo('40')
  t.equal(places.here, '0')
  places.name(['x'])
  t.strictSame([places.size, places.here], [1, 'x'])
  t.end()
})

t.test('where a peer goes it is looked for first, and last where it was when a caller has named that', (t) => {
  const places = new Places(['a', 'b'])
  places.told(['new'], ['a'])
  t.strictSame([places.here, places.isTold], ['b', false], 'what has not failed, in the order in which it was named')
  t.strictSame(walk(places, 4), ['b', 'new', 'a', 'b'])
  places.found('new')
  places.told(['newer', 'a'], ['new'])
  t.strictSame(walk(places, 4), ['a', 'b', 'newer', 'new'], 'it may be back where it was')
  let last = 'newer'
  for (const next of ['c', 'd', 'e']) {
    places.told([next], [last])
    last = next
  }
  t.strictSame(
    ['new', 'newer', 'c', 'd', 'e'].map((place) => places.has(place)),
    [false, false, true, true, true],
    'but not wherever it has been',
  )
  places.found('e')
  t.strictSame(walk(places, 5), ['e', 'a', 'b', 'c', 'd'])
  places.found('e')
  t.ok(places.isTold)
  places.forgetTold()
  t.strictSame([places.here, places.size, places.isTold], ['a', 2, false])
  t.end()
})

t.test('a place that was left and is told again is as good as any other', (t) => {
  const places = new Places(['a'])
  places.told(['b'], ['a'])
  places.told(['c'], ['b'])
  places.told(['c', 'b'], [])
  t.strictSame(walk(places, 3), ['c', 'b', 'a'])
  t.end()
})

t.test('a peer that is nowhere any more, as it says, is dialled where a caller wants it and nowhere else', (t) => {
  const told = new Places(['x'], true)
  told.told([], ['x'])
  t.equal(told.here, null)
  told.told(['y'], [])
  t.strictSame([told.here, told.isTold], ['y', true])
  const named = new Places(['x'])
  named.told([], ['x'])
  t.equal(named.here, 'x')
  t.end()
})

t.test('the words of addresses are read as they were written, and whatever else is no such word', (t) => {
  const some = ['tcp://10.0.0.1:6800', 'unix:///run/osd.3', 'x']
  for (const addresses of [[], some, Array.from({ length: 8 }, (_, index) => `tcp://[fd00::${index}]:6800`)])
    t.strictSame(decodeAddresses(encodeAddresses(addresses)), addresses)
  const long = Array.from({ length: 12 }, (_, index) => String(index).padEnd(256, 'x'))
  t.strictSame(decodeAddresses(encodeAddresses(long)), long.slice(0, 3), 'as many as fit into 1022 bytes')
  t.equal(decodeAddresses(encodeAddresses(['a b'])), null, 'not printable')
  t.equal(decodeAddresses(encodeAddresses(['\u202eevil'])), null)
  const random = seededRandom('addresses')
  const good = encodeAddresses(some)
  for (let turn = 0; turn < 3000; turn++) {
    const bytes = turn % 2 === 0 ? good.slice(0, random.integer(0, good.length)) : random.bytes(random.integer(0, 40))
    if (bytes.length > 0 && turn % 3 > 0) bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
    const read = decodeAddresses(bytes)
    if (read === null) continue
    if (read.length > 8 || read.some((one) => !/^[!-~]{1,256}$/.test(one))) t.fail(JSON.stringify(read))
  }
  t.end()
})
