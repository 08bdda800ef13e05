/**
 * One-way throughput: as many messages as go through, counted where they arrive, over one or many connections.
 *
 * A series ends with a marked message per connection; the receiver answers the last one with what it counted and what it
 * used. The last series is measured, those before it warm up. With one connection the sender sends until it is told to wait;
 * with `burst` it sends so many, then goes on with the next connection.
 */
import { runDirectly } from '../harness/direct.ts'
import { decodeReport, encodeReport, MARK, payload, type Pipe, type Subject } from '../harness/subject.ts'
import { UsageMeter, type Usage } from '../harness/usage.ts'
import { warmUp } from '../harness/warm-up.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

/** Connections that have their turn before the event loop does. A single one has one, so that writes are as large. */
const VISITS_PER_TURN = 16

interface Tally extends Usage {
  readonly count: number
}

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    const meter = new UsageMeter()
    let count = 0
    let ended = 0
    return subject.listen(options, (data, pipe) => {
      if (count++ === 0) meter.reset()
      if (data[0] !== MARK.LAST || ++ended < options.connections) return
      void pipe.send(encodeReport({ count, ...meter.read() }))
      count = 0
      ended = 0
    })
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    let report: (tally: Tally) => void = () => {}
    const pipes: Pipe[] = []
    for (let index = 0; index < options.connections; index++) {
      const receive = (data: Uint8Array): void => report(decodeReport(data) as Tally)
      pipes.push(await subject.dial(address, options, receive))
    }
    const series = async (seconds: number): Promise<Measured> => {
      const reported = new Promise<Tally>((resolve) => (report = resolve))
      const meter = new UsageMeter()
      const untilMs = performance.now() + seconds * 1000
      if (pipes.length === 1 && options.burst === 0) await sendFreely(pipes[0]!, payload(options.size), untilMs)
      else await sendInTurn(pipes, options, untilMs)
      for (const pipe of pipes) await pipe.send(payload(options.size, MARK.LAST))
      return result(options, await reported, meter.read())
    }
    await warmUp(series, 'messages/s')
    return await series(options.seconds)
  },
}

async function sendInTurn(pipes: readonly Pipe[], options: RunOptions, untilMs: number): Promise<void> {
  const message = payload(options.size)
  const burst = options.burst || 64
  const visitsPerTurn = Math.min(VISITS_PER_TURN, pipes.length)
  for (let visit = 1; performance.now() < untilMs; visit++) {
    const pipe = pipes[visit % pipes.length]!
    for (let sent = 0; sent < burst; sent++) {
      const wait = pipe.send(message)
      if (wait !== undefined) await wait
    }
    if (visit % visitsPerTurn === 0) await new Promise(setImmediate)
  }
}

async function sendFreely(pipe: Pipe, message: Uint8Array, untilMs: number): Promise<void> {
  for (let sent = 1; (sent & 63) !== 0 || performance.now() < untilMs; sent++) {
    const wait = pipe.send(message)
    if (wait !== undefined) await wait
  }
}

function result(options: RunOptions, tally: Tally, sender: Usage): Measured {
  const seconds = sender.wallMs / 1000
  return {
    'messages/s': tally.count / seconds,
    'MB/s': (tally.count * options.size) / seconds / 1e6,
    'CPU s per million': ((tally.cpuSeconds + sender.cpuSeconds) / tally.count) * 1e6,
    'sender RSS MB': sender.rssBytes / 1e6,
    'receiver RSS MB': tally.rssBytes / 1e6,
  }
}

await runDirectly(import.meta, 'one-way', 'messages/s')
