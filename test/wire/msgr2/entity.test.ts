/** Who is who: names, numbers and nonces. */
import t from 'tap'
import { identityOf, nonceOf, NOTATION, numberOf, numberProven } from '../../../src/wire/msgr2/entity.ts'
import { parseEntity } from '../../../src/wire/msgr2/address.ts'

const [MON, OSD, CLIENT, MGR] = [1, 4, 8, 16]

t.test('a proved name has its own number; only monitors, who all prove the same name, say theirs', (t) => {
  t.equal(numberProven(OSD, 'osd.3', 4107n), 3n)
  t.equal(numberProven(CLIENT, 'client.admin', 4107n), 4107n)
  t.equal(numberProven(CLIENT, 'osd.3', 4107n), 4107n, 'a daemon as a client')
  t.equal(numberProven(MGR, 'mgr.x', 4107n), 4107n)
  t.equal(numberProven(MON, 'mon.', 0n), null)
  t.equal(numberProven(OSD, null, 4107n), null)
  t.end()
})

t.test('the number of a name', (t) => {
  t.strictSame(['osd.3', 'client.admin', 'mon.', 'client.12x'].map(numberOf), [3n, null, null, null])
  t.end()
})

t.test('an identity differs where an address does, and a nonce is never 0', (t) => {
  const at = (nonce: number) => identityOf(OSD, 3n, [parseEntity(`v2:10.0.0.1:6800/${nonce}`)!])
  t.match(at(7), { name: 'osd.3', addresses: ['v2:10.0.0.1:6800/7'] })
  t.equal(identityOf(CLIENT, -1n, []).name, 'client.?')
  t.not(at(7).instance, at(8).instance)
  t.equal(nonceOf('00000000ffff'), 1)
  t.equal(NOTATION.format('tcp://10.0.0.1:3300', '00000007'.padEnd(32, '0'), 'mon.a'), 'v2:10.0.0.1:3300/0')
  t.equal(NOTATION.format('tcp://10.0.0.1:3300', '00000007'.padEnd(32, '0'), 'osd.1'), 'v2:10.0.0.1:3300/7')
  t.end()
})
