/**
 * Modules of Node's, loaded by whoever first needs one: whoever only imports Inkwire, or uses no sockets, has none of them. Together
 * they are most of what `import 'inkwire'` would cost, in time and in memory.
 *
 * A dial, an encoder and an option cannot wait, so the process is asked, which answers at once. It keeps what it has loaded, and is as
 * quick as a look into a table the next time. What Node itself has loaded when a program begins (fs, path, module) is imported as ever.
 */
import type * as crypto from 'node:crypto'
import type * as dns from 'node:dns'
import type * as net from 'node:net'
import type * as stream from 'node:stream'
import type * as threads from 'node:worker_threads'
import type * as tls from 'node:tls'

export function nodeCrypto(): typeof crypto {
  return process.getBuiltinModule('node:crypto')
}

export function nodeDns(): typeof dns {
  return process.getBuiltinModule('node:dns')
}

export function nodeNet(): typeof net {
  return process.getBuiltinModule('node:net')
}

export function nodeStream(): Pick<typeof stream, 'Readable' | 'Writable'> {
  return process.getBuiltinModule('node:stream')
}

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
