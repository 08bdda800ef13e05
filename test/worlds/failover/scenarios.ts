/** All scenarios, in the order of Ceph's table. */
import { LOSSLESS_SCENARIOS } from './lossless.ts'
import { LOSSY_SCENARIOS } from './lossy.ts'
import { MARK_DOWN_SCENARIOS } from './mark-down.ts'
import { PEER_SCENARIOS } from './peers.ts'
import { RACING_SCENARIOS } from './racing.ts'
import type { Scenario } from './scenario.ts'
import { STALE_SCENARIOS } from './stale.ts'

export const SCENARIOS: readonly Scenario[] = [
  ...LOSSY_SCENARIOS,
  ...LOSSLESS_SCENARIOS,
  ...PEER_SCENARIOS,
  ...RACING_SCENARIOS,
  ...STALE_SCENARIOS,
  ...MARK_DOWN_SCENARIOS,
]
