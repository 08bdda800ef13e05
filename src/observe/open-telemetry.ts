/**
 * Metrics and spans for OpenTelemetry, by the module that users import themselves: nothing of it is a dependency, and its types here
 * are no more than what is called.
 *
 * A span for each side of each call. The caller's is in the trace that is active where the call is made; its context travels as
 * `traceparent` in the metadata of the call, by whatever propagator is registered; the handler runs in its own span's context, so
 * that what it calls, and what it does with other libraries, is below it.
 */
import type { CallFollower, Metadata, WatchedCall, WatchedFailure } from '../index.ts'
import type { EndedCall } from './calls.ts'
import type { Family, HistogramFamily } from './metrics.ts'

export interface OtelSpan {
  setStatus(status: { code: number; message?: string }): unknown
  setAttribute(name: string, value: string): unknown
  end(): void
}

type Attributes = Record<string, string>
type Result = { observe(instrument: object, value: number, attributes?: Attributes): void }
type Describe = { readonly description?: string; readonly unit?: string }

export interface OtelMeter {
  createObservableCounter(name: string, options?: Describe): object
  createObservableGauge(name: string, options?: Describe): object
  createHistogram(name: string, options?: Describe): { record(value: number, attributes?: Attributes): void }
  addBatchObservableCallback(callback: (result: Result) => void, instruments: object[]): void
  removeBatchObservableCallback(callback: (result: Result) => void, instruments: object[]): void
}

/** `@opentelemetry/api`, as far as it is used. `Context` is opaque here. */
export interface OpenTelemetryApi {
  readonly metrics: { getMeter(name: string): unknown }
  readonly trace: {
    getTracer(name: string): unknown
    setSpan(context: never, span: never): unknown
  }
  readonly context: { active(): unknown }
  readonly propagation: {
    inject(context: never, carrier: unknown): void
    extract(context: never, carrier: unknown): unknown
  }
}

/** The same as it is called, once it is known to be there. */
interface Api {
  readonly metrics: { getMeter(name: string): OtelMeter }
  readonly trace: {
    getTracer(name: string): { startSpan(name: string, options: object, context: unknown): OtelSpan }
    setSpan(context: unknown, span: OtelSpan): unknown
  }
  readonly context: { active(): unknown; with<Answer>(context: unknown, body: () => Answer): Answer }
  readonly propagation: {
    inject(context: unknown, carrier: Record<string, string>): void
    extract(context: unknown, carrier: Metadata): unknown
  }
}

const NAME = 'inkwire'
/** SpanKind of the API. */
const SERVER = 1
const CLIENT = 2
const STATUS_ERROR = 2

/** What is observed when a reader of metrics asks. */
export type Collect = () => readonly (Family | HistogramFamily)[]

export class OpenTelemetry {
  readonly #api: Api
  readonly #messenger: string
  readonly #calls: { record(value: number, attributes?: Attributes): void }
  readonly #stop: () => void

  constructor(api: OpenTelemetryApi, messenger: string, collect: Collect) {
    this.#api = api as unknown as Api
    this.#messenger = messenger
    const meter = this.#api.metrics.getMeter(NAME)
    this.#calls = meter.createHistogram('inkwire.call.duration', {
      unit: 's',
      description: 'Calls, by name and outcome',
    })
    this.#stop = instruments(meter, messenger, collect)
  }

  /** Metrics end; spans that are open end with their calls. */
  stop(): void {
    this.#stop()
  }

  /** Of a call that has ended. */
  ended({ call, tookMs, failure }: EndedCall): void {
    const outcome = failure?.reason ?? 'well'
    this.#calls.record(tookMs / 1000, { messenger: this.#messenger, call: call.callName, side: call.side, outcome })
  }

  began({ side, callName, connection, metadata }: WatchedCall): CallFollower {
    const { trace, context, propagation } = this.#api
    const active = context.active()
    const parent = side === 'asked' ? active : propagation.extract(active, metadata)
    const attributes = {
      'rpc.system': NAME,
      'rpc.method': callName,
      'inkwire.messenger': this.#messenger,
      'inkwire.peer': connection.peer.name ?? connection.peer.address,
    }
    const kind = side === 'asked' ? CLIENT : SERVER
    const span = trace.getTracer(NAME).startSpan(callName, { kind, attributes }, parent)
    const inside = trace.setSpan(parent, span)
    const carrier: Record<string, string> = {}
    propagation.inject(inside, carrier)
    return {
      metadata: carrier,
      run: (body) => context.with(inside, body),
      ended: (failure) => {
        endSpan(span, failure)
      },
    }
  }
}

function endSpan(span: OtelSpan, failure: WatchedFailure | null): void {
  if (failure !== null) {
    span.setAttribute('error.type', failure.code === '' ? failure.reason : failure.code)
    span.setStatus({ code: STATUS_ERROR, message: `${failure.reason}: ${failure.detail}` })
  }
  span.end()
}

/** One observable instrument for each family, all of them filled by one callback. */
function instruments(meter: OtelMeter, messenger: string, collect: Collect): () => void {
  const all = new Map(
    gauges(collect).map(({ name, help, unit, type }) => {
      const options = { description: help, ...(unit === '' ? null : { unit: unit === 'bytes' ? 'By' : unit }) }
      const dotted = name.replace(/_total$/, '').replace('_', '.')
      const made =
        type === 'counter'
          ? meter.createObservableCounter(dotted, options)
          : meter.createObservableGauge(dotted, options)
      return [name, made] as const
    }),
  )
  const observe = (result: Result): void => {
    for (const { name, samples } of gauges(collect)) {
      const instrument = all.get(name)
      if (instrument === undefined) continue
      for (const { labels, value } of samples) result.observe(instrument, value, { messenger, ...labels })
    }
  }
  const listed = [...all.values()]
  meter.addBatchObservableCallback(observe, listed)
  return () => {
    meter.removeBatchObservableCallback(observe, listed)
  }
}

/** Histograms are recorded call by call, not observed. */
function gauges(collect: Collect): Family[] {
  return collect().filter((family): family is Family => family.type !== 'histogram')
}
