/**
 * Keeps one session with one of several monitors, whichever answers: a lost one is looked for again, at the next address.
 *
 * A monitor treats clients as lossy, so each session is a connection of its own, and its end is told. The next monitor is
 * dialled as soon as one says no, whatever its reason (it is outside the quorum, it refuses the key), and after `huntMs`
 * when it says nothing. After a whole round without success the pause before the next dial doubles, up to two seconds.
 * Only what this side knows for certain ends the hunt, such as a keyring without our key: a refusal proves nothing.
 */
import { asError, InkwireError } from '../common/errors.ts'
import { Alarm, Alarms } from '../messenger/alarm.ts'
import type { Connection, InkwireErrorCode, Message, Messenger, Runtime } from '../index.ts'
import { pauseMs } from './pauses.ts'

/** What the hunter tells. Nothing is told after `failed` or `stop()`. */
export interface HunterEvents {
  /** A session began. */
  opened(connection: Connection, address: string): void
  /** The session is over, or a dial came to nothing; the hunt goes on. */
  lost(reason: string): void
  message(message: Message): void
  /** The hunt is over. */
  failed(error: InkwireError): void
}

export interface HunterOptions {
  readonly messenger: Messenger
  readonly runtime: Runtime
  readonly events: HunterEvents
  readonly monitors: readonly string[]
  /** How long one monitor may take to answer a dial, in ms. */
  readonly huntMs: number
}

const HOPELESS: readonly InkwireErrorCode[] = ['INK_AUTH_REFUSED', 'INK_POLICY_MISMATCH']

export class MonHunter {
  readonly #options: HunterOptions
  readonly #leave: () => void
  #monitors: readonly string[]
  #next = 0
  /** Dials since the last session. */
  #tries = 0
  #connection: Connection | null = null
  #open = false
  /** Late, it lets what came meanwhile be read first: that may be the answer that was missed. */
  readonly #alarm: Alarm
  #due = (): void => undefined
  #stopped = false

  constructor(options: HunterOptions) {
    this.#options = options
    this.#monitors = options.monitors
    this.#alarm = new Alarm(new Alarms(options.runtime.clock), {
      rung: () => {
        this.#due()
      },
    })
    this.#leave = options.messenger.use({
      onConnect: (connection) => {
        if (connection === this.#connection) this.#opened(connection)
      },
      onReset: (connection) => {
        if (connection === this.#connection)
          this.again(`${connection.peer.address}: ${connection.dump().lastFault ?? 'the session ended'}`)
      },
      onRefused: (connection, error) => {
        if (connection === this.#connection) this.#refused(connection, error)
      },
    })
  }

  /** Dials the first monitor. */
  start(): void {
    this.#dial()
  }

  /** The session that is open now. */
  get connection(): Connection | null {
    return this.#open ? this.#connection : null
  }

  /** From the next dial on. An empty list changes nothing. */
  learn(monitors: readonly string[]): void {
    if (monitors.length === 0 || monitors.join() === this.#monitors.join()) return
    this.#monitors = monitors
    this.#next = 0
  }

  /** Gives up this monitor, and looks for the next. */
  again(reason: string): void {
    if (this.#stopped) return
    const had = this.#open
    this.#drop()
    this.#options.events.lost(reason)
    if (!this.#stopped) this.#setTimer(had ? 0 : this.#pauseMs(), () => this.#dial())
  }

  /** Ends the session and the hunt. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#leave()
    this.#drop()
  }

  #dial(): void {
    const { messenger, huntMs, events } = this.#options
    const address = this.#monitors[this.#next++ % this.#monitors.length]!
    this.#tries++
    try {
      this.#connection = messenger.connect(address, { type: 'mon', anonymous: true })
    } catch (thrown) {
      this.#fail(thrown instanceof InkwireError ? thrown : new InkwireError('INK_INTERNAL', asError(thrown).message))
      return
    }
    const connection = this.#connection
    this.#setTimer(huntMs, () => {
      const fault = connection.dump().lastFault
      this.again(`${address} did not answer within ${huntMs} ms${fault === null ? '' : ` (${fault})`}`)
    })
    connection.messages$.subscribe({
      next: (message) => {
        if (connection === this.#connection) events.message(message)
      },
      // It ends without another word when the messenger shuts down; else what follows in this turn says more.
      complete: () => {
        this.#options.runtime.clock.defer(() => {
          if (connection === this.#connection) this.again('the connection was closed')
        })
      },
    })
    connection.state$.subscribe((state) => {
      if (state === 'backoff' && connection === this.#connection) this.#failed(connection)
    })
  }

  #opened(connection: Connection): void {
    this.#alarm.clear()
    this.#open = true
    this.#tries = 0
    this.#options.events.opened(connection, connection.peer.address)
  }

  #refused(connection: Connection, error: InkwireError): void {
    if (connection.state !== 'closed') return
    if (HOPELESS.includes(error.code)) this.#fail(error)
    else this.again(error.message)
  }

  /** The messenger goes on dialling: with one monitor there is nothing better to do. */
  #failed(connection: Connection): void {
    const reason = `${connection.peer.address}: ${connection.dump().lastFault ?? 'it did not answer'}`
    if (this.#monitors.length > 1) this.again(reason)
    else this.#options.events.lost(reason)
  }

  #fail(error: InkwireError): void {
    this.stop()
    this.#options.events.failed(error)
  }

  #drop(): void {
    const connection = this.#connection
    this.#connection = null
    this.#open = false
    this.#alarm.clear()
    connection?.markDown()
  }

  #pauseMs(): number {
    const round = Math.floor(this.#tries / this.#monitors.length)
    return round === 0 ? 0 : pauseMs(round - 1, this.#options.runtime.random)
  }

  #setTimer(delayMs: number, act: () => void): void {
    this.#alarm.clear()
    this.#due = act
    this.#alarm.ringBy(this.#options.runtime.clock.nowMs() + delayMs)
  }
}
