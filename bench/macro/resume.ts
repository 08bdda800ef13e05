/**
 * Resuming: a link is broken off while messages are on their way; how long until the reply to the next one is here.
 *
 * For subjects whose sessions outlive their links. Between two cuts there is rest: whose links are cut faster than the first
 * backoff of its policy is dialled no faster than that, and the figure would be the backoff's.
 */
import { runDirectly } from '../harness/direct.ts'
import { Histogram } from '../harness/histogram.ts'
import { MARK, payload, type Subject } from '../harness/subject.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

/** More than the first backoff of the default policies. */
const REST_MS = 100

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    const reply = payload(options.size)
    return subject.listen(options, (data, pipe) => {
      if (data[0] === MARK.PROBE) void pipe.send(reply)
    })
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    if (subject.cut === undefined) throw new Error('this subject has no session that outlives a link')
    let answered: () => void = () => {}
    const pipe = await subject.dial(address, { ...options, cuts: true }, () => answered())
    const ask = async (): Promise<void> => {
      const reply = new Promise<void>((resolve) => (answered = resolve))
      void pipe.send(payload(options.size, MARK.PROBE))
      await reply
    }
    const histogram = new Histogram()
    await ask()
    for (const startMs = performance.now(); performance.now() - startMs < options.seconds * 1000;) {
      await new Promise((resolve) => setTimeout(resolve, REST_MS))
      for (let index = 0; index < options.inflight; index++) void pipe.send(payload(options.size))
      subject.cut()
      const cutMs = performance.now()
      await ask()
      histogram.record((performance.now() - cutMs) * 1000)
    }
    const { p50, p99, max, count } = histogram.percentiles()
    return { 'p50 µs': p50, 'p99 µs': p99, 'max µs': max, cuts: count }
  },
}

await runDirectly(import.meta, 'resume', 'p50 µs')
