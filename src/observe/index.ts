/** `inkwire/observe`: looking inside a messenger while it runs. docs/OBSERVE.md has all of it. */
import type { Messenger } from '../index.ts'
import { Observer } from './observer.ts'
import { resolveObserve, type ObserveOptions } from './options.ts'

/**
 * Looks into a messenger, until that or the observer is closed. Nothing is paid for a message.
 *
 * @throws InkwireError `INK_BAD_ARGUMENT` for what is no messenger, `INK_BAD_OPTION`.
 */
export function observe(messenger: Messenger, options: ObserveOptions = {}): Observer {
  return new Observer(messenger, resolveObserve(messenger, options))
}

export { Observer } from './observer.ts'
export type { ObserveOptions } from './options.ts'
export type { HistogramData, Snapshot } from './snapshot.ts'
export type { PeerView } from './watched.ts'
export type { Ages, Rates } from './pulse.ts'
export type { Durations } from './takes.ts'
export type { Cause, Why } from './why.ts'
export type { PeerTrace, TraceEntry } from './trace.ts'
export type { HealthReport, HealthStatus } from './health.ts'
export type { Family, HistogramFamily, HistogramSample, Labels, Sample } from './metrics.ts'
export type { Counters } from './totals.ts'
export type { EndedCall } from './calls.ts'
export type { OpenTelemetryApi } from './open-telemetry.ts'
export type { PromRegistry } from './prom-client.ts'
export { CHANNELS } from './channels.ts'
export type { StateChange } from './channels.ts'
export { PROMETHEUS_TYPE } from './prometheus.ts'
