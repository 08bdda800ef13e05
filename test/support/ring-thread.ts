/**
 * A thread at the other end of a worker link: it listens, and does what its first byte asks for.
 *
 * `e`: sends back what comes. `d`: ends the thread at once. `s`: blocks for as long as the main thread likes.
 */
import process from 'node:process'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { worker } from '../../src/transports/worker.ts'

const { door, options } = workerData as { door: MessagePort; options: object }
const transport = worker({ ...options, door })

await transport.listen({ scheme: 'worker', host: 'echo', port: 0 }, (link) => {
  let asked = ''
  link.handlers = {
    opened: () => undefined,
    data: (chunk) => {
      const bytes = chunk.slice()
      if (asked === '') asked = String.fromCharCode(bytes[0]!)
      if (asked === 'd') process.exit(0)
      if (!link.write([bytes])) link.pause()
    },
    writable: () => link.resume(),
    closed: (reason) => parentPort!.postMessage(reason.end),
  }
})
parentPort!.postMessage('ready')
