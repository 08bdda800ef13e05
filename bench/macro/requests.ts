/**
 * Requests with data and replies without, as in Ceph's own messenger benchmark: one connection, so many in flight.
 *
 * CPU time is that of both ends. The listening end may be a program that cannot tell what it used, so for all alike it is
 * taken from the kernel's books, which count in hundredths of a second. A program that dials by itself warms up for half a
 * second, which is left out by its share of the time; our own ends warm up until they get no faster.
 */
import { readFileSync } from 'node:fs'
import { runDirectly } from '../harness/direct.ts'
import type { Listening, Subject } from '../harness/subject.ts'
import { UsageMeter } from '../harness/usage.ts'
import { warmUp } from '../harness/warm-up.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'
import { Caller } from './echo.ts'

/** Of a program that dials by itself. */
const WARM_UP_SECONDS = 0.5
const TICKS_PER_SECOND = 100
const NO_DATA = new Uint8Array(0)

export const workload: Workload = {
  async serve(subject: Subject, options: RunOptions): Promise<Listening> {
    const listening = await subject.listen(options, (_data, pipe) => void pipe.send(NO_DATA))
    return { ...listening, address: `${listening.pid ?? process.pid} ${listening.address}` }
  },

  async drive(subject: Subject, target: string, options: RunOptions): Promise<Measured> {
    const [pid = '', address = ''] = target.split(' ')
    if (subject.drive === undefined) return await call(subject, address, pid, options)
    const before = cpuSecondsOf(pid)
    const { count = NaN, 'client CPU s': client = NaN, ...rest } = await subject.drive(address, options)
    const share = options.seconds / (options.seconds + WARM_UP_SECONDS)
    const server = (cpuSecondsOf(pid) - before) * share
    return { ...rest, 'CPU s per million': ((client + server) / count) * 1e6 }
  },
}

async function call(subject: Subject, address: string, pid: string, options: RunOptions): Promise<Measured> {
  const caller = new Caller(options, () => {})
  caller.pipe = await subject.dial(address, options, (data) => caller.receive(data))
  const series = async (seconds: number): Promise<Measured> => {
    const before = cpuSecondsOf(pid)
    const meter = new UsageMeter()
    await caller.run(performance.now() + seconds * 1000)
    const { wallMs, cpuSeconds } = meter.read()
    const { p50, p99, p999 } = caller.histogram.percentiles()
    return {
      'requests/s': (caller.count / wallMs) * 1000,
      'p50 µs': p50,
      'p99 µs': p99,
      'p99.9 µs': p999,
      'CPU s per million': ((cpuSeconds + cpuSecondsOf(pid) - before) / caller.count) * 1e6,
    }
  }
  await warmUp(series, 'requests/s')
  return await series(options.seconds)
}

/** User and system time of a process, from /proc; NaN where there is none. */
function cpuSecondsOf(pid: string): number {
  try {
    // Behind its name, which may hold anything: state, parent, …
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return NaN
  }
}

await runDirectly(import.meta, 'requests', 'requests/s')
