/**
 * Urgent messages under bulk: round trips of urgent small messages on a connection that is full of messages of 4 MiB.
 *
 * Three parts, once it is warm: round trips on the idle connection, bulk alone, then both together. A library with priorities lets the small
 * ones overtake; the time of one chunk of bulk, by its measured rate, is what they should wait for at the most.
 */
import { runDirectly } from '../harness/direct.ts'
import { Histogram } from '../harness/histogram.ts'
import { decodeReport, encodeReport, MARK, payload, type Pipe, type Subject } from '../harness/subject.ts'
import { warmUp } from '../harness/warm-up.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

const BULK_BYTES = 4 * 1024 * 1024
/** Round trips with bulk around them: one at a time, so many ms apart. */
const PROBE_EVERY_MS = 2

interface Tally {
  readonly count: number
}

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    const reply = payload(options.size, MARK.PROBE)
    let count = 0
    return subject.listen(options, (data, pipe) => {
      if (data[0] === MARK.PROBE) void pipe.send(reply, true)
      else if (data[0] === MARK.LAST) void pipe.send(encodeReport({ count }))
      else count++
    })
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    const scene = new Scene(options)
    scene.pipe = await subject.dial(address, options, (data) => scene.receive(data))
    const partMs = options.seconds * 500
    await warmUp(async (seconds) => ({ 'MB/s': await scene.both(seconds * 1000, new Histogram()) }), 'MB/s')
    const idle = new Histogram()
    await scene.probes(partMs, PROBE_EVERY_MS, idle)
    const alone = await scene.bulk(partMs)
    const loaded = new Histogram()
    const together = await scene.both(partMs * 2, loaded)
    return {
      'p99 µs': loaded.quantile(0.99),
      'p50 µs': loaded.quantile(0.5),
      'idle p99 µs': idle.quantile(0.99),
      'bulk MB/s': together,
      'bulk alone MB/s': alone,
      'bulk kept': together / alone,
    }
  },
}

class Scene {
  pipe!: Pipe
  readonly #probe: Uint8Array
  readonly #bulk = payload(BULK_BYTES)
  #answered: () => void = () => {}
  #reported: (tally: Tally) => void = () => {}
  #counted = 0

  constructor(options: RunOptions) {
    this.#probe = payload(options.size, MARK.PROBE)
  }

  receive(data: Uint8Array): void {
    if (data[0] === MARK.PROBE) this.#answered()
    else this.#reported(decodeReport(data) as Tally)
  }

  /** Round trips, one at a time. */
  async probes(forMs: number, everyMs: number, histogram: Histogram): Promise<void> {
    for (const startMs = performance.now(); performance.now() - startMs < forMs;) {
      const reply = new Promise<void>((resolve) => (this.#answered = resolve))
      const sentMs = performance.now()
      void this.pipe.send(this.#probe, true)
      await reply
      histogram.record((performance.now() - sentMs) * 1000)
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
  }

  /** Bulk in MB/s, with round trips beside it. */
  async both(forMs: number, histogram: Histogram): Promise<number> {
    const [rate] = await Promise.all([this.bulk(forMs), this.probes(forMs, PROBE_EVERY_MS, histogram)])
    return rate
  }

  /** Bulk in MB/s, as the other side counts it. */
  async bulk(forMs: number): Promise<number> {
    const startMs = performance.now()
    while (performance.now() - startMs < forMs) {
      await this.pipe.send(this.#bulk)
      await new Promise(setImmediate)
    }
    const report = new Promise<Tally>((resolve) => (this.#reported = resolve))
    void this.pipe.send(payload(1, MARK.LAST))
    const { count } = await report
    const bytes = (count - this.#counted) * BULK_BYTES
    this.#counted = count
    return bytes / (performance.now() - startMs) / 1000
  }
}

await runDirectly(import.meta, 'priority', 'p99 µs')
