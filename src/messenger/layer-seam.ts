/** What a layer that is built into the public `Messenger` gets of it, beside the services that anybody may use. */
import type { MessengerLimits } from '../policies/limits.ts'
import type { MessengerEvent } from './events.ts'
import type { Clock } from './runtime.ts'

export interface LayerSeam {
  readonly clock: Clock
  readonly limits: MessengerLimits
  report(event: MessengerEvent): void
}
