/** The shared memory transport keeps the contract of transports, with memory that is mapped and with files. */
import process from 'node:process'
import t from 'tap'
import { transportConformance } from '../../../src/testing/conformance/transport-conformance.ts'
import { sharedMemory, type SharedMemoryOptions } from '../../../src/transports/shared/shared-memory.ts'
import { noMappedMemory, noSharedMemory } from '../../support/hosts.ts'

let count = 0
const variants: Readonly<Record<string, SharedMemoryOptions>> = {
  'as files': { access: 'file' },
  'as files with a ring of one page, woken by bells alone': { access: 'file', ringBytes: 4096, busyPoll: false },
  mapped: { access: 'mapped' },
  'mapped with a ring of one page, woken by bells alone': { access: 'mapped', ringBytes: 4096, busyPoll: false },
}

for (const [name, options] of Object.entries(variants)) {
  const skip = options.access === 'mapped' ? noMappedMemory : noSharedMemory
  t.test(name, { skip }, async (t) => {
    transportConformance(t, {
      make: (wishes) => sharedMemory({ ...options, ...wishes }),
      address: () => `shm://@inkwire-test-${process.pid}-${++count}`,
    })
  })
}
