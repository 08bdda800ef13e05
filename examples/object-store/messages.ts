/**
 * The calls and typed messages of the object store: a number on the wire, a name for people, and the static code of pbjs.
 *
 * `Put` and `Get` are calls over `lossy` sessions; `Replicate` is a message over `peer`, the rest are messages between a
 * `losslessClient` and the monitor's `losslessServer`. The bytes of objects are in the data segment, never in a body.
 */
import { defineCall, defineMessage } from 'inkwire'
import * as proto from './gen/object-store.pb.js'

export const Put = defineCall({ type: 0x201, name: 'Put', request: proto.Put, reply: proto.PutDone })
export const Get = defineCall({ type: 0x202, name: 'Get', request: proto.Get, reply: proto.Got })
export const Replicate = defineMessage({ type: 0x205, name: 'Replicate', codec: proto.Replicate })
export const Boot = defineMessage({ type: 0x206, name: 'Boot', codec: proto.Boot })
export const OsdMap = defineMessage({ type: 0x207, name: 'OsdMap', codec: proto.OsdMap })
export const Report = defineMessage({ type: 0x208, name: 'Report', codec: proto.Report })

/** Where each daemon is, by name. */
export type Addresses = ReadonlyMap<string, string>

export function addressesOf(map: proto.OsdMap): Addresses {
  return new Map(map.daemons.map((daemon) => [daemon.name ?? '', daemon.address ?? '']))
}
