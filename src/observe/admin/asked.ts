/** What questions are asked of: an observer, as far as they need it. */
import type { HealthReport } from '../health.ts'
import type { Snapshot } from '../snapshot.ts'
import type { PeerTrace } from '../trace.ts'
import type { PeerView } from '../watched.ts'
import type { Why } from '../why.ts'

export interface Asked {
  readonly messenger: { readonly name: string }
  snapshot(): Snapshot
  why(peer: string): Why
  peer(peer: string): PeerView
  trace(peer?: string): readonly PeerTrace[]
  prometheus(): string
  health(): HealthReport
  ping(peer: string, options: { readonly signal: AbortSignal }): Promise<number>
}
