/**
 * What a connection does when it has no link, and how it ends: the part of the machine where the policies differ.
 *
 * Every function is pure: machine in, step out. The caller has already taken the lost link out of consideration.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import { backoffMs } from '../policies/backoff.ts'
import { LIMITS } from '../policies/limits.ts'
import { nextBallot } from './ballot.ts'
import type { CloseCause, Effect, Machine, MachineConfig, Step } from './machine.ts'
import type { Input } from './event.ts'

/** A race is over after one, or a few when the other side dials again meanwhile. */
const YIELDS_IN_A_RACE = 5
/** How long a dial may take while there are other places that were not tried, in ms. */
const ATTEMPT_MS = 500

/** Dials now, with a ballot above everything seen, and offers what can be resumed. */
export function dial(config: MachineConfig, machine: Machine, input: Input): Step {
  const ballot = nextBallot(machine.best, config.self)
  const deadlineMs = input.nowMs + patienceMs(config, machine, input)
  const resume = [machine.session, machine.tentative?.id ?? null].filter((id) => id !== null)
  const yields = machine.state.name === 'yielding' ? machine.state.yields : 0
  const { freshLink: link, freshId: fresh } = input
  return {
    machine: { ...machine, best: ballot, state: { name: 'connecting', link, ballot, deadlineMs, yields } },
    effects: [{ type: 'dial', link, ballot, fresh, resume: [...new Set(resume)] }],
  }
}

/**
 * How long a dial may take, in ms. Where the peer may be elsewhere a silent place is not waited for as long as the policy would;
 * each round over all of them gives twice as much.
 */
function patienceMs({ policy }: MachineConfig, { failures }: Machine, { places = 1 }: Input): number {
  if (places <= 1) return policy.connectTimeoutMs
  const rounds = Math.floor(failures / places)
  return Math.min(policy.connectTimeoutMs, ATTEMPT_MS * 2 ** Math.min(rounds, 16))
}

/** Waits for the link that goes before our own. A peer that says so again and again, and never comes, is dialled less often. */
export function giveWay(config: MachineConfig, machine: Machine, yields: number, input: Input): Machine {
  const { nowMs, random } = input
  const soonMs = config.yieldMs * (0.5 + random)
  const waitMs = yields <= YIELDS_IN_A_RACE ? 0 : backoffMs(config.policy.backoff, yields - YIELDS_IN_A_RACE, random)
  return { ...machine, state: { name: 'yielding', untilMs: nowMs + Math.max(soonMs, waitMs), yields } }
}

/**
 * Dials at once after a healthy link, but not before `notBeforeMs`; later after failures. Another place of the peer is dialled at
 * once: only when all of them have failed, that is one failure to wait after.
 */
export function redial(config: MachineConfig, machine: Machine, input: Input, notBeforeMs = -Infinity): Step {
  const { places = 1 } = input
  const rounds = Math.floor(machine.failures / Math.max(1, places))
  const waits = machine.failures > 0 && machine.failures % Math.max(1, places) === 0
  if (!waits && input.nowMs >= notBeforeMs) return dial(config, machine, input)
  const waitMs = waits ? backoffMs(config.policy.backoff, rounds, input.random) : 0
  const untilMs = Math.max(notBeforeMs, input.nowMs + waitMs)
  return { machine: { ...machine, state: { name: 'backoff', untilMs } }, effects: [] }
}

/** Ends the connection for good. */
export function end(machine: Machine, cause: CloseCause, code: InkwireErrorCode, reason: string): Step {
  return {
    machine: { ...machine, state: { name: 'closed' }, session: null, tentative: null },
    effects: [{ type: 'closed', cause, code, reason }],
  }
}

/** True when a closing connection dials once more, to say what it has finished. */
export function mayDialForAcks(config: MachineConfig, machine: Machine, input: Input): boolean {
  const { kind } = config.policy
  return input.owesAcks && machine.session !== null && input.canDial && (kind === 'losslessClient' || kind === 'peer')
}

