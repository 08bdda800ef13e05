/**
 * Ceph's own C++ messenger: test/support/ceph/ceph-perf.cc.
 *
 * Its library comes with Debian's `ceph-common`; its own benchmark programs do not, so this does their work: see there.
 */
import { fileURLToPath } from 'node:url'
import { CephPerf, type CephHow } from '../../test/support/ceph/ceph-perf.ts'
import type { Listening, Subject } from '../harness/subject.ts'
import type { Measured, RunOptions } from '../harness/run.ts'

const WARM_UP_MS = 500
const perf = new CephPerf(fileURLToPath(new URL('../../../test/support/ceph/ceph-perf.cc', import.meta.url)))

/** Why there is none here, as one line; null when there is. */
export function missingCeph(): string | null {
  return perf.missing || null
}

/** Answers every request. */
export async function listenCeph(how: CephHow): Promise<Listening> {
  const { address, pid, end } = await perf.serve(how)
  return { address, pid, close: end }
}

/** Dials, keeps its requests in flight and says what it measured. */
export async function driveCeph(how: CephHow, address: string, options: RunOptions): Promise<Measured> {
  const { size: bytes, inflight, seconds } = options
  const found = await perf.drive(how, address, { bytes, inflight, warmMs: WARM_UP_MS, ms: seconds * 1000 })
  return {
    count: found.count,
    'requests/s': found.count / found.seconds,
    'p50 µs': found.p50,
    'p99 µs': found.p99,
    'p99.9 µs': found.p999,
    'client CPU s': found.cpuSeconds,
  }
}

export function ceph(how: CephHow): Subject {
  return {
    listen: () => listenCeph(how),
    dial: () => Promise.reject(new Error('it dials by itself')),
    drive: (address, options) => driveCeph(how, address, options),
  }
}
