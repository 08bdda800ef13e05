/** Gives the protocol's attendant its messenger: the time, the chance, and the first look at every message. */
import type { Attendant } from '../wire/attendant.ts'
import { Connection } from './connection.ts'
import type { Dispatchers } from './dispatchers.ts'
import type { MessengerEvent } from './events.ts'
import type { ResolvedOptions } from './options.ts'

/** Null when the protocol has nothing to do by itself. Called before the application can add a dispatcher. */
export function attend(
  { name, runtime, wire }: Pick<ResolvedOptions, 'name' | 'runtime' | 'wire'>,
  dispatchers: Pick<Dispatchers, 'use'>,
  report: (event: MessengerEvent) => void,
): Attendant | null {
  const { clock, random } = runtime
  const attendant = wire.attend?.({
    name,
    nowMs: () => clock.nowMs(),
    wallMs: () => clock.wallMs(),
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    clearTimer: (timer) => {
      clock.clearTimer(timer)
    },
    randomBytes: (count) => random.bytes(count),
    failed: (session, reason) => {
      if (session instanceof Connection) report({ type: 'authFailed', connection: session, reason })
    },
  })
  if (attendant === undefined) return null
  dispatchers.use({ fastDispatch: (message, connection) => attendant.message(connection, message) })
  return attendant
}
