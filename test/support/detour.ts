/** A transport that dials another port than it is told, where a proxy stands: the peer is still called by its own address. */
import { tcp } from '../../src/index.ts'
import type { Transport } from '../../src/index.ts'

/** `ports`: from the port that is dialled to the one of the proxy. It may change at any time. */
export function detour(ports: ReadonlyMap<number, number>): Transport {
  const transport = tcp()
  return {
    scheme: transport.scheme,
    parse: (text) => transport.parse(text),
    listen: (address, onLink, options) => transport.listen(address, onLink, options),
    dial: (address) => transport.dial({ ...address, port: ports.get(address.port) ?? address.port }),
  }
}
