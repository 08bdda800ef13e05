/** An interceptor without a plan changes nothing: the contract of transports holds on sockets and in simulation. */
import t from 'tap'
import { tcp } from '../../../../src/transports/tcp.ts'
import { FaultPlan } from '../../../../src/testing/faults/fault-plan.ts'
import { faulty } from '../../../../src/testing/faults/faulty.ts'
import { transportConformance } from '../../../../src/testing/conformance/transport-conformance.ts'

t.test('over tcp', async (t) => {
  transportConformance(t, {
    make: (wishes) => faulty(tcp(wishes), new FaultPlan()),
    address: () => 'tcp://127.0.0.1:0',
  })
})

t.test('over tcp, with delays by chance', async (t) => {
  const make = (wishes: { closeTimeoutMs: number }) =>
    faulty(tcp(wishes), new FaultPlan().sometimes({ delayProbability: 0.05, delayMaxMs: 2 }))
  transportConformance(t, { make, address: () => 'tcp://127.0.0.1:0' })
})
