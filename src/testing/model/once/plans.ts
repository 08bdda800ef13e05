/** What is searched of calls that are to run once: each plan comes to its end, and has one kind of trouble more than the others. */

export interface OncePlan {
  readonly name: string
  /** Calls of one caller. */
  readonly calls: number
  /** How often each is tried. */
  readonly attempts: number
  /** How handlers end. `pass`: it handed the call on, in vain: it has not run. */
  readonly ends: readonly ('reply' | 'throw' | 'pass')[]
  /** Sessions that may be lost; processes of the server that may end, and another one takes their place. */
  readonly losses: number
  readonly restarts: number
  /** Callers that may give up. */
  readonly leaves: number
  /** The server may refuse so many attempts, as it is busy. */
  readonly refusals: number
}

const CALM = {
  calls: 1,
  attempts: 3,
  ends: ['reply', 'throw'],
  losses: 1,
  restarts: 0,
  leaves: 0,
  refusals: 0,
} as const

function plan(name: string, bounds: Partial<OncePlan>): OncePlan {
  return { name: `once: ${name}`, ...CALM, ...bounds }
}

/** In `npm test`. */
export const SMALL_ONCE_PLANS: readonly OncePlan[] = [
  plan('one, and its session is lost twice', { losses: 2, ends: ['reply', 'throw', 'pass'] }),
  plan('one, and its server is started anew', { restarts: 1 }),
  plan('one that its caller gives up, at a server that may be busy', { leaves: 1, refusals: 1 }),
]

/** For `npm run model`. */
export const LARGE_ONCE_PLANS: readonly OncePlan[] = [
  plan('one, sessions are lost, its server is started anew, busy or in vain', {
    ...{ losses: 2, restarts: 1, refusals: 1, leaves: 1 },
    ends: ['reply', 'throw', 'pass'],
  }),
  plan('two, and their session is lost', { calls: 2, attempts: 2 }),
  plan('two, and their server is started anew', { calls: 2, losses: 0, restarts: 1 }),
]
