/** What can happen next between a caller and a server, and what comes of it, within the bounds of a plan. */
import type { Move } from '../breadth-first.ts'
import { LifeTree } from '../life-tree.ts'
import type { CallerDeed, HandlerDeed } from './deeds.ts'
import { TICK_MS, type CallPlan } from './plans.ts'
import { EndPlayer, type EndSaid } from './player.ts'
import { Post } from './post.ts'
import type { AskedSeen, EndSeen, ServedSeen } from './seen.ts'
import { NOTHING, SIDES, otherOf, put, type Both, type CallState, type Side } from './state.ts'

type Next = Move<CallState>

const NAMES = ['caller', 'server'] as const

export class CallMoves {
  readonly #plan: CallPlan
  readonly #lives: Both<LifeTree<EndSaid, EndSeen>>

  constructor(plan: CallPlan) {
    const post = new Post()
    this.#plan = plan
    this.#lives = [
      new LifeTree(() => new EndPlayer(plan, 'caller', post)),
      new LifeTree(() => new EndPlayer(plan, 'server', post)),
    ]
  }

  first(): CallState {
    const [caller, server] = this.#lives
    return { lives: [caller.first, server.first], ...NOTHING, news: ['', ''], losses: 0, ends: 0, spoils: 0 }
  }

  seen({ lives }: CallState, side: Side): EndSeen {
    return this.#lives[side].at(lives[side])
  }

  /** Something happens at one side, and what it says goes on the link. */
  happen(state: CallState, side: Side, event: string): CallState {
    const { after, said } = this.#lives[side].step(state.lives[side], event)
    const there = { ...state, lives: put(state.lives, side, after) }
    // Words of a session that is lost go nowhere.
    if (state.news[side] !== '' || state.ends > 0) return there
    const messages = [...there.messages[side]]
    const words = [...there.words[side]]
    for (const { kind, number } of said) {
      if (kind === 'message') messages.push({ message: number, behind: words.length })
      else words.push(number)
    }
    return { ...there, messages: put(there.messages, side, messages), words: put(there.words, side, words) }
  }

  /** What comes by itself: what is on the link or queued, acks, and the news of a loss before all of that. */
  arrivals(state: CallState): Next[] {
    return SIDES.flatMap((side) => {
      const news = state.news[side]
      if (news !== '') return [this.#move({ ...state, news: put(state.news, side, '') }, side, news)]
      return [...this.#fromLink(state, side), ...this.#fromQueue(state, side)]
    })
  }

  /** What callers and handlers do, and what goes wrong. */
  deeds(state: CallState): Next[] {
    const [{ asked }, { served }] = [this.seen(state, 0), this.seen(state, 1)]
    const { calls, caller, handler } = this.#plan
    const moves: Next[] = []
    if (asked.length < calls.length && state.ends === 0) moves.push(this.#move(state, 0, `ask ${asked.length}`))
    asked.forEach((one, at) => {
      for (const deed of left(caller, one.did))
        if (mayCaller(deed, one)) moves.push(this.#move(state, 0, `${deed} ${at}`))
    })
    served.forEach((one, at) => {
      if (one.phase === 'waiting') moves.push(this.#move(state, 1, `begin ${at}`))
      for (const deed of left(handler, one.did)) {
        if (mayHandler(deed, one)) moves.push(this.#move(state, 1, `${deed} ${at}`))
      }
    })
    return [...moves, ...SIDES.flatMap((side) => this.#troubles(state, side)), ...this.#losses(state)]
  }

  #fromLink(state: CallState, side: Side): Next[] {
    const from = otherOf(side)
    const moves: Next[] = []
    const [next, ...later] = state.messages[from]
    if (next?.behind === 0) {
      const { message } = next
      const make = (): CallState =>
        this.#arrive({ ...state, messages: put(state.messages, from, later) }, side, message)
      moves.push({ text: `message ${message} (${NAMES[side]})`, make })
    }
    const [word, ...behind] = state.words[from]
    if (word !== undefined) {
      const messages = state.messages[from].map((sent) => ({ ...sent, behind: Math.max(0, sent.behind - 1) }))
      const before = { ...state, messages: put(state.messages, from, messages), words: put(state.words, from, behind) }
      moves.push(this.#move(before, side, `word ${word}`))
    }
    const acks = state.acks[side]
    if (acks > 0) moves.push(this.#move({ ...state, acks: put(state.acks, side, acks - 1) }, side, 'ack'))
    return moves
  }

  #fromQueue(state: CallState, side: Side): Next[] {
    const { queued, hasWords } = this.seen(state, side)
    const moves = queued.flatMap((some, lane) => (some ? [this.#move(state, side, `put ${lane}`)] : []))
    return hasWords ? [...moves, this.#move(state, side, 'speak')] : moves
  }

  #arrive(before: CallState, side: Side, message: number): CallState {
    const from = otherOf(side)
    const after = this.happen(before, side, `message ${message}`)
    // Who has lost the session knows no ack of it.
    if (after.news[from] !== '') return after
    if (this.#plan.acks === 'at once') return this.happen(after, from, 'ack')
    return { ...after, acks: put(after.acks, from, after.acks[from] + 1) }
  }

  #troubles(state: CallState, side: Side): Next[] {
    const { ticks, quota, spoils } = this.#plan
    const { queued, nowMs, isBusy } = this.seen(state, side)
    const moves: Next[] = []
    if (nowMs < ticks[side] * TICK_MS) moves.push(this.#move(state, side, 'tick'))
    if (side === 1 && quota > 0 && !isBusy) moves.push(this.#move(state, side, 'busy'))
    if (state.spoils === spoils) return moves
    const after = { ...state, spoils: state.spoils + 1 }
    return [...moves, ...queued.flatMap((some, lane) => (some ? [this.#move(after, side, `spoil ${lane}`)] : []))]
  }

  #losses(state: CallState): Next[] {
    if (state.ends > 0 || state.news.some((news) => news !== '')) return []
    const { losses, ends } = this.#plan
    const dead = { ...state, ...NOTHING, losses: state.losses + 1 }
    const moves: Next[] = []
    if (state.losses < losses)
      moves.push({ text: 'the session is lost', make: () => ({ ...dead, news: ['lost', 'lost'] }) })
    if (ends > 0)
      moves.push({ text: 'the connection ends', make: () => ({ ...dead, ends: 1, news: ['over', 'lost'] }) })
    return moves
  }

  #move(before: CallState, side: Side, event: string): Next {
    return { text: `${event} (${NAMES[side]})`, make: () => this.happen(before, side, event) }
  }
}

/** Those that are not done as often as they may be. */
function left<Deed extends string>(allowed: readonly Deed[], did: readonly string[]): Set<Deed> {
  const times = (all: readonly string[], deed: string): number => all.filter((one) => one === deed).length
  return new Set(allowed.filter((deed) => times(did, deed) < times(allowed, deed)))
}

/** Else it changes nothing. */
function mayCaller(deed: CallerDeed, { phase, takesParts, inflow }: AskedSeen): boolean {
  if (deed === 'read') return inflow !== null && inflow.unread > 0
  if (phase !== 'waiting' && phase !== 'open') return false
  return (deed !== 'part' && deed !== 'end' && deed !== 'reset') || takesParts
}

function mayHandler(deed: HandlerDeed, { phase, run, takesParts, inflow }: ServedSeen): boolean {
  if (deed === 'read') return inflow !== null && inflow.unread > 0
  if (deed === 'remove') return phase === 'waiting'
  if (deed === 'part' || deed === 'reset') return run === 'running' && takesParts
  return run === 'running'
}