/** The link is gone: goes where policy, session and queue say. `reason` is for people. No dial before `notBeforeMs`. */
export function afterLink(
  config: MachineConfig,
  machine: Machine,
  input: Input,
  reason: string,
  notBeforeMs = -Infinity,
): Step {
  if (machine.life.name === 'closing' && !input.hasWork) {
    // Once: a dial for the last acks that failed is not repeated.
    const says = machine.state.name !== 'connecting' && mayDialForAcks(config, machine, input)
    return says ? dial(config, machine, input) : end(machine, 'local', 'INK_CLOSED', 'closed')
  }
  // A lossy session is never kept, so it does not expire either: it ends with the reason of its fault.
  if (config.policy.kind !== 'lossy' && expired(config, machine, input)) return expire(config, machine, input)
  switch (config.policy.kind) {
    case 'lossy':
      if (machine.session !== null) return end(machine, 'fault', 'INK_RESET', reason)
      return config.role === 'initiator' ? redial(config, machine, input) : end(machine, 'fault', 'INK_RESET', reason)
    case 'losslessClient':
      return redial(config, machine, input, notBeforeMs)
    case 'losslessServer':
      return waitForPeer(config, machine, input, reason)
    case 'peer': {
      const wanted = input.hasWork || (config.role === 'initiator' && machine.session === null)
      return wanted && input.canDial
        ? redial(config, machine, input, notBeforeMs)
        : waitForPeer(config, machine, input, reason)
    }
  }
}

/**
 * Keeps what can be resumed. A peer without work still asks the other side now and then: where only one direction can
 * dial, the other side may have work and no way to say so.
 */
function waitForPeer(config: MachineConfig, machine: Machine, input: Input, reason: string): Step {
  if (machine.session === null && machine.tentative === null) return end(machine, 'fault', 'INK_RESET', reason)
  const { policy } = config
  const probes = policy.kind === 'peer' && machine.session !== null && input.canDial
  const pause = Math.max(policy.probeMs, backoffMs(policy.backoff, Math.max(1, machine.failures), 0))
  const probeMs = probes ? input.nowMs + pause * (1 - policy.backoff.jitter * input.random) : Infinity
  const sinceMs = machine.linklessSinceMs ?? input.nowMs
  return {
    machine: {
      ...machine,
      linklessSinceMs: sinceMs,
      state: { name: 'standby', probeMs, expiresMs: sinceMs + keptMs(config, machine, input) },
    },
    effects: [],
  }
}

/**
 * How long what is left of a connection is kept without a link, in ms. A peer that cannot be dialled is kept as a client is
 * by its server, and never for ever: it may not come back.
 */
function keptMs(config: MachineConfig, machine: Machine, input: Input): number {
  const { kind, standbyMs } = config.policy
  // Only promised; or asked for by a peer, and never of use to anybody.
  const isNothing = machine.session === null || (config.role === 'responder' && !input.isUseful)
  if (isNothing) return Math.min(standbyMs, config.tentativeMs)
  return kind === 'peer' && !input.canDial && standbyMs === Infinity ? LIMITS.standbyMs.losslessServer : standbyMs
}

/** True when a session has been without a link for longer than its policy keeps it. */
export function expired(config: MachineConfig, machine: Machine, input: Input): boolean {
  const { linklessSinceMs } = machine
  return linklessSinceMs !== null && input.nowMs - linklessSinceMs >= keptMs(config, machine, input)
}

export function expire(config: MachineConfig, machine: Machine, input: Input): Step {
  const reason = `the peer did not come back within ${keptMs(config, machine, input)} ms`
  return end(machine, 'fault', 'INK_STANDBY_EXPIRED', reason)
}

/** `step` with effects that come before its own. */
export function after(effects: readonly Effect[], step: Step): Step {
  return { machine: step.machine, effects: [...effects, ...step.effects] }
}
