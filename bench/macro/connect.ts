/**
 * Connecting: how long a first message and its reply take on a new connection, and how many connections a second opens.
 *
 * First one after the other (the time from the dial to the first reply), then `inflight` dials at a time for the rate.
 */
import { runDirectly } from '../harness/direct.ts'
import { Histogram } from '../harness/histogram.ts'
import { MARK, payload, type Pipe, type Subject } from '../harness/subject.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

const WARM_UP_DIALS = 50

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    const reply = payload(options.size)
    return subject.listen(options, (_data, pipe) => void pipe.send(reply))
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    const open = (): Promise<Pipe> => openAndAsk(subject, address, options)
    for (let dial = 0; dial < WARM_UP_DIALS; dial++) await (await open()).close()
    const histogram = new Histogram()
    const halfMs = options.seconds * 500
    for (const startMs = performance.now(); performance.now() - startMs < halfMs;) {
      const dialMs = performance.now()
      const pipe = await open()
      histogram.record((performance.now() - dialMs) * 1000)
      await pipe.close()
    }
    const startMs = performance.now()
    let opened = 0
    const dialOn = async (): Promise<void> => {
      while (performance.now() - startMs < halfMs) {
        const pipe = await open()
        opened++
        await pipe.close()
      }
    }
    await Promise.all(Array.from({ length: options.inflight }, dialOn))
    const { p50, p99 } = histogram.percentiles()
    return { 'connects/s': (opened / (performance.now() - startMs)) * 1000, 'p50 µs': p50, 'p99 µs': p99 }
  },
}

async function openAndAsk(subject: Subject, address: string, options: RunOptions): Promise<Pipe> {
  let answered: () => void = () => {}
  const reply = new Promise<void>((resolve) => (answered = resolve))
  const pipe = await subject.dial(address, options, () => answered())
  await pipe.send(payload(options.size, MARK.PROBE))
  await reply
  return pipe
}

await runDirectly(import.meta, 'connect', 'connects/s')
