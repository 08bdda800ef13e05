/** Gives a protocol's own service the world of its messenger: the time and the chance. */
import type { SessionService } from '../wire/service.ts'
import type { MessengerEvent } from './events.ts'
import type { ResolvedOptions } from './options.ts'
import { OpenService } from './service.ts'

/** Null when the protocol has nothing to do by itself. */
export function protocolService(
  { name, runtime, wire }: Pick<ResolvedOptions, 'name' | 'runtime' | 'wire'>,
  report: (event: MessengerEvent) => void,
): SessionService | null {
  const { clock, random } = runtime
  const service = wire.service?.({
    name,
    nowMs: () => clock.nowMs(),
    wallMs: () => clock.wallMs(),
    setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    clearTimer: (timer) => {
      clock.clearTimer(timer)
    },
    randomBytes: (count) => random.bytes(count),
    failed: (session, reason) => {
      if (session instanceof OpenService) report({ type: 'authFailed', connection: session.connection, reason })
    },
  })
  return service ?? null
}
