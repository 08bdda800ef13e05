/** What a messenger remembers of attempts, and that nobody is forgotten for somebody else. */
import t from 'tap'
import { Heard } from '../../../../src/ceph/msgr2/heard.ts'

t.test('an attempt was heard of before or after a moment', (t) => {
  const heard = new Heard()
  const before = heard.moment
  heard.hear('osd.1', 'a', 5n)
  const between = heard.moment
  heard.hear('osd.2', 'b', 2n)
  t.strictSame([heard.since(before, 'osd.1', 'a'), heard.since(before, 'osd.2', 'b')], [5n, 2n])
  t.strictSame([heard.since(between, 'osd.1', 'a'), heard.since(between, 'osd.2', 'b')], [null, 2n])
  heard.hear('osd.1', 'a', 3n)
  t.equal(heard.since(between, 'osd.1', 'a'), 3n, 'the last one counts, whatever its number')
  t.equal(heard.since(heard.moment, 'osd.1', 'a'), null)
  t.equal(heard.since(before, 'osd.2', 'a'), null, 'an instance is nothing without its name')
  t.end()
})

t.test('who wears one address after another forgets its own, the oldest first', (t) => {
  const heard = new Heard()
  for (const name of ['osd.1', 'osd.2']) heard.hear(name, 'a', 1n)
  for (let count = 0; count < 20_000; count++) heard.hear('client.x', `${count}`, 1n)
  t.strictSame([heard.since(0, 'osd.1', 'a'), heard.since(0, 'osd.2', 'a')], [1n, 1n])
  const kept = 16_384 - 2
  t.equal(heard.since(0, 'client.x', `${20_000 - kept}`), 1n)
  t.equal(heard.since(0, 'client.x', `${20_000 - kept - 1}`), null)
  t.end()
})
