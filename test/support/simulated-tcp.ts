/** The simulated network for protocols that dial IP addresses: the host `10.0.0.1`, dialled as `tcp://10.0.0.1:3300`. */
import type { SimulatedProcess } from '../../src/testing/index.ts'
import type { Address, Transport } from '../../src/transports/transport.ts'

export function simulatedTcp({ transport }: SimulatedProcess): Transport {
  const inner = (address: Address): Address => ({ ...address, scheme: 'sim' })
  const outer = (address: Address): Address => ({ ...address, scheme: 'tcp' })
  return {
    scheme: 'tcp',
    parse: (address) => outer(transport.parse(inner(address))),
    dial: (address) => transport.dial(inner(address)),
    async listen(address, onLink, options) {
      const listener = await transport.listen(inner(address), onLink, options)
      return { address: outer(listener.address), close: () => listener.close() }
    },
  }
}
