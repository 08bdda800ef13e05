/** What a state of the machine holds on to: its links, and how long it waits. */
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
