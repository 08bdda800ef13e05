/**
 * Calls: so many under way per connection, each a request, a handler that answers it, and a promise of the reply.
 *
 * What a library has for that is used; where it has messages only, the same is written by hand over them. Who asks waits for
 * each reply before the next request, in as many loops as there are calls under way. Latency is taken from every call with one
 * in flight, and from every eighth beyond.
 */
import { byHand } from '../harness/by-hand.ts'
import { runDirectly } from '../harness/direct.ts'
import { Histogram } from '../harness/histogram.ts'
import { roundTrips } from '../harness/round-trips.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import { decodeReport, encodeReport, MARK, payload, type Caller, type Subject } from '../harness/subject.ts'
import { UsageMeter, type Usage } from '../harness/usage.ts'
import { warmUp } from '../harness/warm-up.ts'
import type { Workload } from '../harness/workload.ts'

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    const meter = new UsageMeter()
    const reply = payload(options.size)
    return (subject.calls ?? byHand(subject)).serve(options, (data) => {
      if (data[0] !== MARK.LAST) return reply
      const report = encodeReport(meter.read())
      meter.reset()
      return report
    })
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    const calls = subject.calls ?? byHand(subject)
    const callers: Caller[] = []
    for (let index = 0; index < options.connections; index++) callers.push(await calls.dial(address, options))
    const series = async (seconds: number): Promise<Measured> => {
      const meter = new UsageMeter()
      const one = new Series(options, performance.now() + seconds * 1000)
      await Promise.all(callers.map((caller) => one.run(caller)))
      const client = meter.read()
      const report = await callers[0]!.call(payload(options.size, MARK.LAST))
      return roundTrips(one.count, one.latencies, client, decodeReport(report) as Usage)
    }
    await warmUp(series, 'requests/s')
    return await series(options.seconds)
  },
}

/** Keeps calls under way until its time is up. */
class Series {
  count = 0
  readonly latencies = new Histogram()
  readonly #message: Uint8Array
  readonly #inflight: number
  readonly #every: number
  #untilMs: number
  #sent = 0

  constructor({ size, inflight }: RunOptions, untilMs: number) {
    this.#message = payload(size)
    this.#inflight = inflight
    this.#every = inflight === 1 ? 1 : 8
    this.#untilMs = untilMs
  }

  async run(caller: Caller): Promise<void> {
    await Promise.all(Array.from({ length: this.#inflight }, () => this.#loop(caller)))
  }

  async #loop(caller: Caller): Promise<void> {
    while (this.#untilMs > 0) {
      const isTimed = this.#sent++ % this.#every === 0
      const fromMs = isTimed ? performance.now() : 0
      const reply = await caller.call(this.#message)
      if (reply[0] !== MARK.ORDINARY) throw new Error('a reply is not what was answered')
      this.count++
      if (!isTimed) continue
      const nowMs = performance.now()
      this.latencies.record((nowMs - fromMs) * 1000)
      if (nowMs > this.#untilMs) this.#untilMs = 0
    }
  }
}

await runDirectly(import.meta, 'calls', 'requests/s')
