/**
 * The search: every state that a plan can reach, breadth first, each one checked and brought to rest once.
 *
 * States are compared by what they consist of: each node, link and row of the ghost is written as text once, numbered,
 * and a state is the list of those numbers. So the comparison is exact, and a state costs a few dozen bytes.
 */
import { checkOutcomes, checkState, unrest } from './laws.ts'
import { deliveries, moves } from './moves.ts'
import { step } from './step.ts'
import type { Payloads } from './step.ts'
import { BrokenLaw } from './broken-law.ts'
import { tell } from './explain.ts'
import { makePayload } from './plan.ts'
import type { Plan } from './plan.ts'
import { initialState } from './state.ts'
import type { WorldState } from './state.ts'
import { deadlineOf } from '../../session/holdings.ts'
import { DRAINED_MS, SOON_MS } from './timeless.ts'

export interface Result {
  readonly states: number
  readonly edges: number
  readonly depth: number
  /** False when `statesMax` was reached first. */
  readonly complete: boolean
  /** What is wrong, with the shortest way to it; null when every law holds. */
  readonly violation: string | null
}

/** Far more than any plan needs to come to rest. */
const SETTLE_STEPS_MAX = 600

export class Checker {
  readonly #plan: Plan
  readonly #payloads: Payloads
  readonly #numbers = new Map<string, number>()
  /** The parts by their numbers, from 1. */
  readonly #parts: object[] = []
  /** Position of every state in the order in which it was found. */
  readonly #seen = new Map<string, number>()
  readonly #parents: number[] = []
  readonly #moves: string[] = []
  readonly #settled = new Set<string>()
  #edges = 0

  constructor(plan: Plan) {
    this.#plan = plan
    this.#payloads = plan.nodes.map(({ sends }, sender) => sends.map((send, index) => makePayload(sender, index, send)))
  }

