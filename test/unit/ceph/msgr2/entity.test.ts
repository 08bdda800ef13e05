/** Who is who: names, numbers and nonces. */
import t from 'tap'
import {
  accountOf,
  addressesDialled,
  identityOf,
  nonceOf,
  NOTATION,
  numberOf,
  numberProven,
  ourNumber,
  withoutDialled,
} from '../../../../src/ceph/msgr2/entity.ts'
import { formatEntity, parseEntity } from '../../../../src/ceph/msgr2/address.ts'

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

t.test('a client is remembered by its key, everybody else by the name', (t) => {
  const of = (name: string, principal?: string | null) =>
    accountOf({ name, instance: '', addresses: [], ...(principal === undefined ? {} : { principal }) })
  t.equal(of('client.4107', 'client.admin'), 'client.admin')
  t.equal(of('client.4107', null), 'client.4107')
  t.equal(of('mon.1', 'mon.'), 'mon.1')
  t.equal(of('osd.3'), 'osd.3')
  t.end()
})

t.test('the number of a name', (t) => {
  t.strictSame(['osd.3', 'client.admin', 'mon.', 'client.12x'].map(numberOf), [3n, null, null, null])
  t.end()
})

t.test('a daemon calls itself by the number of its name, a client by the one that it was given', (t) => {
  t.equal(ourNumber('osd.3', 4107n), 3n)
  t.equal(ourNumber('client.7', 4107n), 4107n)
  t.equal(ourNumber('client.7', null), 7n, 'while nobody gave it one')
  t.equal(ourNumber('client.admin', 4107n), 4107n)
  t.equal(ourNumber('mgr.x', 4107n), 4107n)
  t.equal(ourNumber('client.admin', null), -1n)
  t.end()
})

t.test('an identity differs where an address or the name does, and a nonce is never 0', (t) => {
  const at = (nonce: number) => identityOf(OSD, 3n, [parseEntity(`v2:10.0.0.1:6800/${nonce}`)!])
  t.match(at(7), { name: 'osd.3', addresses: ['v2:10.0.0.1:6800/7'] })
  t.equal(identityOf(CLIENT, -1n, []).name, 'client.?')
  t.not(at(7).instance, at(8).instance)
  t.not(identityOf(OSD, 4n, [parseEntity('v2:10.0.0.1:6800/7')!]).instance, at(7).instance, 'nor without its name')
  t.equal(new Set(at(7).instance.match(/.{8}/g)).size, 4, 'each part of it is worth something')
  t.equal(nonceOf('00000000ffff'), 1)
  t.equal(NOTATION.format('tcp://10.0.0.1:3300', '00000007'.padEnd(32, '0'), 'mon.a'), 'v2:10.0.0.1:3300/0')
  t.equal(NOTATION.format('tcp://10.0.0.1:3300', '00000007'.padEnd(32, '0'), 'osd.1'), 'v2:10.0.0.1:3300/7')
  t.end()
})

t.test('who dialled hears that it is where it dialled; who it is to everybody else stays the same', (t) => {
  const [own, bare, legacy] = ['v2:10.0.0.1:6800/7', 'v2:10.0.0.1:6800/0', '-']
  const told = (addresses: readonly string[], dialled: string) => {
    const self = { name: 'osd.1', instance: '00000007'.padEnd(32, '0'), addresses }
    return addressesDialled(
      self,
      parseEntity(bare)!,
      parseEntity(dialled) ?? { ...parseEntity(bare)!, tail: new Uint8Array(0) },
    )
  }
  const texts = (from: ReturnType<typeof told>) => from.map(formatEntity)
  t.strictSame(texts(told([own], own)), [own])
  t.strictSame(texts(told([own], bare)), [own, bare])
  t.strictSame(texts(told([], own)), [own], 'bound to a wildcard')
  t.strictSame(texts(told([], bare)), [bare])
  t.strictSame(texts(told([own], legacy)), [own], 'where it dialled, it does not say')
  t.strictSame(withoutDialled(told([own], bare)).map(formatEntity), [own])
  t.strictSame(withoutDialled(told([], bare)).map(formatEntity), [bare])
  const monitor = ['v2:10.0.0.1:3300/0', 'v1:10.0.0.1:6789/0']
  t.strictSame(withoutDialled(monitor.map((text) => parseEntity(text)!)).map(formatEntity), monitor)
  t.end()
})
