/** What a simulated network is made with. */
import type { Overrides } from '../../common/options.ts'
import type { Clock } from '../../messenger/runtime.ts'
import type { NetworkConditions } from './conditions.ts'
import type { SeededRandom } from './random.ts'

/** Options of `new SimulatedNetwork()`. */
export interface SimulatedNetworkOptions {
  /** The time of this network. */
  readonly clock: Clock
  /** Default: seed 0. */
  readonly random?: SeededRandom | undefined
  /** Default: 0.1 ms of latency, no faults. */
  readonly conditions?: Overrides<NetworkConditions> | undefined
  /** `write` answers false above this; default: drawn for each link, from 1 KiB to 1 MiB. */
  readonly highWaterBytes?: number | undefined
  /** How long a closed link waits for its peer, in ms, 1 or more; then it is reset. Default 5,000. */
  readonly closeTimeoutMs?: number | undefined
  /** Told about every event, one line each. Default: nobody is. */
  readonly trace?: ((line: string) => void) | undefined
}
