/**
 * Two real processes on loopback: one listens, one dials and measures; or one, of two threads. The parent only waits, and ends
 * them by pid.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Measured, RunOptions } from './run.ts'
import { isOfThreads } from './threads.ts'

const HOST = fileURLToPath(new URL('host.js', import.meta.url))
/** On top of the measured time; a run that takes longer has failed. */
const GRACE_MS = 60_000
/** From SIGTERM to SIGKILL. */
const END_MS = 3000
/** Options of Node for both processes, such as --cpu-prof. */
const EXEC_ARGV = [
  '--expose-gc',
  ...(process.env['BENCH_EXEC_ARGV'] ?? '').split(' ').filter((option) => option !== ''),
]

interface Report {
  readonly address?: string
  readonly measured?: Measured
  readonly error?: string
}

/** Runs a workload once, and returns what the dialling process measured. */
export async function runPair(workload: string, subject: string, options: RunOptions): Promise<Measured> {
  const json = JSON.stringify(options)
  const deadlineMs = options.seconds * 2000 + GRACE_MS
  const children: ChildProcess[] = []
  const start = (role: 'serve' | 'drive'): ChildProcess => {
    const child = fork(HOST, [workload, role, subject, json], { execArgv: EXEC_ARGV })
    children.push(child)
    return child
  }
  try {
    const server = isOfThreads(subject) ? null : start('serve')
    const client = start('drive')
    const measuring = reportOf(client, deadlineMs)
    measuring.catch(() => {})
    const lost = server === null ? measuring : introduced(server, client, measuring, deadlineMs)
    const { measured } = await Promise.race([measuring, lost])
    if (measured === undefined) throw new Error(`${subject} measured nothing`)
    return measured
  } finally {
    await Promise.all(children.map(end))
  }
}

/** Tells the client where the server is. What comes of the server after that is that it was lost. */
async function introduced(
  server: ChildProcess,
  client: ChildProcess,
  measuring: Promise<Report>,
  deadlineMs: number,
): Promise<Report> {
  const { address } = await Promise.race([reportOf(server, deadlineMs), measuring])
  if (address === undefined) throw new Error('the half that serves told no address')
  client.send(address)
  return await reportOf(server, deadlineMs)
}

/** The next thing that the child tells. Rejects when it fails, ends or stays silent. */
function reportOf(child: ChildProcess, deadlineMs: number): Promise<Report> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      child.off('message', onMessage).off('exit', onExit)
      act()
    }
    const onMessage = (message: unknown): void => {
      const report = message as Report
      settle(() => (report.error === undefined ? resolve(report) : reject(new Error(report.error))))
    }
    const onExit = (code: number | null): void => {
      settle(() => reject(new Error(`a process of the bench ended by itself with ${code ?? 'a signal'}`)))
    }
    const timer = setTimeout(() => settle(() => reject(new Error(`no answer in ${deadlineMs} ms`))), deadlineMs)
    child.on('message', onMessage).on('exit', onExit)
  })
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve()
      return
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
