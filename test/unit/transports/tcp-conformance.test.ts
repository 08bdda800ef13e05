/** The TCP transport keeps the contract of transports, over IPv4 and IPv6, and with a high-water mark that everything passes. */
import t from 'tap'
import { transportConformance } from '../../../src/testing/conformance/transport-conformance.ts'
import { tcp } from '../../../src/transports/tcp.ts'
import { missingIPv6 } from '../../support/hosts.ts'

t.test('over IPv4', async (t) => {
  transportConformance(t, { make: (wishes) => tcp(wishes), address: () => 'tcp://127.0.0.1:0' })
})

t.test('over IPv6', { skip: missingIPv6 }, async (t) => {
  transportConformance(t, { make: (wishes) => tcp(wishes), address: () => 'tcp://[::1]:0' })
})

t.test('with a high-water mark of one byte', async (t) => {
  transportConformance(t, {
    make: (wishes) => tcp({ ...wishes, highWaterBytes: 1 }),
    address: () => 'tcp://127.0.0.1:0',
  })
})
