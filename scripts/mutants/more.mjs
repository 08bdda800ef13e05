/**
 * Small slips, one per line that matters in session, policies, transactions, remote buffers, groups and the native protocol: a wrong comparison, a field that is not cleared, a check left out.
 *
 * An `equivalent` one changes nothing that anybody could see, and says why; it is kept so that nobody hunts for it again.
 */
import { ARBITRATION } from './more/arbitration.mjs'
import { BUFFER_SLIPS } from './more/buffers.mjs'
import { CREDIT } from './more/credit.mjs'
import { ENDS, IDENTITY } from './more/ends.mjs'
import { FRESH } from './more/fresh.mjs'
import { GROUP_SLIPS } from './more/groups.mjs'
import { INBOUND } from './more/inbound.mjs'
import { LINKLESS } from './more/linkless.mjs'
import { LIFE_SLIPS } from './more/lives.mjs'
import { COUNTS, MEMORY, PATHS } from './more/memory.mjs'
import { NATIVE_FRAMES } from './more/native-frames.mjs'
import { NATIVE_HANDSHAKE } from './more/native-handshake.mjs'
import { ONCE_SLIPS } from './more/once.mjs'
import { OUTBOUND } from './more/outbound.mjs'
import { PACER_SLIPS } from './more/pacer.mjs'
import { POLICIES } from './more/policies.mjs'
import { SESSION } from './more/session.mjs'
import { TRANSACTIONS } from './more/transactions.mjs'
import { TRANSITION } from './more/transition.mjs'

const EQUIVALENT = {
  'inlane gap of one': 'the count below is -1 for such a gap too',
  'fills on after the end': 'after the end nothing is read: only memory is let go of',
  'pours on after the end': 'after the end nothing is read: only memory is let go of',
  'session older offers forgotten': 'an older link is dropped before another one is offered anything',
}

export const MORE = [
  ...ARBITRATION,
  ...CREDIT,
  ...FRESH,
  ...INBOUND,
  ...LINKLESS,
  ...OUTBOUND,
  ...SESSION,
  ...TRANSITION,
  ...POLICIES,
  ...PACER_SLIPS,
  ...NATIVE_FRAMES,
  ...NATIVE_HANDSHAKE,
  ...TRANSACTIONS,
  ...ONCE_SLIPS,
  ...LIFE_SLIPS,
  ...BUFFER_SLIPS,
  ...ENDS,
  ...IDENTITY,
  ...MEMORY,
  ...COUNTS,
  ...PATHS,
  ...GROUP_SLIPS,
].map(([name, file, find, replace]) => ({ name, file, find, replace, equivalent: EQUIVALENT[name] }))
