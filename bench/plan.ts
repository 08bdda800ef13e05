/**
 * What `npm run bench` measures: experiments as data, a short list of some twenty minutes and the whole one.
 *
 * The subjects of an experiment run in the same minutes, alternating, so that what else the machine does hits all alike.
 */
import { DEFAULT_RUN, type RunOptions } from './harness/run.ts'

export interface Experiment {
  /** Names it in results.json; charts and goals refer to it. */
  readonly id: string
  readonly title: string
  readonly workload: string
  readonly options: RunOptions
  readonly subjects: readonly string[]
  readonly runs: number
  /** The figure that is compared, and what stands beside it in the table. */
  readonly headline: string
  readonly others: readonly string[]
}

export interface Plan {
  readonly name: 'short' | 'full'
  readonly experiments: readonly Experiment[]
}

const SIZES: Readonly<Record<number, string>> = {
  64: '64 B',
  1024: '1 KiB',
  4096: '4 KiB',
  65536: '64 KiB',
  1048576: '1 MiB',
  4194304: '4 MiB',
}
const PEERS = ['net', 'zeromq', 'nats', 'rsocket', 'grpc-js', 'ws']
const VARIANTS = ['inkwire fast', 'inkwire lend', 'inkwire lossy', 'inkwire no checksum']
/** What busy polling gives: Inkwire without it, and the ceiling without and with it. */
const SLEEPERS = ['inkwire sleeping', 'bare', 'bare polling']
/** The same contract over another transport. */
const OVER = ['inkwire tls', 'inkwire unix', 'inkwire shm', 'inkwire shm file', 'inkwire worker']
/** Ceph's own messenger, Inkwire over Ceph's protocol, and one end of each. */
const CEPH = ['ceph', 'ceph best', 'inkwire msgr2', 'ceph to inkwire', 'inkwire to ceph']
/** Calls, the same by hand over messages, and those who have calls, too. */
const CALLERS = ['inkwire call', 'inkwire by hand', 'net', 'grpc-js', 'nats', 'rsocket']
const MANY = [1, 10, 100, 1000]
const LATENCIES = ['p50 µs', 'p99 µs', 'p99.9 µs', 'CPU s per million']

interface Pace {
  readonly seconds: number
  readonly runs: number
}

type Rest = Partial<RunOptions>

function oneWay(pace: Pace, size: number, subjects: readonly string[], rest: Rest = {}): Experiment {
  const { connections = 1 } = rest
  const over =
    rest.burst === undefined
      ? ''
      : `, ${connections === 1 ? 'one connection' : `${connections} connections`} in bursts of ${rest.burst}`
  return {
    id: `one-way ${size}${rest.burst === undefined ? '' : ` x${connections}`}`,
    title: `One way, ${SIZES[size] ?? size}${over}`,
    workload: 'one-way',
    options: { ...DEFAULT_RUN, ...rest, size, seconds: pace.seconds },
    subjects,
    runs: pace.runs,
    headline: 'messages/s',
    others: ['MB/s', 'CPU s per million', 'sender RSS MB', 'receiver RSS MB'],
  }
}

function echo(pace: Pace, size: number, inflight: number, subjects: readonly string[], rest: Rest = {}): Experiment {
  const { connections = 1 } = rest
  const over = connections === 1 ? '' : `, ${connections} connections`
  return {
    id: `echo ${size} ${inflight}${connections === 1 ? '' : ` x${connections}`}`,
    title: `Request and reply, ${SIZES[size] ?? size}, ${inflight} in flight${over}`,
    workload: 'echo',
    options: { ...DEFAULT_RUN, ...rest, size, inflight, seconds: pace.seconds },
    subjects,
    runs: pace.runs,
    headline: 'requests/s',
    others: LATENCIES,
  }
}

function calls(pace: Pace, size: number, inflight: number, subjects: readonly string[]): Experiment {
  return {
    id: `calls ${size} ${inflight}`,
    title: `Calls, ${SIZES[size] ?? size}, ${inflight} in flight`,
    workload: 'calls',
    options: { ...DEFAULT_RUN, size, inflight, seconds: pace.seconds },
    subjects,
    runs: pace.runs,
    headline: 'requests/s',
    others: LATENCIES,
  }
}

function requests(pace: Pace, size: number, inflight: number, subjects: readonly string[]): Experiment {
  return {
    id: `requests ${size} ${inflight}`,
    title: `Beside Ceph's messenger: requests of ${SIZES[size] ?? size}, ${inflight} in flight`,
    workload: 'requests',
    options: { ...DEFAULT_RUN, size, inflight, seconds: pace.seconds },
    subjects,
    runs: pace.runs,
    headline: 'requests/s',
    others: LATENCIES,
  }
}

function single(pace: Pace, workload: string, title: string, subjects: readonly string[], more: Rest): Experiment {
  const figures: Readonly<Record<string, readonly [headline: string, ...others: string[]]>> = {
    connect: ['connects/s', 'p50 µs', 'p99 µs', 'client CPU µs', 'server CPU µs'],
    resume: ['p50 µs', 'p99 µs', 'max µs', 'cuts'],
    idle: ['server RSS KiB each', 'client RSS KiB each', 'server live KiB each', 'client live KiB each', 'CPU ms/s'],
    priority: ['p99 µs', 'p50 µs', 'idle p99 µs', 'bulk MB/s', 'bulk alone MB/s', 'bulk kept'],
    'fan-out': ['messages/s'],
    'slow-receiver': ['GB', 'MB/s', 'sender peak RSS MB', 'receiver peak RSS MB'],
  }
  const [headline = '', ...others] = figures[workload] ?? []
  const options = { ...DEFAULT_RUN, seconds: pace.seconds, ...more }
  return { id: workload, title, workload, options, subjects, runs: pace.runs, headline, others }
}

