/** To whom what is measured goes by itself: a registry of `prom-client` and OpenTelemetry, as far as they were handed over. */
import type { Messenger } from '../index.ts'
import type { EndedCall } from './calls.ts'
import type { Family, HistogramFamily } from './metrics.ts'
import { OpenTelemetry } from './open-telemetry.ts'
import type { ResolvedObserve } from './options.ts'
import { intoRegistry } from './prom-client.ts'

export class Exports {
  readonly #otel: OpenTelemetry | null
  readonly #ends: (() => void)[] = []

  constructor(
    messenger: Messenger,
    { openTelemetry, promClient }: ResolvedObserve,
    look: () => readonly (Family | HistogramFamily)[],
  ) {
    if (promClient !== null) this.#ends.push(intoRegistry(promClient, { messenger: messenger.name }, look))
    const otel = openTelemetry === null ? null : new OpenTelemetry(openTelemetry, messenger.name, look)
    this.#otel = otel
    if (otel === null) return
    this.#ends.push(() => {
      otel.stop()
    })
    this.#ends.push(messenger.watchCalls({ began: (call) => otel.began(call) }))
  }

  ended(call: EndedCall): void {
    this.#otel?.ended(call)
  }

  stop(): void {
    for (const end of this.#ends.splice(0)) end()
  }
}
