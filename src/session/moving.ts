/**
 * How an open session moves to another link while it runs: the part of the machine that knows of two links at once.
 *
 * The side that dials keeps a link beside the one that carries the session. It is promised like any other (OPEN, OPENED), so
 * a path is proved by what happens on it: whoever answers there has proved its name and knows this session of this instance.
 * Then both sides end the old link in order. The mover says END on it, finishes what is half there and begins nothing more;
 * its peer does the same when that END has come; and when the peer's has come, all of both sides is over, and the mover
 * confirms. Nothing is on its way by then, so nothing is sent twice, and credit begins anew on the new link.
 *
 * When anything fails on the new link the old one goes on (`stays`). When the old one fails, or is not empty in time, the new
 * one is confirmed at once, and what was on its way is sent again, by the marks in CONFIRM: the same as any resume. END
 * names the epoch of the link that it is for, so what is said for the sake of another one counts for nothing.
 */
import { nextBallot } from './ballot.ts'
import type {
  ConnectionState,
  Effect,
  LinkId,
  Machine,
  MachineConfig,
  Move,
  MovePurpose,
  Pledge,
  Step,
} from './machine.ts'
import type { Input, SessionEvent } from './event.ts'

export type Open = Extract<ConnectionState, { name: 'open' }>
type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>

/** How long a link that is left is waited for to be empty, in ms; then what is on it is sent again. */
export const PART_MS = 1000
/** How long a peer is asked to keep a link ready, and the longest that one is kept for it, in ms. */
export const HOLD_MS = 60_000

/** The link of a move. */
export function moveLink(move: Move): LinkId {
  return move.name === 'dialling' || move.name === 'left' ? move.link : move.pledge.link
}

/** When the machine must look at a move, in ms. */
export function moveDeadline(move: Move | null | undefined): number {
  if (move == null) return Infinity
  return move.name === 'dialling' || move.name === 'left' ? move.deadlineMs : move.pledge.deadlineMs
}

/** Whether a session of this policy can be taken to another link by this side: a lossy one ends with its own, a server never dials. */
export function mayMove({ policy: { kind } }: Pick<MachineConfig, 'policy'>): boolean {
  return kind === 'losslessClient' || kind === 'peer'
}

/** Dials beside the link that carries the session. What is on the way to be left, or promised to the peer, goes first. */
export function startMove(
  config: MachineConfig,
  machine: Machine,
  state: Open,
  purpose: MovePurpose,
  input: Input,
): Step {
  const mayDial = mayMove(config) && machine.life.name === 'running'
  const isBusy = state.move?.name === 'parting' || (state.rival !== null && state.rival.moves !== true)
  if (!mayDial || isBusy || machine.session === null) return { machine, effects: [] }
  const { freshLink: link, freshId: fresh } = input
  const ballot = nextBallot(machine.best, config.self)
  const holdMs = purpose === 'standby' ? HOLD_MS : 0
  const move: Move = {
    name: 'dialling',
    link,
    ballot,
    purpose,
    deadlineMs: input.nowMs + config.policy.connectTimeoutMs,
  }
  return {
    machine: { ...machine, best: ballot, state: { ...state, rival: null, move } },
    effects: [...clearBeside(state), { type: 'dial', link, ballot, fresh, resume: [machine.session], holdMs }],
  }
}

/** All links beside the one that carries the session are given up; that one goes on. */
export function clearBeside(state: Open): Effect[] {
  const { move, rival } = state
  const effects: Effect[] = []
  if (rival !== null) effects.push({ type: 'drop', link: rival.link, cause: 'race', reason: 'another link goes first' })
  if (move != null) {
    const cause = move.name === 'left' ? 'end' : 'race'
    effects.push({ type: 'drop', link: moveLink(move), cause, reason: 'another link goes first' })
  }
  return [...effects, ...stayOn(state)]
}

