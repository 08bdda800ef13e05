/** In which order the places of a peer are dialled, and that a place which refuses us does not end the search. */
import t from 'tap'
import { PLACES_MAX, Places } from '../../../../src/session/routes/places.ts'

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
