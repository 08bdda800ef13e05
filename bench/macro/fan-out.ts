/**
 * Fan-out: one process sends to many connections in turn; the other counts. (Fan-in is one-way over many connections.)
 *
 * The first message of each connection asks for the stream and tells for how long.
 */
import { runDirectly } from '../harness/direct.ts'
import { decodeReport, encodeReport, MARK, payload, type Pipe, type Subject } from '../harness/subject.ts'
import { warmUp } from '../harness/warm-up.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import type { Workload } from '../harness/workload.ts'

const BURST = 64
const VISITS_PER_TURN = 16

interface Wish {
  readonly seconds: number
}

export const workload: Workload = {
  serve(subject: Subject, options: RunOptions) {
    const pipes: Pipe[] = []
    return subject.listen(options, (data, pipe) => {
      pipes.push(pipe)
      if (pipes.length < options.connections) return
      const { seconds } = decodeReport(data) as Wish
      void send(pipes.splice(0), options, performance.now() + seconds * 1000)
    })
  },

  async drive(subject: Subject, address: string, options: RunOptions): Promise<Measured> {
    let count = 0
    let left = 0
    let ended: () => void = () => {}
    const receive = (data: Uint8Array): void => {
      if (data[0] === MARK.LAST) {
        if (--left === 0) ended()
      } else count++
    }
    const pipes: Pipe[] = []
    for (let index = 0; index < options.connections; index++) pipes.push(await subject.dial(address, options, receive))
    const series = async (seconds: number): Promise<Measured> => {
      count = 0
      left = pipes.length
      const over = new Promise<void>((resolve) => (ended = resolve))
      const startMs = performance.now()
      for (const pipe of pipes) void pipe.send(encodeReport({ seconds }))
      await over
      return { 'messages/s': (count / (performance.now() - startMs)) * 1000 }
    }
    await warmUp(series, 'messages/s')
    return await series(options.seconds)
  },
}

async function send(pipes: readonly Pipe[], options: RunOptions, untilMs: number): Promise<void> {
  const message = payload(options.size)
  for (let visit = 1; performance.now() < untilMs; visit++) {
    const pipe = pipes[visit % pipes.length]!
    for (let sent = 0; sent < BURST; sent++) {
      const wait = pipe.send(message)
      if (wait !== undefined) await wait
    }
    if (visit % VISITS_PER_TURN === 0) await new Promise(setImmediate)
  }
  for (const pipe of pipes) await pipe.send(payload(options.size, MARK.LAST))
}

await runDirectly(import.meta, 'fan-out', 'messages/s')
