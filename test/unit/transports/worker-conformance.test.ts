/** The worker transport keeps the contract of transports, also with the smallest ring and without looking into it. */
import t from 'tap'
import { transportConformance } from '../../../src/testing/conformance/transport-conformance.ts'
import { worker, type WorkerOptions } from '../../../src/transports/worker.ts'
import { workerHub } from '../../../src/transports/worker-hub.ts'

let count = 0
const variants: Readonly<Record<string, Omit<WorkerOptions, 'door'>>> = {
  'as it is': {},
  'with a ring of one page, woken by bells alone': { ringBytes: 4096, busyPoll: false },
}

for (const [name, options] of Object.entries(variants)) {
  t.test(name, async (t) => {
    transportConformance(t, {
      make: (wishes) => worker({ ...options, ...wishes, door: workerHub().door() }),
      address: () => `worker://place-${++count}`,
    })
  })
}
