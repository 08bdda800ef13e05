/**
 * Calls that wait for what waits for them: handlers of messages hold all that a peer may have under way, and the replies that they wait
 * for stand behind more messages. Each call ends by its deadline, if it has one; that it is in such a cycle is told by name.
 *
 * Nobody can see what a handler waits for. So it is told when calls are open, handlers hold the window, and nothing of calls has come
 * for a whole period. One timer while calls are open, which keeps no process awake; a connection is told of once, until something comes.
 */
import { Alarm, Alarms } from '../messenger/alarm.ts'
import type { Connection } from '../messenger/connection.ts'
import type { LayerSeam } from '../messenger/layer-seam.ts'
import { AskedCall } from './asked-call.ts'
import type { SessionCalls } from './session-calls.ts'

const PERIOD_MS = 1000
const NAMES_MAX = 8

/** What was seen of a connection when it was looked at last. */
interface Seen {
  readonly heard: number
  readonly isTold: boolean
}

export class WaitCycles {
  readonly #seam: LayerSeam
  readonly #all: ReadonlyMap<Connection, SessionCalls>
  readonly #alarm: Alarm
  #seen = new Map<SessionCalls, Seen>()

  constructor(seam: LayerSeam, all: ReadonlyMap<Connection, SessionCalls>) {
    this.#seam = seam
    this.#all = all
    this.#alarm = new Alarm(new Alarms(seam.clock, 'idle'), this)
  }

  /** A call was made. */
  look(nowMs: number): void {
    this.#alarm.ringBy(nowMs + PERIOD_MS)
  }

  stop(): void {
    this.#alarm.clear()
    this.#seen.clear()
  }

  rung(): void {
    const before = this.#seen
    this.#seen = new Map()
    let isAny = false
    for (const calls of this.#all.values()) {
      if (calls.exchange.places.size === 0) continue
      isAny = true
      const heldMessages = calls.session?.heldUp ?? 0
      if (heldMessages === 0) continue
      const seen = before.get(calls)
      const stands = seen?.heard === calls.heard
      if (stands && !seen.isTold) this.#tell(calls, heldMessages)
      this.#seen.set(calls, { heard: calls.heard, isTold: stands })
    }
    if (isAny) this.look(this.#seam.clock.nowMs())
  }

  #tell({ connection, exchange }: SessionCalls, heldMessages: number): void {
    const names = new Set<string>()
    for (const asked of exchange.places.open) {
      if (asked instanceof AskedCall) names.add(asked.call.callName)
      if (names.size === NAMES_MAX) break
    }
    this.#seam.report({ type: 'waitCycle', connection, calls: [...names], heldMessages })
  }
}
