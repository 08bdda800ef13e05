/** What Inkwire's own layers get of a messenger, beside what anybody may use. */
import type { MessengerLimits } from '../policies/limits.ts'
import type { MessengerEvent } from './events.ts'
import type { Clock, Random } from './runtime.ts'

export interface LayerSeam {
  readonly clock: Clock
  readonly random: Random
  readonly limits: MessengerLimits
  report(event: MessengerEvent): void
  /** What a layer has is in `dump()` of the messenger from now on, under its name. */
  shows(name: string, dump: () => unknown): void
}