/** Whoever has said, or is about to say, END on the link that carries the session takes it back. */
export function stayOn({ link, move, rival }: Open): Effect[] {
  const pledge = move?.name === 'parting' ? move.pledge : rival?.moves === true ? rival : null
  return pledge === null ? [] : [{ type: 'part', link, epoch: pledge.ballot.epoch, stays: true }]
}

/** The peer answers a link of ours beside the open one; null: it answers none. */
export function onMoveOpened(machine: Machine, state: Open, event: EventOf<'opened'>, input: Input): Step | null {
  const { move } = state
  const { link, instance, answer } = event
  if (move?.name !== 'dialling' || move.link !== link) return null
  const { id, resumed, marks, grant } = answer
  if (!resumed || id !== machine.session || instance !== machine.instance) {
    return giveUpMove(machine, state, 'whoever answers there does not have this session')
  }
  const standby = move.purpose === 'standby'
  const deadlineMs = input.nowMs + (standby ? HOLD_MS : PART_MS)
  const pledge: Pledge = { link, ballot: move.ballot, id, resumed, instance, marks, grant, deadlineMs, moves: true }
  const ready: Open = { ...state, move: { name: 'ready', pledge } }
  if (standby) return { machine: { ...machine, state: ready }, effects: [] }
  return takeReady(machine, ready, input)
}

/** The session begins to leave its link for the one that is ready; nothing when there is none. */
export function takeReady(machine: Machine, state: Open, input: Input): Step {
  if (state.move?.name !== 'ready') return { machine, effects: [] }
  const pledge = { ...state.move.pledge, deadlineMs: input.nowMs + PART_MS }
  return {
    machine: { ...machine, state: { ...state, move: { name: 'parting', pledge } } },
    effects: [{ type: 'part', link: state.link, epoch: pledge.ballot.epoch, stays: false }],
  }
}

/** The link of the move is of no use: the session stays where it is. `isLost`: there is nothing left to be dropped. */
export function giveUpMove(machine: Machine, state: Open, reason: string, isLost = false): Step {
  const { move } = state
  if (move == null) return { machine, effects: [] }
  const drop: Effect[] = isLost ? [] : [{ type: 'drop', link: moveLink(move), cause: 'end', reason }]
  return { machine: { ...machine, state: { ...state, move: null } }, effects: [...drop, ...stayOn(state)] }
}

/** The link that was promised to a moving peer is of no use: the session stays where it is. */
export function giveUpRival(machine: Machine, state: Open): Step {
  return { machine: { ...machine, state: { ...state, rival: null } }, effects: stayOn({ ...state, move: null }) }
}

/** What the link of this event makes of the move, when it is a link of a move; null: it is none. */
export function onMoveLost(machine: Machine, state: Open, link: LinkId, reason: string, isLost: boolean): Step | null {
  if (state.move == null || moveLink(state.move) !== link) return null
  return giveUpMove(machine, state, reason, isLost)
}

/** What END of the peer means; `adopt`: both sides are done with the old link. */
export function onParted(machine: Machine, state: Open, event: EventOf<'parted'>): Step | { readonly adopt: Pledge } {
  const { link, epoch, stays } = event
  const { move, rival } = state
  const nothing: Step = { machine, effects: [] }
  if (link !== state.link) return nothing
  if (move?.name === 'parting' && !stays && move.pledge.ballot.epoch === epoch) return { adopt: move.pledge }
  if (rival?.moves !== true || rival.ballot.epoch !== epoch) return nothing
  if (!stays) return { machine, effects: [{ type: 'part', link, epoch, stays: false }] }
  const given = giveUpRival(machine, state)
  const drop: Effect = { type: 'drop', link: rival.link, cause: 'race', reason: 'the peer stays where it is' }
  return { machine: given.machine, effects: [drop, ...given.effects] }
}

/** The pledge that takes over at once when the link that carries the session is lost; null: none is ready. */
export function takesOver(state: Open): Pledge | null {
  const { move } = state
  return move?.name === 'ready' || move?.name === 'parting' ? move.pledge : null
}
