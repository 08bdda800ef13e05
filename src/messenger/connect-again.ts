/** `connect()` to a peer that there is a connection to already. */
import { InkwireError } from '../common/errors.ts'
import { samePolicy } from '../policies/policy.ts'
import type { Wish } from '../session/endpoint/member.ts'
import type { Connection } from './connection.ts'
import type { Driver } from './driver.ts'

/** The caller gets the connection that there is, unless it wanted another kind. */
export function connectAgain(driver: Driver, { policy, kind }: Wish, text: string): Connection {
  if (driver.policy.kind !== kind || (policy !== null && !samePolicy(driver.policy, policy))) {
    const other = driver.policy.kind === kind ? `${kind} with other options` : driver.policy.kind
    throw new InkwireError(
      'INK_BAD_OPTION',
      `${text} is connected already, as ${other}: close that connection first, or pass anonymous: true`,
    )
  }
  driver.connectAt(text)
  return driver.connection
}
