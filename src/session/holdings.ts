/** What a state of the machine holds on to: its links, what each is to it, and how long it waits. */
import type { ConnectionState, LinkId, Machine } from './machine.ts'
import * as moving from './moving.ts'

/** When the machine wants a `deadline` event, in ms; Infinity: never. */
export function deadlineOf(machine: Machine): number {
  const closing = machine.life.name === 'closing' ? machine.life.deadlineMs : Infinity
  return machine.state.name === 'closed' ? Infinity : Math.min(closing, stateDeadline(machine.state))
}

/** The links that a state holds on to. */
export function linksOf(state: ConnectionState): LinkId[] {
  switch (state.name) {
    case 'connecting':
    case 'draining':
      return [state.link]
    case 'accepting':
      return [state.pledge.link]
    case 'open': {
      const beside = [...(state.rival === null ? [] : [state.rival.link]), ...besideOf(state)]
      return [state.link, ...beside]
    }
    case 'idle':
    case 'standby':
    case 'backoff':
    case 'yielding':
    case 'closed':
      return []
  }
}

function besideOf({ move }: moving.Open): LinkId[] {
  return move == null ? [] : [moving.moveLink(move)]
}

/**
 * A link `carries` the session, was `left` for another one, or is a `spare` one, or has such a one in its place at once. Those
 * two are no faults when they are lost.
 */
export type Regard = 'carries' | 'left' | 'spare'

/** What a link is to a session in this state. */
export function regardOf(state: ConnectionState, link: LinkId): Regard {
  if (state.name === 'connecting') return state.moves === true && state.link !== link ? 'left' : 'carries'
  if (state.name !== 'open') return 'carries'
  const { move, rival } = state
  if (move?.name === 'left' && move.link === link) return 'left'
  const replaced = moving.takesOver(state) !== null || rival?.moves === true
  if (link === state.link) return replaced ? 'spare' : 'carries'
  return replaced || move?.name === 'dialling' ? 'spare' : 'carries'
}

/** When a state has waited long enough, in ms; Infinity: it waits for nothing. */
export function stateDeadline(state: ConnectionState): number {
  switch (state.name) {
    case 'connecting':
    case 'draining':
      return state.deadlineMs
    case 'accepting':
      return state.pledge.deadlineMs
    case 'open':
      return Math.min(state.rival?.deadlineMs ?? Infinity, moving.moveDeadline(state.move))
    case 'standby':
      return Math.min(state.probeMs, state.expiresMs)
    case 'backoff':
    case 'yielding':
      return state.untilMs
    case 'idle':
    case 'closed':
      return Infinity
  }
}
