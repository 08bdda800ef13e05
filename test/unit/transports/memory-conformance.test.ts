/** The memory transport keeps the contract of transports, also with a high-water mark that everything passes. */
import t from 'tap'
import { transportConformance } from '../../../src/testing/conformance/transport-conformance.ts'
import { memory } from '../../../src/transports/memory.ts'

let names = 0
const address = () => `memory://conformance-${names++}`

t.test('with defaults', async (t) => {
  transportConformance(t, { make: (wishes) => memory(wishes), address })
})

t.test('with microtasks and a high-water mark of one byte', async (t) => {
  transportConformance(t, {
    make: (wishes) => memory({ ...wishes, highWaterBytes: 1, defer: queueMicrotask }),
    address,
  })
})
