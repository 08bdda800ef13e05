/**
 * Connecting: how many connections a second opens, asks and ends, `inflight` at a time, and what one costs either side.
 *
 * Dials run side by side until that gets no faster, then for the measured time; a few one after the other say how long one
 * takes alone, from the dial to the first reply. Each is a connect, a request, its reply and an orderly end.
 */
import { runDirectly } from '../harness/direct.ts'
import { Histogram } from '../harness/histogram.ts'
import { decodeReport, encodeReport, MARK, payload, type Pipe, type Subject } from '../harness/subject.ts'
import { UsageMeter, type Usage } from '../harness/usage.ts'
import { warmUp } from '../harness/warm-up.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

/** A function is compiled when it has run some thousand times, and much of a connect runs once per connect. */
const WARM_UP_SECONDS = 2
/** The part of the measured time that goes to dials one after the other. */
const ALONE_SHARE = 0.2

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    const reply = payload(options.size)
    const meter = new UsageMeter()
    return subject.listen(options, (data, pipe) => {
      if (data[0] !== MARK.LAST) void pipe.send(reply)
      else {
        void pipe.send(encodeReport(meter.read()))
        meter.reset()
      }
    })
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    const guest = new Guest(subject, address, options)
    const series = async (seconds: number): Promise<Measured> => ({
      'connects/s': (await guest.together(seconds)).rate,
    })
    await warmUp(series, 'connects/s', WARM_UP_SECONDS)
    const alone = await guest.alone(options.seconds * ALONE_SHARE)
    const { rate, client, server } = await guest.together(options.seconds * (1 - ALONE_SHARE))
    const { p50, p99 } = alone.percentiles()
    return { 'connects/s': rate, 'p50 µs': p50, 'p99 µs': p99, 'client CPU µs': client, 'server CPU µs': server }
  },
}

/** What came of dials side by side: how many a second, and the CPU time of one in µs. */
interface Together {
  readonly rate: number
  readonly client: number
  readonly server: number
}

class Guest {
  readonly #subject: Subject
  readonly #address: string
  readonly #options: RunOptions

  constructor(subject: Subject, address: string, options: RunOptions) {
    this.#subject = subject
    this.#address = address
    this.#options = options
  }

  /** One after the other; how long each took, in µs. */
  async alone(seconds: number): Promise<Histogram> {
    const histogram = new Histogram()
    const untilMs = performance.now() + seconds * 1000
    for (let dialMs = performance.now(); dialMs < untilMs; dialMs = performance.now()) {
      const { pipe } = await this.#ask(MARK.PROBE)
      histogram.record((performance.now() - dialMs) * 1000)
      await pipe.close()
    }
    return histogram
  }

  /** `inflight` at a time. */
  async together(seconds: number): Promise<Together> {
    await this.#serverUsage()
    const meter = new UsageMeter()
    const untilMs = performance.now() + seconds * 1000
    let ended = 0
    const dialOn = async (): Promise<void> => {
      while (performance.now() < untilMs) {
        const { pipe } = await this.#ask(MARK.PROBE)
        await pipe.close()
        ended++
      }
    }
    await Promise.all(Array.from({ length: this.#options.inflight }, dialOn))
    const client = meter.read()
    const server = await this.#serverUsage()
    const each = ({ cpuSeconds }: Usage): number => (cpuSeconds / ended) * 1e6
    return { rate: (ended / client.wallMs) * 1000, client: each(client), server: each(server) }
  }

  /** What the other side has used since it was last asked. */
  async #serverUsage(): Promise<Usage> {
    const { pipe, reply } = await this.#ask(MARK.LAST)
    await pipe.close()
    return decodeReport(reply) as Usage
  }

  async #ask(mark: number): Promise<{ pipe: Pipe; reply: Uint8Array }> {
    let answered: (reply: Uint8Array) => void = () => {}
    const reply = new Promise<Uint8Array>((resolve) => (answered = resolve))
    const pipe = await this.#subject.dial(this.#address, this.#options, (data) => answered(data.slice()))
    await pipe.send(payload(this.#options.size, mark))
    return { pipe, reply: await reply }
  }
}

await runDirectly(import.meta, 'connect', 'connects/s')
