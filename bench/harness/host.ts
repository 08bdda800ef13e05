/**
 * The child process: one half of a workload, told by arguments which. Tells its parent an address, or what it measured.
 *
 * A process that loses its parent ends itself, so nothing is left running after an interrupted bench.
 */
import { loadSubject } from '../subjects/index.ts'
import type { RunOptions, Workload } from './workload.ts'

const [workloadName = '', role, subjectName = '', json = '{}', address = ''] = process.argv.slice(2)
const options = JSON.parse(json) as RunOptions

process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))

try {
  const { workload } = (await import(`../macro/${workloadName}.js`)) as { workload: Workload }
  const subject = await loadSubject(subjectName)
  if (role === 'serve') process.send?.({ address: (await workload.serve(subject, options)).address })
  else process.send?.({ measured: await workload.drive(subject, address, options) })
} catch (thrown) {
  process.send?.({ error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) })
}
