/**
 * Metrics in a registry of `prom-client`, beside a service's own: so one scrape has both, with the registry's default labels.
 *
 * A registry takes whatever has a name and answers `get()`. Several messengers may share one: each family is there once, with the
 * samples of all. One scrape asks for every family; a messenger is looked at once for it.
 */
import { linesOf, type Family, type HistogramFamily, type Labels, type Line } from './metrics.ts'

/** A `Registry` of prom-client, as far as it is used. */
export interface PromRegistry {
  /** As that of `prom-client`. */
  registerMetric(metric: never): unknown
  /** As that of `prom-client`. */
  removeSingleMetric(name: string): unknown
}

/** `metricName`: where it is not the name of the family. */
interface Value extends Pick<Line, 'labels' | 'value'> {
  readonly metricName?: string
}

/** What a registry asks of a metric. */
interface PromMetric extends Pick<Family, 'name' | 'help'> {
  readonly type: string
  readonly aggregator: 'sum'
  get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: Value[] }>
  /** What was counted is not the registry's to forget. */
  reset(): void
}

type Look = () => readonly (Family | HistogramFamily)[]

/** Who is looked at for a registry, by registry. */
const sources = new WeakMap<PromRegistry, Set<Source>>()

class Source {
  readonly #common: Labels
  readonly #look: Look
  #seen: ReturnType<Look> | null = null

  constructor(common: Labels, look: Look) {
    this.#common = common
    this.#look = look
  }

  get names(): readonly Pick<Family, 'name' | 'help'>[] {
    return this.#now()
  }

  valuesOf(name: string): Value[] {
    const family = this.#now().find((one) => one.name === name)
    if (family === undefined) return []
    return linesOf(family, this.#common).map(({ name: metricName, labels, value }) => {
      return metricName === name ? { labels, value } : { labels, value, metricName }
    })
  }

  /** A registry asks for all of its metrics in one turn. */
  #now(): ReturnType<Look> {
    if (this.#seen !== null) return this.#seen
    queueMicrotask(() => (this.#seen = null))
    return (this.#seen = this.#look())
  }
}

/** Returns what takes it out of the registry. @throws whatever the registry does, when it has other metrics of these names. */
export function intoRegistry(registry: PromRegistry, common: Labels, look: Look): () => void {
  const all = sources.get(registry) ?? new Set()
  const source = new Source(common, look)
  if (all.size === 0) for (const family of look()) registry.registerMetric(metricOf(family, all) as never)
  sources.set(registry, all.add(source))
  return () => {
    all.delete(source)
    if (all.size === 0) for (const { name } of source.names) registry.removeSingleMetric(name)
  }
}

function metricOf({ name, help, type }: Family | HistogramFamily, all: ReadonlySet<Source>): PromMetric {
  const get: PromMetric['get'] = () => {
    const values = [...all].flatMap((source) => source.valuesOf(name))
    return Promise.resolve({ name, help, type, aggregator: 'sum', values })
  }
  return { name, help, type, aggregator: 'sum', get, reset: () => undefined }
}
