/**
 * Which transports are ours: they pass the conformance suite and throw nothing, so that no guard is paid for on their links.
 *
 * By object, not by scheme: what wraps one of ours is somebody else's.
 */
import type { Transport } from './transport.ts'

const VOUCHED = new WeakSet<Transport>()

/** Only for transports of this package. */
export function vouchFor<Ours extends Transport>(transport: Ours): Ours {
  VOUCHED.add(transport)
  return transport
}

export function isVouched(transport: Transport): boolean {
  return VOUCHED.has(transport)
}
