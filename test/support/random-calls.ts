/**
 * Many random calls over the public package, in a process of its own: what is left of them then, said to who started it
 * (calls-leave-nothing.test.ts).
 *
 * One long-lived signal and one for each call, deadlines, cancels, discards, parts that are left half read, handlers that throw, wait,
 * hand on; sessions that are lost, calls that run once, calls to several. Chance comes from a seed.
 */
import { getEventListeners } from 'node:events'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  CallError,
  Messenger,
  callMany,
  defineCall,
  memory,
  peer,
  tcp,
  type Connection,
  type ServerCall,
} from 'inkwire'
import { observe } from 'inkwire/observe'
import { seededRandom } from 'inkwire/testing'
import { endWithParent } from './forked.ts'

/** What is left. */
export interface Remains {
  readonly ended: number
  readonly unexpected: readonly string[]
  /** Calls that are counted as running, at any end, and messages that are queued or held. */
  readonly counted: readonly number[]
  readonly listeners: number
  /** Of the signals and bytes that were given to calls: those that somebody still holds. */
  readonly held: number
  /** What keeps the process awake beside what did before. */
  readonly resources: readonly string[]
}

const CALLS = Number(process.argv[2])
const AT_ONCE = 50
const text = {
  encode: (body: string): Uint8Array => new TextEncoder().encode(body),
  decode: (bytes: Uint8Array): string => new TextDecoder().decode(bytes),
}
const Act = defineCall({ type: 1, name: 'Act', request: text, reply: text })
const Onward = defineCall({ type: 2, name: 'Onward', request: text, reply: text })
const random = seededRandom(1)
const POLICIES = { default: peer({ backoff: { firstMs: 1, maxMs: 5 } }) }

function unexpectedPart(part: Uint8Array): void {
  if (part.length > 70_000) throw new Error(`a part of ${part.length} bytes`)
}

async function handle(body: string, call: ServerCall): Promise<{ body: string } | undefined> {
  switch (body) {
    case 'throws':
      throw new CallError('EIO')
    case 'slow':
      await sleep(3)
      break
    case 'heeds':
      await new Promise((_, reject) => {
        if (call.signal.aborted) reject(call.signal.reason as Error)
        else call.signal.addEventListener('abort', () => reject(call.signal.reason as Error), { once: true })
      })
      break
    case 'parts':
      for await (const part of call) if (!(await call.send(part))) break
      break
    case 'gives up':
      await call.send(new Uint8Array(100))
      call.reset()
      break
    default:
  }
  return { body }
}

async function run(): Promise<Remains> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const before = process.getActiveResourcesInfo()
  const inside = memory()
  const make = (name: string): Messenger => new Messenger({ name, policies: POLICIES, transports: [inside, tcp()] })
  const [near, far, client] = [make('osd.0'), make('osd.1'), make('client.a')]
  const all = [near, far, client]
  const observers = all.map((messenger) => observe(messenger))
  const addresses = [await near.bind('memory://near'), await far.bind('tcp://127.0.0.1:0')]
  for (const osd of [near, far]) osd.serve(Act, handle, { concurrency: 16, waitingMax: 40, retryAfterMs: 1 })
  far.serve(Onward, handle)
  near.serve(Onward, (_body, call) => call.forward(near.connect(addresses[1]!)))

  const lasting = new AbortController()
  const given: WeakRef<object>[] = []
  const unexpected = new Set<string>()
  let ended = 0
  const connect = (): Connection => client.connect(random.pick(addresses))
  const one = async (): Promise<void> => {
    const own = new AbortController()
    const data = new Uint8Array(random.pick([0, 10, 70_000]))
    given.push(new WeakRef(own.signal), new WeakRef(data))
    const signal = random.pick([own.signal, lasting.signal])
    const body = random.pick(['', 'throws', 'slow', 'heeds', 'parts', 'gives up'])
    const kind = random.pick([Act, Act, Onward])
    // Who waits for the signal of its handler needs an end.
    const timeoutMs = body === 'heeds' ? 10 : random.pick([1, 5, 60_000, 60_000])
    const options = { data, signal, timeoutMs }
    const abort = setTimeout(() => own.abort('given up'), random.pick([1, 5, 1000]))
    try {
      await call(kind, body, options)
    } catch (thrown) {
      const isKnown = thrown instanceof CallError || (thrown as Error).name === 'CallManyError'
      if (!isKnown) unexpected.add(String((thrown as Error).stack))
    }
    clearTimeout(abort)
    ended++
  }
  const call = async (
    kind: typeof Act,
    body: string,
    options: { data: Uint8Array; signal: AbortSignal; timeoutMs: number },
  ): Promise<unknown> => {
    const how = random.pick(['call', 'call', 'once', 'many', 'transact', 'transact'])
    if (how === 'call') return connect().call(kind, body, options)
    if (how === 'once') return client.callOnce(connect, kind, body, { ...options, attempts: 3 })
    if (how === 'many') {
      const connections = addresses.map((address) => client.connect(address))
      return callMany(connections, kind, body, { ...options, need: random.pick(['first', 'quorum', 'all']) })
    }
    const tx = connect().transact(kind, body, options)
    const parts = (async () => {
      for (let sent = 0; sent < 3 && (await tx.send(new Uint8Array(random.pick([0, 10, 70_000])))); sent++);
      if (random.chance(0.8)) await tx.end()
      else tx.reset('enough')
    })().catch(() => undefined)
    const end = random.pick(['wait', 'wait', 'read', 'leave', 'cancel', 'discard', 'stop'])
    if (end === 'read') for await (const part of tx) unexpectedPart(part)
    if (end === 'leave') for await (const part of tx) if (part.length > 0) break
    if (end === 'cancel') await tx.cancel()
    if (end === 'discard') tx.discard()
    if (end === 'stop') tx.stop()
    await parts
    if (end === 'discard') void tx.end()
    return tx.reply
  }

  for (let made = 0; made < CALLS; made += AT_ONCE) {
    if (random.chance(0.05)) for (const connection of near.connections) connection.markDown()
    await Promise.all(Array.from({ length: AT_ONCE }, one))
  }
  const counts = (): number[] => [
    ...observers.flatMap((observer) => Object.values(observer.snapshot().callsRunning)),
    ...all.flatMap(({ connections }) =>
      connections.map((connection) => connection.dump().queuedMessages + connection.dump().heldMessages),
    ),
  ]
  // The last words about those that were given up are on their way.
  for (let round = 0; round < 1000 && counts().some((count) => count > 0); round++) await sleep(5)
  const counted = counts()
  const listeners = getEventListeners(lasting.signal, 'abort').length
  for (let round = 0; round < 5; round++) {
    await turn()
    gc()
  }
  const held = given.filter((ref) => ref.deref() !== undefined).length
  for (const observer of observers) observer.close()
  await Promise.all(all.map((messenger) => messenger.shutdown()))
  await turn()
  const resources = process.getActiveResourcesInfo()
  for (const name of before) {
    const at = resources.indexOf(name)
    if (at >= 0) resources.splice(at, 1)
  }
  return { ended, unexpected: [...unexpected], counted, listeners, held, resources }
}

endWithParent()
run().then(
  (remains) => process.send?.(remains),
  (thrown: unknown) => {
    console.error(thrown)
    process.exit(1)
  },
)
