/**
 * A storage daemon in a process of its own, observed, that talks to its peers all the time; made by test/sockets/slow-daemon.test.ts.
 *
 * It sends every peer a message and a call in turn, and waits for no answer. `slow`: its handlers take their time.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Messenger, defineCall, peer } from '../../src/index.ts'
import { observe } from '../../src/observe/index.ts'
import { endWithParent } from './forked.ts'

export type DaemonOrder = { readonly type: 'connect'; readonly name: string; readonly address: string }
export type DaemonReport = { readonly type: 'bound'; readonly address: string }

const EVERY_MS = 25
const SLOW_MS = 3000
const QUEUE_MAX = 200
/** So that who is slow runs out of credit while one looks. */
const WINDOW = { messages: 32, bytes: 1 << 20 }

const [name = '', admin = '', pace = 'quick'] = process.argv.slice(2)
const text = {
  encode: (value: string) => new TextEncoder().encode(value),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}
const Read = defineCall({ type: 2, name: 'Read', request: text, reply: text })
const messenger = new Messenger({
  name,
  policies: { default: peer({ window: WINDOW, backoff: { firstMs: 10, maxMs: 200 } }) },
})
const work = (): Promise<void> | undefined => (pace === 'slow' ? pause(SLOW_MS) : undefined)
messenger.use({ dispatch: work })
messenger.serve(Read, async (body) => {
  await work()
  return { body }
})
const observer = observe(messenger, { admin, everyMs: 100, pingMs: 500 })

process.on('message', (order: DaemonOrder) => {
  const connection = messenger.connect(order.address, { name: order.name })
  const hum = (): void => {
    if (connection.dump().queuedMessages > QUEUE_MAX) return
    connection.send({ type: 1, data: 'a block' })
    connection.call(Read, 'block 7', { timeoutMs: 60_000 }).catch(() => undefined)
  }
  setInterval(hum, EVERY_MS)
})
endWithParent()

const address = await messenger.bind('tcp://127.0.0.1:0')
await observer.ready
process.send?.({ type: 'bound', address } satisfies DaemonReport)
