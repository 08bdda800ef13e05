/**
 * The connection state machine: `transition(machine, event) -> { machine, effects }`. Pure and total.
 *
 * Every (state, event) pair is an edge of the table in edges.ts, or is ignored for the reason given there. Time, chance
 * and fresh names come in with the event. What follows the loss of a link is in linkless.ts; what an arriving link
 * means is in arbitration.ts, how it ends in farewell.ts; this file says how the rest hangs together.
 */
import { arbitrate } from './arbitration.ts'
import { NO_BALLOT, corrected } from './ballot.ts'
import { EDGES } from './edges.ts'
import { closing, farewell, finish, markDown, onGoodbye } from './farewell.ts'
import { linksOf, stateDeadline } from './holdings.ts'
import { after, afterLink, dial, end, expire, expired, giveWay } from './linkless.ts'
import * as moving from './moving.ts'
import { adopt, drop, moveTo, onOpenDeadline, onOpenFault } from './open-link.ts'
import type { ConnectionState, DropCause, Effect, Machine, MachineConfig, Pledge, Step } from './machine.ts'
import type { Input, SessionEvent } from './event.ts'
import type { SessionOffer } from '../wire/wire.ts'

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>

/** A connection that has not begun. */
export const NEWBORN: Machine = {
  state: { name: 'idle' },
  life: { name: 'running' },
  best: NO_BALLOT,
  session: null,
  tentative: null,
  instance: null,
  failures: 0,
  linklessSinceMs: null,
}

/** What `event` makes of `machine`. */
export function transition(config: MachineConfig, machine: Machine, event: SessionEvent, input: Input): Step {
  if (typeof EDGES[machine.state.name][event.type] === 'string') return ignore(machine, event)
  switch (event.type) {
    case 'connect':
    case 'work':
      return config.policy.kind === 'losslessServer' || !input.canDial ? stay(machine) : dial(config, machine, input)
    case 'offer':
      return onOffer(config, machine, event, input)
    case 'opened':
      return onOpened(config, machine, event, input)
    case 'yielded':
      return onYielded(config, machine, event, input)
    case 'rejected':
      return onRejected(config, machine, event, input)
    case 'confirmed':
      return onConfirmed(config, machine, event, input)
    case 'move':
      return machine.state.name === 'open'
        ? moving.startMove(config, machine, machine.state, event.purpose, input)
        : stay(machine)
    case 'take':
      return machine.state.name === 'open' ? moving.takeReady(machine, machine.state, input) : stay(machine)
    case 'parted':
      return onParted(config, machine, event, input)
    case 'fault':
      return onFault(config, machine, event, input)
    case 'deadline':
      return onDeadline(config, machine, input)
    case 'goodbye':
      return onGoodbye(config, machine, event, input)
    case 'close':
      return finish(config, closing(machine, event.deadlineMs), input)
    case 'drained':
      return machine.life.name === 'closing' ? finish(config, machine, input) : stay(machine)
    case 'markDown':
      return markDown(machine, event)
  }
}

function stay(machine: Machine, ...effects: Effect[]): Step {
  return { machine, effects }
}

/** An ignored answer leaves a link behind that nobody wants. */
function ignore(machine: Machine, event: SessionEvent): Step {
  switch (event.type) {
    case 'opened':
    case 'yielded':
    case 'rejected':
    case 'confirmed':
      return stay(machine, drop(event.link, 'race', `stale ${event.type}`))
    default:
      return stay(machine)
  }
}

function onOffer(config: MachineConfig, machine: Machine, event: EventOf<'offer'>, input: Input): Step {
  const { link, instance, offer, replaced } = event
  const decide = config.protocol?.arbitrate ?? arbitrate
  const verdict = decide({ policy: config.policy.kind, machine }, { instance, offer, replaced })
  if (verdict.kind === 'yield') return stay(machine, { type: 'yield', link, epoch: verdict.epoch })
  if (verdict.kind === 'reject' || verdict.kind === 'again') {
    const code = verdict.kind === 'again' ? 'INK_REFUSED' : verdict.code
    const refusal: Effect =
      verdict.kind === 'again'
        ? { type: 'again', link, say: verdict.say }
        : { type: 'reject', link, code, reason: verdict.reason }
    const stillborn = machine.state.name === 'idle' && config.role === 'responder' && machine.tentative === null
    return stillborn ? after([refusal], end(machine, 'refused', code, verdict.reason)) : stay(machine, refusal)
  }
  const { id, resumed } = verdict
  const pledge: Pledge = {
    link,
    ballot: offer.ballot,
    id,
    resumed,
    instance,
    marks: offer.resume.find((entry) => entry.id === id)?.marks ?? [],
    grant: offer.grant,
    deadlineMs: input.nowMs + promiseMs(config, offer),
    ...(offer.move !== undefined && { moves: true }),
  }
  const promised: Machine = {
    ...machine,
    best: offer.ballot,
    tentative: id === machine.session ? machine.tentative : { id, instance },
    state:
      machine.state.name === 'open' ? { ...machine.state, rival: pledge, move: null } : { name: 'accepting', pledge },
  }
  return stay(promised, ...dropOutranked(machine.state), { type: 'answer', link, id, resumed })
}

/** A link that is to be kept ready is promised for as long as it is asked for, within bounds. */
function promiseMs({ handshakeTimeoutMs }: MachineConfig, { move }: SessionOffer): number {
  return Math.max(handshakeTimeoutMs, Math.min(move?.holdMs ?? 0, moving.HOLD_MS))
}

