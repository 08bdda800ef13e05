/** What the parts of one messenger share: made once by the messenger, handed to every connection. */
import type { Throttle } from '../policies/throttle.ts'
import type { MessengerLimits } from '../policies/limits.ts'
import type { HeldBudget } from '../policies/held-budget.ts'
import type { PolicyAccounts } from '../policies/held-account.ts'
import type { Policy } from '../policies/policy.ts'
import type { Endpoint } from '../session/endpoint/endpoint.ts'
import type { Member } from '../session/endpoint/member.ts'
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Link } from '../transports/transport.ts'
import type { OutBuffer } from '../wire/out-buffer.ts'
import type { WireContext, WireProtocol } from '../wire/wire.ts'
import type { Alarms } from './alarm.ts'
import type { BodyMemory } from './body-memory.ts'
import type { CallLayer } from './calls.ts'
import type { Connection } from './connection.ts'
import type { DispatchQueue } from './dispatch-queue.ts'
import type { Dispatchers } from './dispatchers.ts'
import type { MessengerEvent } from './events.ts'
import type { NameQuota } from './name-quota.ts'
import type { Redials } from './redials.ts'
import type { Refusals } from './refusals.ts'
import type { Runtime } from './runtime.ts'
import type { Services } from './services.ts'
import type { Stamps } from './stamps.ts'

/** A connection, as the others of its messenger know it. */
export interface Neighbour extends Member {
  /** The peer is known to be gone for good. */
  giveUp(code: InkwireErrorCode, reason: string): void
}

export interface Shared {
  readonly runtime: Runtime
  /** One timer for the deadlines of all connections. */
  readonly alarms: Alarms
  readonly limits: MessengerLimits
  readonly wire: WireProtocol
  readonly services: Services
  /** The layer that does calls. Throws when this messenger has none. */
  calls(): CallLayer<Connection>
  /** Canonical bytes of this messenger's entity address, hexadecimal. */
  self(): string
  /** Where every connection encodes; used within one call only. */
  readonly out: OutBuffer
  readonly stamps: Stamps
  readonly bodies: BodyMemory
  readonly dispatchers: Dispatchers
  readonly queue: DispatchQueue
  /** Every connection, and which of them is meant. */
  readonly table: Endpoint<Neighbour>
  /** Who we are, with the addresses of now. */
  context(): WireContext
  report(event: MessengerEvent): void
  /** Where links that were refused are told of. */
  readonly refusals: Refusals
  /** Throws `INK_BAD_ADDRESS`. */
  dial(address: string): Link
  /** The addresses that a host name stands for now; undefined: it is no name, or its transport cannot say. */
  addressesOf(address: string): Promise<readonly string[]> | undefined
  /** The one text of an address. Throws `INK_BAD_ADDRESS`. */
  textOf(address: string): string
  /** Schemes of the paths that sessions are to go to, best first; null: none. */
  readonly pathSchemes: readonly string[] | null
  /** Where peers may send us. */
  readonly redials: Redials
  /** What all connections hold of received messages. */
  readonly held: HeldBudget
  /** What all connections under this policy may hold; null when it has no throttle. */
  heldOf(policy: Policy): PolicyAccounts | null
  /** How many sessions each name may make us keep. */
  readonly quota: NameQuota
  /** A number that no link of this messenger had before. */
  nextLink(): number
  /** The throttle that all connections under this policy share; null when it has no bound. */
  throttleOf(policy: Policy): Throttle | null
}
