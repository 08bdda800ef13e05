/**
 * A process at the other end of shared memory: a messenger that listens at the addresses of its arguments, and sends every message
 * back. Its parent stops it, kills it, and hears what came.
 *
 * Arguments: how memory is reached, and addresses.
 */
import process from 'node:process'
import { losslessServer } from '../../src/policies/lossless-server.ts'
import { Messenger } from '../../src/transactions/messenger.ts'
import { sharedMemory, type SharedMemoryOptions } from '../../src/transports/shared/shared-memory.ts'
import { tcp } from '../../src/transports/tcp.ts'
import { endWithParent } from './forked.ts'

const [access, ...addresses] = process.argv.slice(2)
const osd = new Messenger({
  name: 'osd.0',
  policies: { client: losslessServer() },
  transports: [tcp(), sharedMemory({ access: access as SharedMemoryOptions['access'] })],
})
osd.use({ dispatch: ({ data }, connection) => void connection.send({ type: 1, data }) })
const bound = await Promise.all(addresses.map((address) => osd.bind(address)))
endWithParent()
process.send?.(bound)
