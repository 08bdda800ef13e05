/**
 * The typed messages of the object store: a number on the wire, a name for people, and the static code of pbjs.
 *
 * `Put`, `PutDone`, `Get` and `Got` travel over `lossy` sessions, `Replicate` over `peer`, the rest between a
 * `losslessClient` and the monitor's `losslessServer`. The bytes of objects are in the data segment, never in a body.
 */
import { defineMessage } from 'inkwire'
import * as proto from './gen/object-store.pb.js'

export const Put = defineMessage({ type: 0x201, name: 'Put', codec: proto.Put })
export const PutDone = defineMessage({ type: 0x202, name: 'PutDone', codec: proto.PutDone })
export const Get = defineMessage({ type: 0x203, name: 'Get', codec: proto.Get })
export const Got = defineMessage({ type: 0x204, name: 'Got', codec: proto.Got })
export const Replicate = defineMessage({ type: 0x205, name: 'Replicate', codec: proto.Replicate })
export const Boot = defineMessage({ type: 0x206, name: 'Boot', codec: proto.Boot })
export const OsdMap = defineMessage({ type: 0x207, name: 'OsdMap', codec: proto.OsdMap })
export const Report = defineMessage({ type: 0x208, name: 'Report', codec: proto.Report })

/** Where each daemon is, by name. */
export type Addresses = ReadonlyMap<string, string>

export function addressesOf(map: proto.OsdMap): Addresses {
  return new Map(map.daemons.map((daemon) => [daemon.name ?? '', daemon.address ?? '']))
}
