/** What is searched of the registry of buffers: each plan is small enough to come to an end. */

/** A buffer that may be registered. */
export interface BufferKind {
  readonly bytes: number
  readonly deadlineMs: number
  readonly uses: number
}

export interface BufferPlan {
  readonly name: string
  /** Registered in this order, each once. */
  readonly kinds: readonly BufferKind[]
  /** Each may have one transfer at a time. */
  readonly peers: readonly string[]
  /** How many transfers are ever opened. */
  readonly uses: number
  readonly transfersMax: number
  /** How far time goes. */
  readonly lastMs: number
}

const LASTING: BufferKind = { bytes: 1, deadlineMs: Infinity, uses: Infinity }
/** By time, and by uses. */
const RUNNING_OUT: BufferKind = { bytes: 2, deadlineMs: 2, uses: 1 }
const TWO_PEERS = ['osd.1', 'osd.2']

function plan(name: string, kinds: readonly BufferKind[], bounds: Partial<BufferPlan>): BufferPlan {
  return { name: `buffers: ${name}`, kinds, peers: TWO_PEERS, uses: 2, transfersMax: 2, lastMs: 2, ...bounds }
}

/** In `npm test`. */
export const SMALL_BUFFER_PLANS: readonly BufferPlan[] = [
  plan('one that lasts, two uses', [LASTING], {}),
  plan('one that runs out, two uses', [RUNNING_OUT], { lastMs: 3 }),
  plan('two, three uses', [LASTING, RUNNING_OUT], { uses: 3, lastMs: 3 }),
]

/** For `npm run model`. */
export const LARGE_BUFFER_PLANS: readonly BufferPlan[] = [
  plan('two, two uses', [LASTING, RUNNING_OUT], { lastMs: 3 }),
  plan('two, three uses', [LASTING, RUNNING_OUT], { uses: 3 }),
  plan('two, three uses, room for one', [LASTING, RUNNING_OUT], { uses: 3, transfersMax: 1, lastMs: 3 }),
  plan('one, three peers', [LASTING], { peers: [...TWO_PEERS, 'osd.3'], uses: 3, transfersMax: 3 }),
]
