/**
 * What a silent peer has come to, as far as its network tells: a session outlives its links, so all that is known is how the last dial
 * ended. A host that answers that nobody listens has lost the process; one that cannot be reached is down, or cut off.
 */
import type { Connection } from '../index.ts'
import type { LeftReason } from './terms.ts'

/** As the transports say it; see `LinkEnd`. */
const REFUSED = /^Nobody listens/
const UNREACHABLE = /^The host could not be reached/

/** Its link may still be open, and say nothing. */
export function whySilent(connection: Pick<Connection, 'state' | 'dump'>): LeftReason {
  if (connection.state === 'open') return 'partition'
  const fault = connection.dump().lastFault ?? ''
  if (REFUSED.test(fault)) return 'process-down'
  return UNREACHABLE.test(fault) ? 'node-down' : 'partition'
}
