/** Asks the admin socket of another process. One question at a time; every wait has an end. */
import { connect, type Socket } from 'node:net'
import { InkwireError } from '../../common/errors.ts'
import { Lines } from './lines.ts'
import { ADMIN_VERSION, ANSWER_BYTES_MAX, type AdminAnswer, type Question } from './protocol.ts'

/** How long an answer is waited for, in ms: a process whose event loop stands still accepts, and says nothing. */
const ANSWER_MS = 8000

interface Waiting {
  readonly resolve: (answer: AdminAnswer) => void
  readonly reject: (error: InkwireError) => void
}

export class AdminClient implements Disposable {
  readonly path: string
  readonly #socket: Socket
  readonly #timeoutMs: number
  #waiting: Waiting | null = null
  #gone: InkwireError | null = null
  #id = 0

  constructor(path: string, timeoutMs = ANSWER_MS) {
    this.path = path
    this.#timeoutMs = timeoutMs
    this.#socket = connect(path)
    const lines = new Lines(ANSWER_BYTES_MAX)
    this.#socket.on('data', (chunk) => {
      for (const line of lines.add(chunk) ?? []) this.#heard(line)
    })
    this.#socket.on('error', (error) => {
      this.#lose(`${path}: ${error.message}`)
    })
    this.#socket.on('close', () => {
      this.#lose(`${path}: the process has hung up`)
    })
  }

  /**
   * @throws InkwireError `INK_CONNECTION_REFUSED` when nobody is there any more, `INK_TIMEOUT` when nothing is said, and whatever
   *   the process answers instead.
   */
  async ask(ask: Question, peer?: string): Promise<unknown> {
    const id = ++this.#id
    const answered = await new Promise<AdminAnswer>((resolve, reject) => {
      if (this.#gone !== null) {
        reject(this.#gone)
        return
      }
      const late = setTimeout(() => {
        const text = `${this.path}: no answer within ${this.#timeoutMs} ms; its event loop may stand still: inkwire stat knows`
        reject(new InkwireError('INK_TIMEOUT', text))
        this.close()
      }, this.#timeoutMs)
      const settle = <Value>(tell: (value: Value) => void) => {
        return (value: Value): void => {
          clearTimeout(late)
          this.#waiting = null
          tell(value)
        }
      }
      this.#waiting = { resolve: settle(resolve), reject: settle(reject) }
      this.#socket.write(`${JSON.stringify({ v: ADMIN_VERSION, id, ask, peer })}\n`)
    })
    if ('answer' in answered) return answered.answer
    const { code, message } = answered.error
    throw Object.assign(new InkwireError('INK_REFUSED', message), { code })
  }

  close(): void {
    this.#socket.destroy()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #heard(line: string): void {
    try {
      this.#waiting?.resolve(JSON.parse(line) as AdminAnswer)
    } catch {
      this.#lose(`${this.path}: what answers there is no admin socket of Inkwire`)
      this.close()
    }
  }

  #lose(why: string): void {
    this.#gone ??= new InkwireError('INK_CONNECTION_REFUSED', why)
    this.#waiting?.reject(this.#gone)
  }
}
