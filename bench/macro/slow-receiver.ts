/**
 * A long stream through a receiver that is slower than its sender: what waits must wait with the sender, within its limit.
 *
 * The receiver works for a millisecond per MiB. What counts is the most memory that either side ever had.
 */
import { runDirectly } from '../harness/direct.ts'
import { decodeReport, encodeReport, MARK, payload, type Subject } from '../harness/subject.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

const WORK_MS_PER_MIB = 1

interface Tally {
  readonly bytes: number
  readonly peakBytes: number
}

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    let bytes = 0
    return subject.listen(options, (data, pipe) => {
      bytes += data.length
      const untilMs = performance.now() + (data.length / 2 ** 20) * WORK_MS_PER_MIB
      while (performance.now() < untilMs);
      if (data[0] === MARK.LAST) void pipe.send(encodeReport({ bytes, peakBytes: peakBytes() }))
    })
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    let report: (tally: Tally) => void = () => {}
    const reported = new Promise<Tally>((resolve) => (report = resolve))
    const pipe = await subject.dial(address, options, (data) => report(decodeReport(data) as Tally))
    const message = payload(options.size)
    const startMs = performance.now()
    while (performance.now() - startMs < options.seconds * 1000) {
      const wait = pipe.send(message)
      if (wait !== undefined) await wait
    }
    await pipe.send(payload(options.size, MARK.LAST))
    const tally = await reported
    return {
      GB: tally.bytes / 1e9,
      'MB/s': tally.bytes / 1e3 / (performance.now() - startMs),
      'sender peak RSS MB': peakBytes() / 1e6,
      'receiver peak RSS MB': tally.peakBytes / 1e6,
    }
  },
}

/** The most that this process ever had in memory. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}

await runDirectly(import.meta, 'slow-receiver', 'GB')
