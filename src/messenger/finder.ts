/** The terms of whoever finds peers by name for a messenger: what `connect({ name })` asks, and who answers it. */
import type { Connection } from './connection.ts'
import type { ConnectOptions } from './options.ts'

/** Options of `connect({ name })`: those of `connect(address)`, and how long a peer is waited for that is not known yet. */
export interface FindOptions extends Omit<ConnectOptions, 'name'> {
  /** `osd.3`. */
  readonly name: string
  /** Ends the wait for a peer that is not found; a connection that was given lives on. Default: it is waited for until discovery ends. */
  readonly signal?: AbortSignal | undefined
}

/** Finds peers for one messenger; `discovery()` of `inkwire/discovery` makes one. */
export interface Finder {
  /** The connection to a peer, as soon as it is found; it follows its name from then on. */
  connect(options: FindOptions): Promise<Connection>
}