  run(statesMax = Infinity): Result {
    let frontier = [initialState(this.#plan)]
    this.#add(this.#keyOf(frontier[0] as WorldState), -1, '')
    let depth = 0
    let complete = true
    for (let first = 0; frontier.length > 0; depth++) {
      const next: WorldState[] = []
      for (const [offset, state] of frontier.entries()) {
        const violation = this.#expand(state, first + offset, next)
        if (violation !== null) return { ...this.#counts(depth), complete: false, violation }
        if (this.#seen.size > statesMax) {
          complete = false
          break
        }
      }
      if (!complete) break
      first += frontier.length
      frontier = next
    }
    return { ...this.#counts(depth), complete, violation: null }
  }

  #counts(depth: number): Pick<Result, 'states' | 'edges' | 'depth'> {
    return { states: this.#seen.size, edges: this.#edges, depth }
  }

  #add(key: string, parent: number, move: string): void {
    this.#seen.set(key, this.#seen.size)
    this.#parents.push(parent)
    this.#moves.push(move)
  }

  /** Tries every move from a state. Returns a story when a law is broken. */
  #expand(state: WorldState, at: number, next: WorldState[]): string | null {
    const trail: string[] = []
    try {
      this.#comeToRest(state, trail)
    } catch (thrown) {
      return this.#story(thrown, at, trail)
    }
    for (const move of moves(this.#plan, state)) {
      try {
        const after = step(this.#plan, state, move, true, this.#payloads)
        if (after === null) continue
        this.#edges++
        const key = this.#keyOf(after)
        if (this.#seen.has(key)) continue
        checkState(this.#plan, after)
        this.#add(key, at, move)
        next.push(after)
      } catch (thrown) {
        return this.#story(thrown, at, [move])
      }
    }
    return null
  }

  /**
   * L5: when faults stop, everything comes to rest. One fair way is followed: what is on its way arrives, handlers
   * finish, waits end in turn. A state that lies on such a way needs none of its own.
   */
  #comeToRest(from: WorldState, trail: string[]): void {
    const passed: string[] = []
    let state = from
    let waits = 0
    for (let turn = 0; turn < SETTLE_STEPS_MAX; turn++) {
      const key = this.#keyOf(state)
      if (this.#settled.has(key)) break
      passed.push(key)
      if (unrest(this.#plan, state) === null) {
        checkOutcomes(state)
        break
      }
      const move = nextByItself(this.#plan, state, waits)
      if (move === null) throw new BrokenLaw(`L5: nothing happens any more, but ${unrest(this.#plan, state) ?? ''}`)
      if (move.startsWith('deadline')) waits++
      trail.push(move)
      state = step(this.#plan, state, move, false, this.#payloads) as WorldState
      checkState(this.#plan, state)
      if (turn === SETTLE_STEPS_MAX - 1)
        throw new BrokenLaw(`L5: no rest after ${SETTLE_STEPS_MAX} steps: ${unrest(this.#plan, state) ?? ''}`)
    }
    for (const key of passed) this.#settled.add(key)
  }

  #story(thrown: unknown, at: number, more: readonly string[]): string {
    const path: string[] = []
    for (let index = at; index > 0; index = this.#parents[index] as number) path.unshift(this.#moves[index] as string)
    const what = thrown instanceof Error ? thrown : new Error(String(thrown))
    const why = what instanceof BrokenLaw ? what.message : (what.stack ?? what.message)
    return `${this.#plan.name}: ${why}\n${tell(this.#plan, [...path, ...more], this.#payloads)}`
  }

  /** The state as text, exactly. Its parts are replaced by the first ones that were equal, so that equal parts are one. */
  #keyOf(state: WorldState): string {
    const { nodes, links, used, ghost, numbers } = state
    const written = [
      this.#number(nodes, numbers.nodes),
      this.#number(links, numbers.links),
      this.#number(ghost, numbers.ghost),
    ]
    return `${written.join(' ')} ${Object.values(used).join()}`
  }

  #number(parts: (object | null)[], numbers: number[]): string {
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index] ?? null
      if (part === null || numbers[index] !== 0) continue
      const written = JSON.stringify(part)
      let number = this.#numbers.get(written)
      if (number === undefined) {
        number = this.#parts.push(part)
        this.#numbers.set(written, number)
      }
      numbers[index] = number
      parts[index] = this.#parts[number - 1] as object
    }
    return numbers.join()
  }
}

/** One step of a fair run without faults; null when there is none. */
function nextByItself(plan: Plan, state: WorldState, waits: number): string | null {
  // Where only one direction works, nothing can come of it until that side wants the connection.
  const oneWay = plan.nodes.some(({ address }) => address === 'firewalled')
  const absent = oneWay
    ? plan.nodes.findIndex(({ dials }, index) => dials !== null && state.nodes[index]?.drivers.length === 0)
    : -1
  if (absent >= 0) return `connect ${absent}`
  const [first] = deliveries(state).filter((move) => !move.startsWith('lose'))
  if (first !== undefined) return first
  return ackDue(state) ?? waitOver(state, waits)
}

function ackDue(state: WorldState): string | null {
  for (const [index, node] of state.nodes.entries()) {
    for (const { uid, session } of node.drivers) {
      if (session.path !== null && Number.isFinite(session.path.acks.dueMs)) return `ack ${index} ${uid}`
    }
  }
  return null
}

/** The shortest kind of wait first, and of one kind each node in turn. */
function waitOver(state: WorldState, waits: number): string | null {
  const count = state.nodes.length
  for (const kinds of [['yielding'], ['backoff', 'standby'], ['connecting', 'accepting', 'open'], ['draining']]) {
    for (let step = 0; step < count; step++) {
      const index = (waits + step) % count
      for (const { uid, session } of state.nodes[index]?.drivers ?? []) {
        if (kinds.includes(session.machine.state.name) && deadlineOf(session.machine) <= SOON_MS)
          return `deadline ${index} ${uid} ${SOON_MS}`
      }
    }
  }
  for (const [index, node] of state.nodes.entries()) {
    for (const { uid, session } of node.drivers)
      if (deadlineOf(session.machine) <= DRAINED_MS) return `deadline ${index} ${uid} ${DRAINED_MS}`
  }
  return null
}