/** A promise takes the place of our own dial, or of an older promise; an open link stays until CONFIRM. */
function dropOutranked(state: ConnectionState): Effect[] {
  if (state.name === 'open') return moving.clearBeside(state)
  const [lower] = linksOf(state)
  return lower === undefined ? [] : [drop(lower, 'race', 'a link with a higher ballot was promised')]
}

function onOpened(config: MachineConfig, machine: Machine, event: EventOf<'opened'>, input: Input): Step {
  const { link, instance, answer } = event
  if (machine.state.name === 'open')
    return moving.onMoveOpened(machine, machine.state, event, input) ?? ignore(machine, event)
  if (machine.state.name !== 'connecting' || machine.state.link !== link) return ignore(machine, event)
  const { ballot, moves = false } = machine.state
  const { id, resumed, marks, grant } = answer
  const offered = id === machine.session || id === machine.tentative?.id
  if (resumed !== offered) {
    const reason = 'the peer resumes a session that was not offered, or takes an old one for a new one'
    return after([drop(link, 'fault', reason)], afterLink(config, failed(machine), input, reason))
  }
  const pledge: Pledge = { link, ballot, id, resumed, instance, marks, grant, deadlineMs: 0, moves }
  return after([{ type: 'confirm', link, moves }], adopt(config, machine, pledge, input))
}

function onConfirmed(config: MachineConfig, machine: Machine, event: EventOf<'confirmed'>, input: Input): Step {
  const { state } = machine
  const pledge = state.name === 'accepting' ? state.pledge : state.name === 'open' ? state.rival : null
  if (pledge === null || pledge.link !== event.link) return ignore(machine, event)
  return adopt(config, machine, { ...pledge, marks: event.marks ?? pledge.marks }, input)
}

function onYielded(config: MachineConfig, machine: Machine, event: EventOf<'yielded'>, input: Input): Step {
  const { state, best } = machine
  const behind: Machine = { ...machine, best: corrected(best, event.epoch) }
  if (state.name === 'open')
    return moving.onMoveLost(behind, state, event.link, 'another link goes first', false) ?? ignore(machine, event)
  if (state.name !== 'connecting' || state.link !== event.link) return ignore(machine, event)
  const yielding = giveWay(config, behind, state.yields + 1, input)
  return stay(yielding, drop(event.link, 'race', 'another link of this pair goes first'))
}

/** INK_REFUSED is for now; every other refusal would be the same again, so it ends the connection. */
function onRejected(config: MachineConfig, machine: Machine, event: EventOf<'rejected'>, input: Input): Step {
  if (machine.state.name === 'open')
    return moving.onMoveLost(machine, machine.state, event.link, event.reason, false) ?? ignore(machine, event)
  if (machine.state.name !== 'connecting' || machine.state.link !== event.link) return ignore(machine, event)
  const { link, code, reason } = event
  if (code !== 'INK_REFUSED') return after([drop(link, 'end', reason)], end(machine, 'refused', code, reason))
  return after([drop(link, 'fault', reason)], afterLink(config, failed(machine), input, reason))
}

function onParted(config: MachineConfig, machine: Machine, event: EventOf<'parted'>, input: Input): Step {
  if (machine.state.name !== 'open') return stay(machine)
  const step = moving.onParted(machine, machine.state, event)
  return 'adopt' in step ? moveTo(config, machine, step.adopt, input) : step
}

function onFault(config: MachineConfig, machine: Machine, event: EventOf<'fault'>, input: Input): Step {
  const { state } = machine
  if (state.name === 'open') return onOpenFault(config, machine, state, event, input)
  if (!linksOf(state).includes(event.link)) return stay(machine)
  if (state.name === 'draining') return end(machine, 'local', 'INK_CLOSED', 'closed')
  return afterLink(config, state.name === 'connecting' ? failed(machine) : machine, input, event.reason)
}

function onDeadline(config: MachineConfig, machine: Machine, input: Input): Step {
  const { state, life } = machine
  const { nowMs } = input
  const dropAll = (cause: DropCause, reason: string): Effect[] =>
    linksOf(state).map((link) => drop(link, cause, reason))
  if (life.name === 'closing' && nowMs >= life.deadlineMs) {
    const late = input.hasWork
      ? end(machine, 'local', 'INK_DRAIN_TIMEOUT', 'not everything was acked or handled before the deadline of close()')
      : end(machine, 'local', 'INK_CLOSED', 'closed')
    return after(farewell(state, 'closed'), late)
  }
  if (nowMs < stateDeadline(state)) return stay(machine)
  switch (state.name) {
    case 'connecting': {
      const reason = `the peer did not open a session within ${config.policy.connectTimeoutMs} ms`
      return after(dropAll('fault', reason), afterLink(config, failed(machine), input, reason))
    }
    case 'accepting': {
      const reason = 'the promised link was never confirmed'
      return after(dropAll('fault', reason), afterLink(config, machine, input, reason))
    }
    case 'open':
      return onOpenDeadline(config, machine, state, input)
    case 'standby':
      return nowMs >= state.expiresMs ? expire(config, machine, input) : dial(config, machine, input)
    case 'backoff':
    case 'yielding':
      return expired(config, machine, input) ? expire(config, machine, input) : dial(config, machine, input)
    case 'draining':
      return after(dropAll('end', 'its deadline has passed'), end(machine, 'local', 'INK_CLOSED', 'closed'))
    case 'idle':
    case 'closed':
      return stay(machine)
  }
}

function failed(machine: Machine): Machine {
  return { ...machine, failures: machine.failures + 1 }
}
