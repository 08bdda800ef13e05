/** Peers that are written down: a list in a configuration. */
import { badOption, describe, optionObject } from '../common/options.ts'
import type { Lookup } from './lookup.ts'
import type { PeerRecord } from './machine/sightings.ts'
import { checkedRecord } from './record.ts'

/**
 * Peers by name, each with its addresses: `staticPeers({ 'mon.a': ['tcp://10.0.0.1:6789'] })`. It announces nothing.
 *
 * @throws InkwireError `INK_BAD_OPTION` for what is no name, or has no address.
 */
export function staticPeers(peers: Readonly<Record<string, readonly string[]>>): Lookup {
  const given = Object.entries(optionObject('staticPeers()', peers, 'any'))
  const records = given.map(([name, addresses]): PeerRecord => {
    const record = checkedRecord({ name, addresses })
    if (record !== null) return record
    const wanted = "a name with its addresses, as in { 'mon.a': ['tcp://10.0.0.1:6789'] }"
    throw badOption(`staticPeers() takes ${wanted}, not ${describe(name)}: ${describe(addresses)}`)
  })
  return {
    name: 'static',
    start: (world) => {
      world.seen(records)
      return { stop: () => Promise.resolve() }
    },
  }
}
