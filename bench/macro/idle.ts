/**
 * Idle connections: what each costs in resident memory on both sides, and what all of them cost in CPU time.
 *
 * Memory is compared after a collection (the host runs with --expose-gc) before the connections are made and when they have
 * rested: while they are made V8 lets its young generation grow, up to 32 MB whatever their number, and gives that back when a
 * process has had little to do for some eight seconds.
 */
import { runDirectly } from '../harness/direct.ts'
import { decodeReport, encodeReport, MARK, payload, type Pipe, type Subject } from '../harness/subject.ts'
import { UsageMeter, type Usage } from '../harness/usage.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

const SETTLE_MS = 200
const REST_MS = 10_000

interface Rest extends Usage {
  /** Live heap and buffers after a collection, in bytes. */
  readonly liveBytes: number
}

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    const meter = new UsageMeter()
    return subject.listen(options, (data, pipe) => {
      if (data[0] !== MARK.PROBE) return
      void rest(meter).then((usage) => pipe.send(encodeReport(usage)))
    })
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    let reported: (usage: Rest) => void = () => {}
    const dial = (): Promise<Pipe> => subject.dial(address, options, (data) => reported(decodeReport(data) as Rest))
    const first = await dial()
    const ask = (): Promise<Rest> => {
      const report = new Promise<Rest>((resolve) => (reported = resolve))
      void first.send(payload(options.size, MARK.PROBE))
      return report
    }
    const meter = new UsageMeter()
    // A wave of connections that is not counted brings code and pools to their size.
    const count = options.connections
    for (let index = 0; index < 50; index++) await dial()
    const before = { server: await ask(), client: await rest(meter) }
    for (let index = 0; index < count; index++) await dial()
    await new Promise((resolve) => setTimeout(resolve, REST_MS))
    const after = { server: await ask(), client: await rest(meter) }
    await new Promise((resolve) => setTimeout(resolve, options.seconds * 1000))
    const idle = { server: await ask(), client: await rest(meter) }
    return {
      'server RSS KiB each': perConnection(before.server.rssBytes, after.server.rssBytes, count),
      'client RSS KiB each': perConnection(before.client.rssBytes, after.client.rssBytes, count),
      'server live KiB each': perConnection(before.server.liveBytes, after.server.liveBytes, count),
      'client live KiB each': perConnection(before.client.liveBytes, after.client.liveBytes, count),
      'CPU ms/s': ((idle.server.cpuSeconds + idle.client.cpuSeconds) / idle.client.wallMs) * 1e6,
    }
  },
}

/** What was used since the last rest, and what is live now. */
async function rest(meter: UsageMeter): Promise<Rest> {
  const used = meter.read()
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS / 4))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  meter.reset()
  return { ...used, rssBytes: rss, liveBytes: heapUsed + external }
}

function perConnection(before: number, after: number, count: number): number {
  return (after - before) / count / 1024
}

await runDirectly(import.meta, 'idle', 'server live KiB each')
