/**
 * A daemon in a process of its own whose calls are traced by the real SDK of OpenTelemetry; made by test/sockets/traced.test.ts.
 *
 * It serves `Read`, and asks the next daemon, where there is one. Its spans go to a collector over OTLP, as JSON over HTTP.
 */
import * as api from '@opentelemetry/api'
import { CallError, Messenger, defineCall, peer } from '../../src/index.ts'
import { observe } from '../../src/observe/index.ts'
import { endWithParent } from './forked.ts'
import { traceTo } from './otlp.ts'

export type TracedReport = { readonly type: 'bound'; readonly address: string } | { readonly type: 'flushed' }
export type TracedOrder =
  { readonly type: 'next'; readonly name: string; readonly address: string } | { readonly type: 'flush' }

const text = {
  encode: (value: string) => new TextEncoder().encode(value),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}
export const Read = defineCall({ type: 1, name: 'Read', request: text, reply: text })

/** Whoever imports only the call starts no daemon. */
async function main(name: string, collector: string): Promise<void> {
  const provider = traceTo(name, collector)
  const messenger = new Messenger({ name, policies: { default: peer() } })
  observe(messenger, { openTelemetry: api })
  let next: ReturnType<Messenger['connect']> | null = null
  messenger.serve(Read, async (block) => {
    if (next !== null) return await next.call(Read, block)
    // What another library does inside a handler is below it, too.
    return api.trace.getTracer('disk').startActiveSpan('pread', (span) => {
      span.end()
      if (block === 'bad') throw new CallError('EIO', 'the disk is gone')
      return { body: `${block} of ${name}` }
    })
  })
  process.on('message', (order: TracedOrder) => {
    if (order.type === 'next') next = messenger.connect(order.address, { name: order.name })
    else void provider.forceFlush().then(() => process.send?.({ type: 'flushed' } satisfies TracedReport))
  })
  endWithParent()
  process.send?.({ type: 'bound', address: await messenger.bind('tcp://127.0.0.1:0') } satisfies TracedReport)
}

const [name, collector] = process.argv.slice(2)
if (process.send !== undefined && name !== undefined && collector !== undefined) void main(name, collector)
