/** Messengers that call each other in the simulator, and calls with plain bodies. */
import { CallError } from '../../../src/transactions/call-error.ts'
import { defineCall } from '../../../src/transactions/define-call.ts'
import type { Messenger } from '../../../src/transactions/messenger.ts'
import type { Connection } from '../../../src/messenger/connection.ts'
import type { MessengerEvent } from '../../../src/messenger/events.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { Policy } from '../../../src/policies/policy.ts'
import { Simulation } from '../../../src/testing/simulator/simulation.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Bodies that are text. */
export const text = {
  encode: (body: string): Uint8Array => encoder.encode(body),
  decode: (bytes: Uint8Array): string => decoder.decode(bytes),
}

/** Bodies that are anything. */
export const json = {
  encode: (body: unknown): Uint8Array => encoder.encode(JSON.stringify(body)),
  decode: (bytes: Uint8Array): unknown => JSON.parse(decoder.decode(bytes)) as unknown,
}

export const Echo = defineCall({ type: 1, name: 'Echo', request: text, reply: text })
export const Other = defineCall({ type: 2, name: 'Other', request: text, reply: text })

export function bytes(length: number, fill = 7): Uint8Array {
  return new Uint8Array(length).fill(fill)
}

/** Something that is decided later. */
export class Later<T = void> {
  resolve!: (value: T) => void
  reject!: (error: unknown) => void
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
}

/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<CallError> {
  try {
    await call
  } catch (thrown) {
    if (thrown instanceof CallError) return thrown
    throw thrown
  }
  throw new Error('the call did not fail')
}

export interface Pair {
  readonly sim: Simulation
  readonly client: Messenger
  readonly server: Messenger
  readonly connection: Connection
  readonly events: MessengerEvent[]
  /** Lets everything that is under way happen. */
  readonly settle: (ms?: number) => Promise<void>
}

/** `client.a` calls `osd.0`. Runs `body` in simulated time. */
export async function pair(
  body: (pair: Pair) => Promise<void>,
  policies: readonly [Policy, Policy] = [peer(), peer()],
): Promise<void> {
  const sim = new Simulation({ seed: 1 })
  await sim.run(async () => {
    const client = sim.messenger('client.a', { policies: { default: policies[0] } })
    const server = sim.messenger('osd.0', { policies: { default: policies[1] } })
    const events: MessengerEvent[] = []
    for (const messenger of [client, server]) messenger.events$.subscribe((event) => events.push(event))
    const connection = client.connect(await server.bind('sim://osd.0:6800'))
    const settle = (ms = 50): Promise<void> => new Promise((resolve) => void sim.clock.host().setTimer(resolve, ms))
    await body({ sim, client, server, connection, events, settle })
    await Promise.all([client.shutdown(), server.shutdown()])
  })
}

/** Sends parts until nobody wants them, and says whether those were many; to who calls it `silent`, nothing for a while. */
export function serveEndless(server: Messenger, settle: Pair['settle']): void {
  server.serve(Echo, async (body, call) => {
    if (body === 'silent') await settle(100)
    let sent = 0
    while (await call.send(bytes(50_000))) sent++
    return { body: `${body}, ${sent > 1 ? 'many' : sent}` }
  })
}
