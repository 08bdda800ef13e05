/**
 * Modules of Node's that most processes do without, loaded by whoever first needs one: together they would double what
 * `import 'inkwire'` costs beside its own code, in time and in memory.
 */
import type * as threads from 'node:worker_threads'
import type * as tls from 'node:tls'

export function nodeTls(): typeof tls {
  return process.getBuiltinModule('node:tls')
}

export function nodeThreads(): typeof threads {
  return process.getBuiltinModule('node:worker_threads')
}

let mark: typeof threads.markAsUntransferable | undefined

/** From now on this memory cannot be transferred away. */
export function keepHere(memory: ArrayBufferLike): void {
  mark ??= nodeThreads().markAsUntransferable
  mark(memory)
}
