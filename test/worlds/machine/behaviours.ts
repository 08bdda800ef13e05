/** All behaviours, in the order of a connection's life. */
import { CEPH } from './ceph.ts'
import { FINISHING } from './finishing.ts'
import { BACKOFF, STANDBY, YIELDING } from './linkless.ts'
import { OPEN, TWO_SESSIONS } from './open.ts'
import { ACCEPTING, CONNECTING, IDLE } from './opening.ts'
import type { Behaviour } from './scenario.ts'

export const BEHAVIOURS: readonly Behaviour[] = [
  ...IDLE,
  ...CONNECTING,
  ...ACCEPTING,
  ...OPEN,
  ...STANDBY,
  ...BACKOFF,
  ...YIELDING,
  ...FINISHING,
  ...TWO_SESSIONS,
  ...CEPH,
]
