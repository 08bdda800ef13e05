/** Who has paths, and what looking after them takes of its messenger. */
import type { SessionEvent } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import type { Link } from '../transports/transport.ts'
import type { AutoWorld } from './auto-paths.ts'
import type { Connection } from './connection.ts'
import type { MessengerEvent } from './events.ts'
import type { LinkPort } from './link-port.ts'

/** Whose paths they are. */
export interface PathHolder {
  readonly session: Session
  readonly connection: Connection
  readonly reactor: { readonly isResting: boolean }
  readonly flow: { readonly port: LinkPort | null }
  post(event: SessionEvent): void
  /** Ends a link at once. */
  drop(link: number): void
}

/** The messenger. */
export interface PathWorld extends AutoWorld {
  dial(address: string): Link
  report(event: MessengerEvent): void
}
