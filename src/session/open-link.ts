/**
 * The link that carries a session: how it is taken, how it is lost, and what is late beside it.
 *
 * Nothing is displaced before both sides have agreed on the new link. Pure, as all of the machine: see transition.ts.
 */
import { invariant } from '../common/errors.ts'
import { after, afterLink } from './linkless.ts'
import type { DropCause, Effect, LinkId, Machine, MachineConfig, Move, Pledge, Step } from './machine.ts'
import type { Input, SessionEvent } from './event.ts'
import * as moving from './moving.ts'

/** The session of ours goes to a link that its peer has promised. Its old one is left to the peer, who closes it. */
export function moveTo(config: MachineConfig, machine: Machine, pledge: Pledge, input: Input): Step {
  return after([{ type: 'confirm', link: pledge.link, moves: true }], adopt(config, machine, pledge, input))
}

/** Both sides have agreed on this link: now, and only now, is anything displaced. */
export function adopt(config: MachineConfig, machine: Machine, pledge: Pledge, input: Input): Step {
  const { link, ballot, id, instance, grant } = pledge
  const continues = machine.session === id && machine.instance === instance
  const moved = continues && pledge.moves === true
  const effects: Effect[] = []
  let move: Move | null = null
  if (machine.state.name === 'open') {
    const old = machine.state.link
    if (moving.takesOver(machine.state) === pledge)
      move = { name: 'left', link: old, deadlineMs: input.nowMs + config.handshakeTimeoutMs }
    else effects.push(drop(old, moved ? 'end' : 'race', 'a newer link took over'))
  }
  if (machine.instance !== null && machine.instance !== instance)
    effects.push({ type: 'replaced', instance: machine.instance })
  if (machine.session !== null && !continues) {
    const reason =
      machine.instance === instance ? 'the peer has lost the session' : 'the peer restarted as a new instance'
    effects.push({ type: 'remoteReset', code: 'INK_RESET', reason })
  }
  effects.push({ type: 'adopt', link, id, instance, continues, marks: continues ? pledge.marks : [], grant, moved })
  return {
    machine: {
      ...machine,
      session: id,
      tentative: null,
      instance,
      linklessSinceMs: null,
      state: { name: 'open', link, ballot, sinceMs: input.nowMs, rival: null, move },
    },
    effects,
  }
}

export function onOpenFault(
  config: MachineConfig,
  machine: Machine,
  state: moving.Open,
  event: Extract<SessionEvent, { type: 'fault' }>,
  input: Input,
): Step {
  if (state.rival?.link === event.link) return moving.giveUpRival(machine, state)
  const moves = moving.onMoveLost(machine, state, event.link, event.reason, true)
  if (moves !== null) return moves
  if (state.link !== event.link) return { machine, effects: [] }
  // A link that was cut right after it opened, before it was of any use, counts as a failure: or a peer that cuts at once
  // is dialled without rest.
  const restedMs = state.sinceMs + config.policy.backoff.firstMs
  const healthy = input.progressed || input.nowMs >= restedMs
  const lost: Machine = { ...machine, failures: healthy ? 0 : machine.failures + 1, linklessSinceMs: input.nowMs }
  if (state.rival !== null) {
    return {
      machine: { ...lost, state: { name: 'accepting', pledge: hastened(config, state.rival, input) } },
      effects: [],
    }
  }
  const ready = moving.takesOver(state)
  if (ready !== null) return moveTo(config, { ...lost, state: { name: 'accepting', pledge: ready } }, ready, input)
  if (state.move?.name === 'dialling') {
    const { link, ballot, deadlineMs } = state.move
    return {
      machine: { ...lost, state: { name: 'connecting', link, ballot, deadlineMs, yields: 0, moves: true } },
      effects: [],
    }
  }
  const left: Effect[] = state.move?.name === 'left' ? [drop(state.move.link, 'end', 'it was left before')] : []
  // Also one that was of use is not dialled more often than the first backoff: its peer decides when it is cut.
  return after(left, afterLink(config, lost, input, event.reason, restedMs))
}

/** What was kept ready must be confirmed soon now. */
function hastened({ handshakeTimeoutMs }: MachineConfig, pledge: Pledge, { nowMs }: Input): Pledge {
  return { ...pledge, deadlineMs: Math.min(pledge.deadlineMs, nowMs + handshakeTimeoutMs) }
}

/** A link beside the one that carries the session is late. */
export function onOpenDeadline(config: MachineConfig, machine: Machine, state: moving.Open, input: Input): Step {
  const { move, rival } = state
  if (input.nowMs >= moving.moveDeadline(move)) {
    // What is on the old link takes too long: it is sent again on the new one.
    if (move?.name === 'parting') return moveTo(config, machine, move.pledge, input)
    return moving.giveUpMove(machine, state, 'its time is over')
  }
  invariant(rival !== null, 'an open state without rival and move has no deadline')
  // A link that is kept ready is given up by whoever asked for it, or by nobody.
  const cause = rival.moves === true ? 'end' : 'fault'
  const late = drop(rival.link, cause, 'the newer link that was promised was never confirmed')
  return after([late], moving.giveUpRival(machine, state))
}

export function drop(link: LinkId, cause: DropCause, reason: string): Effect {
  return { type: 'drop', link, cause, reason }
}
