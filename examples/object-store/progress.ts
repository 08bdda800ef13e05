/** How far the work is: a bar on a terminal, and a plain line every few seconds elsewhere. */
import type { Progress } from './control.ts'

const LINE_EVERY_MS = 5_000
const BAR_COLUMNS = 30
const MIB = 1024 * 1024

export class ProgressView {
  readonly #out: NodeJS.WriteStream
  #phase: Progress['phase'] | null = null
  #startedMs = 0
  #shownMs = 0

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  /** `note` goes to the end of the line. */
  show(progress: Progress, note: string): void {
    const nowMs = performance.now()
    if (progress.phase !== this.#phase) {
      this.#phase = progress.phase
      this.#startedMs = this.#shownMs = nowMs
    }
    if (!this.#out.isTTY && nowMs < this.#shownMs + LINE_EVERY_MS) return
    this.#shownMs = nowMs
    const share = progress.ofBytes === 0 ? 1 : progress.bytes / progress.ofBytes
    const seconds = Math.max(0.001, (nowMs - this.#startedMs) / 1000)
    const what = progress.phase === 'store' ? 'storing' : 'reading'
    const percent = `${Math.floor(share * 100)}`.padStart(3)
    const done = `${progress.objects.toLocaleString('en')} of ${progress.ofObjects.toLocaleString('en')}`
    const text = `${done}, ${(progress.bytes / MIB / seconds).toFixed(1)} MiB/s${note}`
    if (this.#out.isTTY) {
      const filled = Math.round(share * BAR_COLUMNS)
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled)
      const line = `${what} ${bar} ${percent} % ${text}`
      this.#out.write(`\r${line.slice(0, Math.max(20, this.#out.columns - 1))}\x1b[K`)
    } else {
      this.#out.write(`${what} ${percent} %: ${text}\n`)
    }
  }

  /** A line of its own; the bar goes on below it. */
  line(text: string): void {
    this.#out.write(this.#out.isTTY ? `\r\x1b[K${text}\n` : `${text}\n`)
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[K')
  }
}
