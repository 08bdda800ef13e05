/**
 * The two halves of a workload as threads of one process, for subjects that connect threads: the main thread drives, has the
 * hub, and starts the other one, which serves.
 */
import { isMainThread, Worker, workerData, type MessagePort } from 'node:worker_threads'
import { workerHub, type WorkerHub } from '../../src/index.ts'

let hub: WorkerHub | undefined

/** Whether a subject needs both halves in one process. */
export function isOfThreads(subject: string): boolean {
  return subject.split(/[ =]/).includes('worker')
}

/** A way of this thread to the hub. */
export function door(): MessagePort {
  if (!isMainThread) return (workerData as { readonly door: MessagePort }).door
  hub ??= workerHub()
  return hub.door()
}

/** The half that serves; `host` is started in a thread with these arguments. */
export function serveInThread(host: string, argv: readonly string[]): Worker {
  const theirs = door()
  return new Worker(host, { argv: [...argv], workerData: { door: theirs }, transferList: [theirs] })
}
