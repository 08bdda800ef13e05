/**
 * A thread behind a door of a gate: a messenger that checks what it is told, and says to whoever asks which thread it is and what
 * it has seen.
 *
 * It says 'ready' when it listens; 'block' makes it stand still for a while, anything else ends it.
 */
import { parentPort, threadId, workerData, type MessagePort } from 'node:worker_threads'
import { losslessServer } from '../../src/policies/lossless-server.ts'
import { defineCall } from '../../src/transactions/define-call.ts'
import { Messenger } from '../../src/transactions/messenger.ts'
import { tcp } from '../../src/transports/tcp.ts'
import { Ledger } from './numbered.ts'

/** What a thread says of itself. */
export interface Seen {
  readonly thread: number
  readonly count: number
  readonly violations: readonly string[]
}

const json = {
  encode: (seen: Seen | null) => new TextEncoder().encode(JSON.stringify(seen)),
  decode: (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as Seen,
}
export const Ask = defineCall({ type: 7, name: 'Ask', request: json, reply: json })

if (parentPort !== null) await serve(parentPort)

async function serve(main: MessagePort): Promise<void> {
  const { door, address } = workerData as { readonly door: MessagePort; readonly address: string }
  const osd = new Messenger({ name: 'osd.0', policies: { default: losslessServer() }, transports: [tcp({ door })] })
  const ledger = new Ledger()
  osd.use({ dispatch: (message) => ledger.take(message) })
  osd.serve(Ask, () => ({ body: { thread: threadId, count: ledger.count, violations: ledger.violations } }))
  await osd.bind(address)
  main.postMessage('ready')
  main.on('message', () => {
    void osd.shutdown().then(() => main.close())
  })
}
