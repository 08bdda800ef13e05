/**
 * The child process: one half of a workload, told by arguments which. Tells its parent an address, or what it measured. The
 * half that dials loads what it needs while the other one does, and waits to be told the address.
 *
 * A process that loses its parent ends itself, so nothing is left running after an interrupted bench.
 */
import { once } from 'node:events'
import { loadSubject } from '../subjects/index.ts'
import type { RunOptions } from './run.ts'
import type { Workload } from './workload.ts'

const [workloadName = '', role, subjectName = '', json = '{}'] = process.argv.slice(2)
const options = JSON.parse(json) as RunOptions

process.on('disconnect', () => process.exit(0))
// Its parent may be gone before it has begun to listen.
if (!process.connected) process.exit(0)
process.on('SIGTERM', () => process.exit(0))

const told = once(process, 'message') as Promise<[address: string]>

try {
  const { workload } = (await import(`../macro/${workloadName}.js`)) as { workload: Workload }
  const subject = await loadSubject(subjectName)
  if (role === 'serve') process.send?.({ address: (await workload.serve(subject, options)).address })
  else {
    const [address] = await told
    process.send?.({ measured: await workload.drive(subject, address, options) })
  }
} catch (thrown) {
  process.send?.({ error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) })
}
