/**
 * What a hostile peer has found out about others: everything that anybody says in the clear.
 *
 * Names, instances and addresses are in every HELLO, session ids in every OPEN; whoever reads one link of somebody has
 * them. They are no secrets and prove nothing, which is what the tricks try.
 */
import type { Messenger } from '../../messenger/messenger.ts'

/** Somebody else, as a hostile peer knows it. */
export interface Acquaintance {
  /** `osd.1`. */
  readonly name: string
  /** 32 hexadecimal digits. */
  readonly instance: string
  readonly addresses: readonly string[]
  /** Ids of sessions that it is in, 32 hexadecimal digits each. */
  readonly sessions: readonly string[]
}

/** All that can be known of these messengers now. */
export function acquaintances(messengers: Iterable<Messenger>): Acquaintance[] {
  return [...messengers].map((messenger) => ({
    name: messenger.name,
    instance: messenger.instance,
    addresses: messenger.addresses,
    sessions: messenger.dump().connections.flatMap(({ session }) => session ?? []),
  }))
}
