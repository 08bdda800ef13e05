/** How a simulated network behaves between two hosts: the values, their defaults, and the check of what a test asks for. */
import { fraction, numberOption, optionObject } from '../../common/options.ts'
import type { NumberRange, Overrides } from '../../common/options.ts'

/** How the network behaves between two hosts. Everything may be changed while it runs. */
export interface NetworkConditions {
  readonly latencyMinMs: number
  /** Mean of the latency; now and then it is three times as long. */
  readonly latencyMeanMs: number
  /** Bandwidth of one link, in bytes per ms; Infinity: no limit. */
  readonly bytesPerMs: number
  /** How often a delivery stops at a random byte, and the rest comes later. */
  readonly prefixProbability: number
  /** How often a dial is refused although somebody listens. */
  readonly refuseProbability: number
  /** How often a dial is held up, and for how long at most, in ms. */
  readonly dialDelayProbability: number
  readonly dialDelayMaxMs: number
  /** How often the first flight of a dial arrives once more, later, on a link of which the dialler knows nothing. */
  readonly dialDuplicateProbability: number
  readonly dialDuplicateMaxMs: number
}

/** What holds where nothing else is said. */
export const CALM: NetworkConditions = {
  latencyMinMs: 0.05,
  latencyMeanMs: 0.1,
  bytesPerMs: Infinity,
  prefixProbability: 0,
  refuseProbability: 0,
  dialDelayProbability: 0,
  dialDelayMaxMs: 0,
  dialDuplicateProbability: 0,
  dialDuplicateMaxMs: 0,
}

export const NO_FAULTS: Partial<NetworkConditions> = {
  refuseProbability: 0,
  dialDelayProbability: 0,
  dialDuplicateProbability: 0,
}

const MS = fraction(0, 2 ** 31 - 1)
const PROBABILITY = fraction(0, 1)

const RANGES: Readonly<Record<keyof NetworkConditions, NumberRange>> = {
  latencyMinMs: MS,
  latencyMeanMs: MS,
  bytesPerMs: { ...fraction(Number.MIN_VALUE, Number.MAX_VALUE), infinity: true },
  prefixProbability: PROBABILITY,
  refuseProbability: PROBABILITY,
  dialDelayProbability: PROBABILITY,
  dialDelayMaxMs: MS,
  dialDuplicateProbability: PROBABILITY,
  dialDuplicateMaxMs: MS,
}

/** What `given` changes of `base`. Throws `INK_BAD_OPTION`. */
export function changed<T extends Partial<NetworkConditions>>(
  base: T,
  given: Overrides<NetworkConditions> | undefined,
): T {
  const wanted = optionObject('conditions', given, Object.keys(RANGES))
  const conditions: T = { ...base }
  for (const name of Object.keys(wanted) as (keyof NetworkConditions)[]) {
    if (wanted[name] !== undefined)
      Object.assign(conditions, { [name]: numberOption(`conditions.${name}`, wanted[name], RANGES[name], 0) })
  }
  return conditions
}
