/**
 * The end of a messenger, in its order: no new peers, every connection drained, its handlers waited for, and then the rest.
 *
 * Limit: nothing is waited for longer than `limits.drainTimeoutMs`, but what a caller of `close()` gave more time.
 */
import type { Endpoint } from '../session/endpoint/endpoint.ts'
import type { Assembly } from './assembly.ts'
import type { Driver } from './driver.ts'
import type { Loopback } from './loopback.ts'
import type { Shared } from './shared.ts'

/** Never rejects. */
export async function shutDown({ shared, table, loopback, endpoints, bound, acceptor }: Assembly): Promise<void> {
  bound.seal()
  const handlers = handlersEnd(shared, table, loopback)
  // A session that has lost its link drains when its peer finds us again.
  const closing = table.members().map((driver) => driver.caller.close({}))
  await Promise.allSettled([...closing, loopback.close({}), handlers])
  await endpoints.closeAll()
  await bound.close()
  acceptor.shutdown()
  shared.refusals.flush()
  shared.services.stop()
}

/** When no handler runs any more, those of connections that are over included; or when the time for that is up. */
function handlersEnd({ queue, limits, runtime }: Shared, table: Endpoint<Driver>, loopback: Loopback): Promise<void> {
  return new Promise((resolve) => {
    const timer = runtime.clock.setTimer(resolve, limits.drainTimeoutMs)
    const idle = (): void => {
      for (const driver of table.members()) driver.afterHandler()
      loopback.afterHandler()
      runtime.clock.clearTimer(timer)
      resolve()
    }
    queue.end(idle)
    if (queue.handling === 0) idle()
  })
}
