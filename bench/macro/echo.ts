/**
 * Request and reply: so many requests in flight per connection, each answered inline with as many bytes.
 *
 * Latency is taken from every request with one in flight, and from every eighth beyond; replies come in order, so a ring
 * of start times is all that it takes.
 */
import { runDirectly } from '../harness/direct.ts'
import { Histogram } from '../harness/histogram.ts'
import { roundTrips } from '../harness/round-trips.ts'
import { decodeReport, encodeReport, MARK, payload, type Pipe, type Subject } from '../harness/subject.ts'
import { UsageMeter, type Usage } from '../harness/usage.ts'
import { warmUp } from '../harness/warm-up.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    const meter = new UsageMeter()
    const reply = payload(options.size)
    return subject.listen(options, (data, pipe) => {
      if (data[0] !== MARK.LAST) void pipe.send(reply)
      else {
        void pipe.send(encodeReport(meter.read()))
        meter.reset()
      }
    })
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    const callers: Caller[] = []
    let reported: (usage: Usage) => void = () => {}
    for (let index = 0; index < options.connections; index++) {
      const caller = new Caller(options, (usage) => reported(usage))
      caller.pipe = await subject.dial(address, options, (data) => caller.receive(data))
      callers.push(caller)
    }
    const series = async (seconds: number): Promise<Measured> => {
      const server = new Promise<Usage>((resolve) => (reported = resolve))
      const meter = new UsageMeter()
      const untilMs = performance.now() + seconds * 1000
      await Promise.all(callers.map((caller) => caller.run(untilMs)))
      const client = meter.read()
      void callers[0]!.pipe.send(payload(options.size, MARK.LAST))
      const count = callers.reduce((sum, caller) => sum + caller.count, 0)
      return roundTrips(count, callers[0]!.histogram, client, await server)
    }
    await warmUp(series, 'requests/s')
    return await series(options.seconds)
  },
}

/** One connection that keeps its requests in flight. */
export class Caller {
  pipe!: Pipe
  histogram = new Histogram()
  count = 0
  readonly #options: RunOptions
  readonly #onReport: (usage: Usage) => void
  readonly #message: Uint8Array
  readonly #starts: number[] = []
  readonly #every: number
  #sent = 0
  #untilMs = 0
  #inflight = 0
  #finish: () => void = () => {}

  constructor(options: RunOptions, onReport: (usage: Usage) => void) {
    this.#options = options
    this.#onReport = onReport
    this.#message = payload(options.size)
    this.#every = options.inflight === 1 ? 1 : 8
  }

  run(untilMs: number): Promise<void> {
    this.histogram = new Histogram()
    this.count = 0
    this.#untilMs = untilMs
    this.#sent = 0
    return new Promise((resolve) => {
      this.#finish = resolve
      for (let index = 0; index < this.#options.inflight; index++) this.#send(performance.now())
    })
  }

  receive(data: Uint8Array): void {
    if (data[0] === MARK.REPORT) {
      this.#onReport(decodeReport(data) as Usage)
      return
    }
    this.#inflight--
    if (this.count++ % this.#every !== 0) {
      if (this.#untilMs > 0) this.#send(0)
      else if (this.#inflight === 0) this.#finish()
      return
    }
    const nowMs = performance.now()
    this.histogram.record((nowMs - this.#starts.shift()!) * 1000)
    if (nowMs > this.#untilMs) this.#untilMs = 0
    if (this.#untilMs > 0) this.#send(nowMs)
    else if (this.#inflight === 0) this.#finish()
  }

  #send(nowMs: number): void {
    if (this.#sent++ % this.#every === 0) this.#starts.push(nowMs === 0 ? performance.now() : nowMs)
    this.#inflight++
    void this.pipe.send(this.#message)
  }
}

await runDirectly(import.meta, 'echo', 'requests/s')
