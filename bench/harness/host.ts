/**
 * The child process: one half of a workload, told by arguments which. Tells its parent an address, or what it measured. The
 * half that dials loads what it needs while the other one does, and waits to be told the address. Where both halves are
 * threads of one process, the one that dials starts the other one.
 *
 * A process that loses its parent ends itself, so nothing is left running after an interrupted bench.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort } from 'node:worker_threads'
import { loadSubject } from '../subjects/index.ts'
import type { RunOptions } from './run.ts'
import { isOfThreads, serveInThread } from './threads.ts'
import type { Workload } from './workload.ts'

const [workloadName = '', role, subjectName = '', json = '{}'] = process.argv.slice(2)
const options = JSON.parse(json) as RunOptions

if (isMainThread) {
  process.on('disconnect', () => process.exit(0))
  // Its parent may be gone before it has begun to listen.
  if (!process.connected) process.exit(0)
  process.on('SIGTERM', () => process.exit(0))
}

const told = addressOfServer()

try {
  const { workload } = (await import(`../macro/${workloadName}.js`)) as { workload: Workload }
  const subject = await loadSubject(subjectName)
  if (role === 'serve') tell({ address: (await workload.serve(subject, options)).address })
  else tell({ measured: await workload.drive(subject, await told, options) })
} catch (thrown) {
  tell({ error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) })
}

async function addressOfServer(): Promise<string> {
  if (role === 'serve') return ''
  if (!isOfThreads(subjectName)) {
    const [address] = (await once(process, 'message')) as [string]
    return address
  }
  const server = serveInThread(fileURLToPath(import.meta.url), [workloadName, 'serve', subjectName, json])
  const [{ address, error }] = (await once(server, 'message')) as [{ address?: string; error?: string }]
  if (address === undefined) throw new Error(error ?? `${subjectName} told no address`)
  return address
}

function tell(report: object): void {
  if (parentPort === null) process.send?.(report)
  else parentPort.postMessage(report)
}
