/**
 * A server of calls in a process of its own, which kills itself in the midst of a frame when it is told to (calls-killed.test.ts).
 *
 * It uses the built package by its name, as a user would. Each handler writes a line to a file, at once, before it does anything else: so
 * the file says what ran, whenever the process is killed.
 */
import { appendFileSync } from 'node:fs'
import { Messenger, defineCall, peer, tcp } from 'inkwire'
import { FaultPlan, faulty, type Breakpoint } from 'inkwire/testing'
import { endWithParent } from './forked.ts'

export type ServerOrder =
  | { readonly type: 'bind'; readonly address: string; readonly journal: string }
  /** The next time that it comes to this point for the `nth` time, it is killed. */
  | { readonly type: 'die'; readonly point: Breakpoint; readonly nth: number }
  /** How often it has come to each point until now. */
  | { readonly type: 'count'; readonly points: readonly Breakpoint[] }

export type ServerReport =
  { readonly type: 'born' | 'bound' | 'ready' } | { readonly type: 'counts'; readonly counts: readonly number[] }

const text = {
  encode: (body: string): Uint8Array => new TextEncoder().encode(body),
  decode: (bytes: Uint8Array): string => new TextDecoder().decode(bytes),
}
/** One request, one reply; and one with parts in both directions. */
export const Append = defineCall({ type: 1, name: 'Append', request: text, reply: text })
export const Stream = defineCall({ type: 2, name: 'Stream', request: text, reply: text })

export const POLICIES = { default: peer({ backoff: { firstMs: 5, maxMs: 20 } }) }

async function serve(address: string, journal: string, plan: FaultPlan): Promise<void> {
  const messenger = new Messenger({ name: 'osd.0', policies: POLICIES, transports: [faulty(tcp(), plan)] })
  const begins = (body: string): void => appendFileSync(journal, `${process.pid} ${body}\n`)
  messenger.serve(Append, (body) => {
    begins(body)
    return { body }
  })
  messenger.serve(Stream, async (body, call) => {
    begins(body)
    for await (const part of call) await call.send(part)
    return { body }
  })
  await messenger.bind(address)
}

/** Only as a process of its own. */
if (process.send !== undefined && process.argv[1]?.endsWith('calls-server.ts') === true) {
  const plan = new FaultPlan()
  const say = (report: ServerReport): void => void process.send?.(report)
  process.on('message', (given) => {
    const order = given as ServerOrder
    switch (order.type) {
      case 'bind':
        void serve(order.address, order.journal, plan).then(() => say({ type: 'bound' }))
        return
      case 'die':
        plan.clear()
        plan.at(order.point, 'block', { nth: order.nth })
        void plan.held(order.point).then(() => process.kill(process.pid, 'SIGKILL'))
        say({ type: 'ready' })
        return
      case 'count':
        say({ type: 'counts', counts: order.points.map((point) => plan.count(point)) })
    }
  })
  endWithParent()
  say({ type: 'born' })
}
