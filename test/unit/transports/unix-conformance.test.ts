/** The Unix socket transport keeps the contract of transports, by path and by abstract name. */
import process from 'node:process'
import t from 'tap'
import { transportConformance } from '../../../src/testing/conformance/transport-conformance.ts'
import { unix } from '../../../src/transports/unix.ts'
import { noUnixSockets } from '../../support/hosts.ts'
import { socketDirectory } from '../../support/socket-directory.ts'

let count = 0

t.test('by path', { skip: noUnixSockets }, async (t) => {
  const directory = socketDirectory(t)
  transportConformance(t, {
    make: (wishes) => unix(wishes),
    address: () => `unix://${directory}/${++count}`,
    resetShowsAs: 'reset or remote',
  })
})

t.test('by abstract name', { skip: process.platform !== 'linux' && 'only Linux has abstract names' }, async (t) => {
  transportConformance(t, {
    make: (wishes) => unix(wishes),
    address: () => `unix://@inkwire-test-${process.pid}-${++count}`,
    resetShowsAs: 'reset or remote',
  })
})