/** Rates, and trips of one message, against those of plain messages in the same processes. */
function group(pace: Pace, size: number): Experiment {
  const name = SIZES[size] ?? size
  return {
    ...single(pace, 'groups', `A group of three processes, ${name}`, ['inkwire'], { size }),
    id: `groups ${size}`,
    headline: 'agreed messages/s',
    others: [
      'plain messages/s',
      'agreed of plain',
      'agreed of another of plain',
      'safe messages/s',
      'agreed CPU s per million',
      'agreed trips',
      'safe trips',
    ],
  }
}

/** Some twenty minutes: most of it is warming up. */
export function shortPlan(): Plan {
  const pace = { seconds: 0.4, runs: 3 }
  const experiments = [
    oneWay(pace, 64, ['inkwire', ...VARIANTS, 'bare', ...PEERS]),
    oneWay(pace, 4096, ['inkwire', 'inkwire lend', ...OVER, ...SLEEPERS, 'net', 'zeromq', 'nats', 'ws']),
    oneWay(pace, 65536, ['inkwire', 'inkwire lend', ...OVER, ...SLEEPERS, 'net', 'zeromq', 'ws']),
    oneWay(pace, 1048576, ['inkwire', 'inkwire lend', ...SLEEPERS, 'net', 'zeromq', 'ws']),
    oneWay(pace, 64, ['inkwire', 'bare'], { connections: 1, burst: 64 }),
    oneWay(pace, 64, ['inkwire', 'bare'], { connections: 1000, burst: 64 }),
    echo(pace, 64, 1, ['inkwire', ...OVER, ...SLEEPERS, 'net']),
    echo(pace, 64, 64, ['inkwire', 'inkwire fast', ...SLEEPERS, 'net', 'nats']),
    echo(pace, 64, 256, ['inkwire', 'bare', 'net']),
    calls(pace, 64, 1, CALLERS.slice(0, 3)),
    calls(pace, 64, 64, CALLERS),
    requests(pace, 64, 64, CEPH),
    requests(pace, 4096, 64, [...CEPH.slice(0, 3), 'inkwire msgr2 fast']),
    ...others({ seconds: 1, runs: 2 }),
  ]
  return { name: 'short', experiments }
}

/** Everything: some hours of patience are not needed, but half of one is. */
export function fullPlan(): Plan {
  const pace = { seconds: 2, runs: 5 }
  const everybody = ['inkwire', ...VARIANTS, ...SLEEPERS, ...PEERS]
  const few = ['inkwire', ...SLEEPERS, 'net', 'zeromq', 'ws']
  const experiments = [
    ...Object.keys(SIZES).map((size) => oneWay(pace, Number(size), Number(size) <= 65536 ? everybody : few)),
    ...MANY.map((connections) => oneWay(pace, 64, ['inkwire', 'bare', 'net'], { connections, burst: 64 })),
    ...[1, 4, 16, 64, 256].map((inflight) => echo(pace, 64, inflight, ['inkwire', 'inkwire fast', 'bare', ...PEERS])),
    ...[4096, 65536, 1048576, 4194304].map((size) => echo(pace, size, 64, few)),
    ...[64, 4096].flatMap((size) =>
      [1, 64, 256].map((inflight) => calls(pace, size, inflight, ['inkwire call inline', ...CALLERS])),
    ),
    ...[64, 4096, 65536].flatMap((size) =>
      [1, 64, 256].map((inflight) =>
        requests(pace, size, inflight, [...CEPH, 'inkwire msgr2 fast', 'inkwire msgr2 secure', 'inkwire']),
      ),
    ),
    ...MANY.slice(1).map((connections) => echo(pace, 64, 16, ['inkwire', 'bare', 'net'], { connections })),
    ...others({ seconds: 4, runs: 5 }),
    // More than 10 GiB each.
    single({ seconds: 20, runs: 1 }, 'slow-receiver', 'A long stream to a slow receiver', ['inkwire', 'net'], {
      size: 2 ** 20,
    }),
  ]
  return { name: 'full', experiments }
}

function others(pace: Pace): Experiment[] {
  return [
    single(pace, 'priority', 'Urgent 64 B under messages of 4 MiB', ['inkwire', 'bare'], {}),
    single(pace, 'connect', 'Connect, first message and reply, close', ['inkwire', 'net'], { inflight: 32 }),
    single(pace, 'resume', 'Resume after a cut', ['inkwire'], { inflight: 16 }),
    single(pace, 'idle', '1,000 idle connections', ['inkwire', 'net'], { connections: 1000 }),
    ...[64, 4096].map((size) => group(pace, size)),
    single(pace, 'fan-out', 'Fan-out to 64 connections, 64 B', ['inkwire', 'bare', 'net'], { connections: 64 }),
  ]
}
