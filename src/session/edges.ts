/**
 * Every edge of the connection state machine: for each state and event, the states that may follow, or why nothing does.
 *
 * The table is total. docs/STATES.md and its diagram are generated from it; tests hold `transition` against it.
 */
import type { StateName } from './machine.ts'
import type { EventName } from './event.ts'

/** States that may follow, or the reason for which the event is ignored. */
export type Edge = readonly StateName[] | string

/** Where a connection goes that has no link any more: what its policy, its session and its queue say. */
const LINKLESS = ['connecting', 'backoff', 'standby', 'closed'] as const

const NO_DIAL = 'no dial of ours is under way: the answer is stale'
const NO_PROMISE = 'nothing is promised: the confirmation is stale'
const NO_LINK = 'none of our links: it was dropped before'
const NOT_CLOSING = 'only a closing connection is told so'
const WAITS = 'the next dial is timed already'
const NOT_OPEN = 'no link carries the session that another could take it from'
const OVER = 'the connection is over'
const GOODBYE_SAID = 'goodbye is said; only the end of the link counts'

export const EDGES: Readonly<Record<StateName, Readonly<Record<EventName, Edge>>>> = {
  idle: {
    connect: ['connecting', 'idle'],
    work: ['connecting', 'idle'],
    offer: ['accepting', 'idle', 'closed'],
    opened: NO_DIAL,
    yielded: NO_DIAL,
    rejected: NO_DIAL,
    confirmed: NO_PROMISE,
    move: NOT_OPEN,
    take: NOT_OPEN,
    parted: NOT_OPEN,
    fault: NO_LINK,
    deadline: 'nothing is timed',
    goodbye: NO_LINK,
    close: ['closed'],
    drained: NOT_CLOSING,
    markDown: ['closed'],
  },
  connecting: {
    connect: 'the dial is under way',
    work: 'the dial is under way',
    offer: ['accepting', 'connecting'],
    opened: ['open', ...LINKLESS],
    yielded: ['yielding', 'connecting'],
    rejected: [...LINKLESS],
    confirmed: NO_PROMISE,
    move: NOT_OPEN,
    take: NOT_OPEN,
    parted: NOT_OPEN,
    fault: [...LINKLESS],
    deadline: [...LINKLESS],
    goodbye: NO_LINK,
    close: ['connecting', 'closed'],
    drained: ['closed', 'connecting'],
    markDown: ['closed'],
  },
  accepting: {
    connect: 'a promised link is on its way',
    work: 'a promised link is on its way',
    offer: ['accepting'],
    opened: NO_DIAL,
    yielded: NO_DIAL,
    rejected: NO_DIAL,
    confirmed: ['open', 'accepting'],
    move: NOT_OPEN,
    take: NOT_OPEN,
    parted: NOT_OPEN,
    fault: ['accepting', ...LINKLESS],
    deadline: ['accepting', ...LINKLESS],
    goodbye: NO_LINK,
    close: ['accepting', 'closed'],
    drained: ['closed', 'accepting'],
    markDown: ['closed'],
  },
  open: {
    connect: 'it is open',
    work: 'it is open: the link takes it',
    offer: ['open'],
    opened: ['open'],
    yielded: ['open'],
    rejected: ['open'],
    confirmed: ['open'],
    move: ['open'],
    take: ['open'],
    parted: ['open'],
    fault: ['open', 'accepting', ...LINKLESS],
    deadline: ['open', 'closed'],
    goodbye: ['open', 'idle', 'backoff', 'closed'],
    close: ['open', 'draining'],
    drained: ['draining', 'open'],
    markDown: ['closed'],
  },
  standby: {
    connect: ['connecting', 'standby'],
    work: ['connecting', 'standby'],
    offer: ['accepting', 'standby'],
    opened: NO_DIAL,
    yielded: NO_DIAL,
    rejected: NO_DIAL,
    confirmed: NO_PROMISE,
    move: NOT_OPEN,
    take: NOT_OPEN,
    parted: NOT_OPEN,
    fault: NO_LINK,
    deadline: ['standby', 'connecting', 'closed'],
    goodbye: NO_LINK,
    close: ['connecting', 'standby', 'closed'],
    drained: ['connecting', 'closed', 'standby'],
    markDown: ['closed'],
  },
  backoff: {
    connect: WAITS,
    work: WAITS,
    offer: ['accepting', 'backoff'],
    opened: NO_DIAL,
    yielded: NO_DIAL,
    rejected: NO_DIAL,
    confirmed: NO_PROMISE,
    move: NOT_OPEN,
    take: NOT_OPEN,
    parted: NOT_OPEN,
    fault: NO_LINK,
    deadline: ['backoff', 'connecting', 'closed'],
    goodbye: NO_LINK,
    close: ['connecting', 'backoff', 'closed'],
    drained: ['connecting', 'closed', 'backoff'],
    markDown: ['closed'],
  },
  yielding: {
    connect: WAITS,
    work: WAITS,
    offer: ['accepting', 'yielding'],
    opened: NO_DIAL,
    yielded: NO_DIAL,
    rejected: NO_DIAL,
    confirmed: NO_PROMISE,
    move: NOT_OPEN,
    take: NOT_OPEN,
    parted: NOT_OPEN,
    fault: NO_LINK,
    deadline: ['yielding', 'connecting', 'closed'],
    goodbye: NO_LINK,
    close: ['yielding', 'closed'],
    drained: ['closed', 'yielding'],
    markDown: ['closed'],
  },
  draining: {
    connect: GOODBYE_SAID,
    work: GOODBYE_SAID,
    offer: ['draining'],
    opened: NO_DIAL,
    yielded: NO_DIAL,
    rejected: NO_DIAL,
    confirmed: NO_PROMISE,
    move: NOT_OPEN,
    take: NOT_OPEN,
    parted: NOT_OPEN,
    fault: ['closed', 'draining'],
    deadline: ['closed', 'draining'],
    goodbye: GOODBYE_SAID,
    close: GOODBYE_SAID,
    drained: GOODBYE_SAID,
    markDown: ['closed'],
  },
  closed: {
    connect: OVER,
    work: OVER,
    offer: ['closed'],
    opened: OVER,
    yielded: OVER,
    rejected: OVER,
    confirmed: OVER,
    move: OVER,
    take: OVER,
    parted: OVER,
    fault: OVER,
    deadline: OVER,
    goodbye: OVER,
    close: OVER,
    drained: OVER,
    markDown: OVER,
  },
}

/** What follows a state, from any event, without staying. */
export function successors(state: StateName): StateName[] {
  const all = new Set<StateName>()
  for (const edge of Object.values(EDGES[state])) if (typeof edge !== 'string') for (const next of edge) all.add(next)
  all.delete(state)
  return [...all]
}
