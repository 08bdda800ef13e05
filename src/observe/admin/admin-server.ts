/**
 * The admin socket of a process: a Unix socket that only its owner may open, for questions that only read.
 *
 * A socket file that a dead process left behind is taken over; one on which somebody answers is not. Whoever asks too much, reads
 * nothing, or says nothing is cut off; limits are in protocol.ts. It keeps no process alive.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { InkwireError } from '../../index.ts'

import type { Asked } from './asked.ts'
import { answerLine, failed } from './desk.ts'
import { Lines } from './lines.ts'
import { CLIENTS_MAX, REQUEST_BYTES_MAX, SILENT_MS, UNREAD_BYTES_MAX } from './protocol.ts'

export class AdminServer {
  readonly path: string
  readonly #observer: Asked
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  #life: 'running' | 'closed' = 'running'

  constructor(observer: Asked, path: string) {
    this.path = path
    this.#observer = observer
    this.#server = createServer((socket) => {
      this.#welcome(socket)
    })
  }

  /** @throws InkwireError `INK_ADDRESS_IN_USE` when a process answers there, or what is there is no socket; `INK_BIND_FAILED`. */
  async listen(): Promise<void> {
    await makeRoom(this.path)
    if (this.#life === 'closed') return
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(new InkwireError('INK_BIND_FAILED', `the admin socket ${this.path}: ${error.message}`, { cause: error }))
      })
      privately(() => {
        this.#server.listen(this.path, () => {
          chmodSync(this.path, 0o600)
          resolve()
        })
      })
    })
    this.#server.unref()
  }

  close(): void {
    if (this.#life === 'closed') return
    this.#life = 'closed'
    this.#server.close()
    for (const client of this.#clients) client.destroy()
  }

  #welcome(socket: Socket): void {
    socket.unref()
    // What a client breaks is its own affair.
    socket.on('error', () => {
      socket.destroy()
    })
    if (this.#clients.size >= CLIENTS_MAX) {
      socket.end(`${JSON.stringify(failed(0, new Error(`${CLIENTS_MAX} clients are here already`), 'INK_REFUSED'))}\n`)
      return
    }
    this.#clients.add(socket)
    socket.on('close', () => {
      this.#clients.delete(socket)
    })
    socket.setTimeout(SILENT_MS, () => {
      socket.destroy()
    })
    const lines = new Lines(REQUEST_BYTES_MAX)
    socket.on('data', (chunk) => {
      const whole = lines.add(chunk)
      if (whole !== null) void this.#answer(socket, whole)
      else this.#turnAway(socket, `a question is at most ${REQUEST_BYTES_MAX} bytes`)
    })
  }

  /** One after the other, and nothing more is read meanwhile: who asks a thousand things at once waits for a thousand answers. */
  async #answer(socket: Socket, lines: readonly string[]): Promise<void> {
    socket.pause()
    for (const line of lines) {
      if (line.trim() === '' || socket.destroyed) continue
      const answer = await answerLine(this.#observer, line)
      if (socket.destroyed) return
      socket.write(`${JSON.stringify(answer)}\n`)
      if (socket.writableLength > UNREAD_BYTES_MAX) socket.destroy()
    }
    socket.resume()
  }

  #turnAway(socket: Socket, why: string): void {
    socket.end(`${JSON.stringify(failed(0, new Error(why), 'INK_BAD_ARGUMENT'))}\n`)
    socket.destroySoon()
  }
}

/** What is made meanwhile is its owner's alone, from the first moment on. A worker cannot say so, and changes the mode afterwards. */
function privately(make: () => void): void {
  let before: number | null = null
  try {
    before = process.umask(0o177)
  } catch {
    // In a worker.
  }
  try {
    make()
  } finally {
    if (before !== null) process.umask(before)
  }
}

/** Removes a socket on which nobody answers. */
async function makeRoom(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  const taken = (what: string): InkwireError =>
    new InkwireError('INK_ADDRESS_IN_USE', `the admin socket ${path}: ${what}`)
  if (!found.isSocket()) throw taken('there is something else; remove it, or choose another path')
  if (await answers(path)) throw taken('another process answers there; give each process a path of its own')
  unlinkSync(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const tell = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => {
      tell(true)
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      tell(code !== 'ECONNREFUSED' && code !== 'ENOENT')
    })
  })
}
