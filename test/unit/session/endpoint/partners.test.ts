/** Who a session is with: known for as long as it lives, and whatever others there are. */
import t from 'tap'
import { Partners } from '../../../../src/session/endpoint/partners.ts'
import type { Identity } from '../../../../src/wire/wire.ts'

const OSD1: Identity = { name: 'osd.1', instance: '1'.repeat(32), addresses: [] }
const RESTARTED: Identity = { ...OSD1, instance: '2'.repeat(32) }
const OSD2: Identity = { name: 'osd.2', instance: '3'.repeat(32), addresses: [] }

t.test('a session that lives is not forgotten, however many came after it', (t) => {
  const partners = new Partners<object>()
  const first = {}
  partners.agreed(first, 'first', OSD1)
  for (let count = 0; count < 20_000; count++) partners.agreed({}, `session ${count}`, OSD2)
  t.strictSame(partners.all('first'), [OSD1])
  t.strictSame(partners.known(first, [{ id: 'first', marks: [] }]), [{ id: 'first', marks: [], peer: OSD1 }])
  partners.remove(first)
  t.strictSame([partners.all('first'), partners.count(first)], [[], 0])
  t.strictSame(partners.known(first, [{ id: 'first', marks: [] }]), [{ id: 'first', marks: [] }])
  t.end()
})

t.test('beside the session that is agreed on there is at most the one that was promised last', (t) => {
  const partners = new Partners<object>()
  const one = {}
  partners.promised(one, 'a', OSD1, null)
  partners.agreed(one, 'a', OSD1)
  for (let count = 0; count < 100; count++) partners.promised(one, `promise ${count}`, RESTARTED, 'a')
  t.equal(partners.count(one), 2)
  t.strictSame([partners.of(one, 'a'), partners.of(one, 'promise 99')], [OSD1, RESTARTED], 'each with its own peer')
  t.strictSame(partners.all('promise 98'), [])
  partners.promised(one, 'a', RESTARTED, 'a')
  t.strictSame([partners.count(one), partners.of(one, 'a')], [1, RESTARTED], 'promised once more, to whoever asked')
  partners.agreed(one, 'b', RESTARTED)
  t.strictSame([partners.count(one), partners.of(one, 'a'), partners.of(one, 'b')], [1, undefined, RESTARTED])
  t.end()
})

t.test('who has chosen the id of another for its own is one of several', (t) => {
  const partners = new Partners<object>()
  const [one, other] = [{}, {}]
  partners.agreed(one, 'a', OSD1)
  partners.promised(other, 'a', OSD2, null)
  t.strictSame(partners.all('a'), [OSD1, OSD2])
  t.strictSame([partners.of(one, 'a'), partners.of(other, 'a')], [OSD1, OSD2])
  partners.remove(other)
  t.strictSame(partners.all('a'), [OSD1])
  t.end()
})
