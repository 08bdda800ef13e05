/**
 * How a connection ends in order: the peer says goodbye, the caller closes, or gives it up at once. Pure, as all of the
 * machine: see transition.ts.
 */
import { invariant } from '../common/errors.ts'
import { linksOf } from './holdings.ts'
import { after, dial, end, mayDialForAcks, redial } from './linkless.ts'
import type { ConnectionState, Effect, Machine, MachineConfig, Step } from './machine.ts'
import type { Input, SessionEvent } from './event.ts'
import { drop } from './open-link.ts'

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>

/** A closing connection has nothing left to do. */
export const DRAINED: SessionEvent = { type: 'drained' }
/** The peer was promised a message that there is no more; what it must not get is made up. */
export const SPOILED: SessionEvent = {
  type: 'markDown',
  cause: 'fault',
  code: 'INK_RESET',
  reason: 'a message that must be sent again was transferred away or resized before it was acked',
}

/** The peer has ended the session: our side of it is over, the connection of a caller is not. */
export function onGoodbye(config: MachineConfig, machine: Machine, event: EventOf<'goodbye'>, input: Input): Step {
  const { state } = machine
  if (state.name !== 'open' || state.link !== event.link) return stay(machine)
  const { code, reason } = event
  const drops = linksOf(state).map((link) => drop(link, 'end', reason))
  const dials =
    config.role === 'initiator' && (config.policy.kind === 'losslessClient' || config.policy.kind === 'peer')
  if (!dials || machine.life.name === 'closing') return after(drops, end(machine, 'peer', code, reason))
  const reset: Effect = { type: 'remoteReset', code, reason }
  const ended: Machine = {
    ...machine,
    session: null,
    tentative: null,
    failures: machine.failures + 1,
    state: { name: 'idle' },
  }
  const requeues = config.policy.onReset === 'requeue' && input.hasWork
  return after([...drops, reset], requeues ? redial(config, ended, input) : stay({ ...ended, failures: 0 }))
}

/** `close()` may be called again: the earliest of its deadlines counts. */
export function closing(machine: Machine, deadlineMs: number): Machine {
  const { life } = machine
  const earliest = life.name === 'closing' ? Math.min(life.deadlineMs, deadlineMs) : deadlineMs
  return { ...machine, life: { name: 'closing', deadlineMs: earliest } }
}

/** A closing connection with nothing left to do says goodbye, or is closed when there is nobody to say it to. */
export function finish(config: MachineConfig, machine: Machine, input: Input): Step {
  const { state, life } = machine
  if (input.hasWork && state.name !== 'idle') return stay(machine)
  invariant(life.name === 'closing', 'only a closing connection finishes')
  if (state.name !== 'open') return finishWithoutLink(config, machine, input)
  const drops = linksOf(state)
    .slice(1)
    .map((link) => drop(link, 'end', 'closed'))
  const draining: Machine = { ...machine, state: { name: 'draining', link: state.link, deadlineMs: life.deadlineMs } }
  return stay(draining, ...drops, { type: 'goodbye', link: state.link, reason: 'closed' })
}

/** Whoever can still say what was finished does so; else there is nothing to wait for. */
function finishWithoutLink(config: MachineConfig, machine: Machine, input: Input): Step {
  const { state } = machine
  const says = mayDialForAcks(config, machine, input)
  if (says && (state.name === 'backoff' || state.name === 'standby')) return dial(config, machine, input)
  if (says && (state.name === 'connecting' || state.name === 'yielding')) return stay(machine)
  // Where the peer comes by itself, every policy waits for it.
  if (input.owesAcks && machine.session !== null && state.name === 'accepting') return stay(machine)
  const drops = linksOf(state).map((link) => drop(link, 'end', 'closed'))
  return after(drops, end(machine, 'local', 'INK_CLOSED', 'closed'))
}

export function markDown(machine: Machine, event: EventOf<'markDown'>): Step {
  const { state } = machine
  const { reason } = event
  return after(farewell(state, reason), end(machine, event.cause, event.code, reason))
}

/** A connection ends at once: an open link has time for its last words, every other one is dropped. */
export function farewell(state: ConnectionState, reason: string): Effect[] {
  const effects: Effect[] = state.name === 'open' ? [{ type: 'goodbye', link: state.link, reason }] : []
  for (const link of linksOf(state))
    if (state.name !== 'open' || link !== state.link) effects.push(drop(link, 'end', reason))
  return effects
}

function stay(machine: Machine, ...effects: Effect[]): Step {
  return { machine, effects }
}
