/** A call through three daemons is one trace, and what is measured is read by a meter. */
import { AsyncLocalStorage } from 'node:async_hooks'
import t from 'tap'
import { peer } from '../../../src/policies/peer.ts'
import type { Messenger } from '../../../src/index.ts'
import { observe } from '../../../src/observe/index.ts'
import type { OpenTelemetryApi } from '../../../src/observe/index.ts'
import { CallError } from '../../../src/transactions/call-error.ts'
import { Simulation } from '../../../src/testing/index.ts'
import { Echo, Other, failureOf } from '../transactions/lab.ts'

interface Span {
  readonly name: string
  readonly id: string
  readonly trace: string
  readonly parent: string | null
  readonly kind: number
  readonly attributes: Record<string, string>
  status: string
  ended: number
}

type Context = { readonly span: Pick<Span, 'id' | 'trace'> | null }

/** The terms of @opentelemetry/api, with W3C's propagation, and what a collector would get. */
class Collector {
  readonly spans: Span[] = []
  readonly records: string[] = []
  readonly #active = new AsyncLocalStorage<Context>()
  #reader: ((result: unknown) => void) | null = null
  #count = 0

  get api(): OpenTelemetryApi {
    const meter = {
      createObservableCounter: (name: string) => ({ name }),
      createObservableGauge: (name: string) => ({ name }),
      createHistogram: (name: string) => ({
        record: (value: number, { call, side, outcome }: Record<string, string>) => {
          this.records.push(`${name} ${side} ${call} ${outcome} ${value >= 0}`)
        },
      }),
      addBatchObservableCallback: (callback: (result: unknown) => void) => (this.#reader = callback),
      removeBatchObservableCallback: () => (this.#reader = null),
    }
    return {
      metrics: { getMeter: () => meter },
      trace: {
        getTracer: () => ({ startSpan: this.#start }),
        setSpan: (_context: Context, span: Span): Context => ({ span }),
      },
      context: {
        active: () => this.#active.getStore() ?? { span: null },
        with: (context: Context, body: () => unknown) => this.#active.run(context, body),
      },
      propagation: {
        inject: ({ span }: Context, carrier: Record<string, string>) => {
          if (span !== null) carrier['traceparent'] = `00-${span.trace}-${span.id}-01`
        },
        extract: (context: Context, { traceparent = '' }: Record<string, string>): Context => {
          const [, trace, id] = traceparent.split('-')
          return id === undefined || trace === undefined ? context : { span: { trace, id } }
        },
      },
    } as unknown as OpenTelemetryApi
  }

  /** What a reader of metrics gets; null: nobody observes any more. */
  read(): Map<string, number> | null {
    const read = new Map<string, number>()
    if (this.#reader === null) return null
    this.#reader({
      observe: ({ name }: { name: string }, value: number, labels: Record<string, string>) => {
        read.set(`${name} ${labels['peer'] ?? ''}`.trim(), value)
      },
    })
    return read
  }

  readonly #start = (
    name: string,
    options: { kind: number; attributes: Record<string, string> },
    { span }: Context,
  ) => {
    const id = (++this.#count).toString(16).padStart(16, '0')
    const made: Span = {
      ...{ name, id, ...options, status: 'unset', ended: 0 },
      ...{ trace: span?.trace ?? id.repeat(2), parent: span?.id ?? null },
    }
    this.spans.push(made)
    return Object.assign(made, {
      setStatus: ({ message = '' }) => (made.status = message),
      setAttribute: (key: string, value: string) => (made.attributes[key] = value),
      end: () => made.ended++,
    })
  }
}

t.test('a call that goes on through two more daemons is one trace, with a span for each side', async (t) => {
  const collector = new Collector()
  const sim = new Simulation({ seed: 4 })
  const messengers = ['client.a', 'osd.1', 'osd.2'].map((name) =>
    sim.messenger(name, { policies: { default: peer() } }),
  )
  const [client, primary, replica] = messengers as [Messenger, Messenger, Messenger]
  const observers = messengers.map((messenger) => observe(messenger, { openTelemetry: collector.api }))
  await sim.run(async () => {
    // Both before the first link: a peer is told by a word of its own of what is bound later.
    const [there, here] = [await replica.bind('sim://osd.2:1'), await primary.bind('sim://osd.1:1')]
    const toReplica = primary.connect(there, { name: 'osd.2' })
    const toPrimary = client.connect(here, { name: 'osd.1' })
    replica.serve(Other, (body) => {
      if (body === 'bad') throw new CallError('EIO', 'the disk is gone')
      return { body }
    })
    primary.serve(Echo, async (body) => ({ body: (await toReplica.call(Other, body)).body }))
    await toPrimary.call(Echo, 'good')
    const spans = collector.spans.splice(0)
    const shown = spans.map(({ name, kind, attributes }) => `${name} ${kind} ${attributes['inkwire.messenger']}`)
    t.strictSame(shown, ['Echo 2 client.a', 'Echo 1 osd.1', 'Other 2 osd.1', 'Other 1 osd.2'])
    t.equal(new Set(spans.map(({ trace }) => trace)).size, 1, 'one trace')
    t.strictSame(
      spans.map(({ parent }) => parent),
      [null, ...spans.slice(0, 3).map(({ id }) => id)],
      'each below the one before',
    )
    t.ok(spans.every(({ ended, status }) => ended === 1 && status === 'unset'))
    await failureOf(toPrimary.call(Echo, 'bad'))
    t.ok(collector.spans.every(({ attributes }) => attributes['error.type'] === 'EIO'))
    t.match(collector.spans[0]?.status, /^handler-error: .*the disk is gone/)
    t.ok(collector.records.includes('inkwire.call.duration served Other handler-error true'))
    const read = collector.read()
    t.equal(read?.get('inkwire.messages_received client.a') ?? read?.get('inkwire.messages_received osd.1'), 2)
    for (const observer of observers) observer.close()
    t.equal(collector.read(), null, 'who is closed is observed no more')
    await Promise.all(messengers.map((messenger) => messenger.close()))
  })
  t.throws(() => observe(client, { openTelemetry: {} as OpenTelemetryApi }), { code: 'INK_BAD_OPTION' })
})
