/** What can happen next in a state, and what comes of it. A move is words: `word a b`, `turn a`, `reset a b`. */
import { nameOf, type Life, type LifeEvent, type Lives } from './lives.ts'
import { UNUSED, type GroupPlan, type GroupState, type Used } from './state.ts'

export interface Move {
  readonly text: string
  readonly make: (lives: Lives) => GroupState
}

/** A state that is being changed. */
interface Draft {
  readonly plan: GroupPlan
  readonly lives: Life[]
  living: readonly number[]
  readonly links: (readonly number[] | null)[]
  readonly notes: (readonly ('up' | 'down')[])[]
  used: Used
}

export function firstState(plan: GroupPlan, lives: Lives): GroupState {
  const all = Array.from({ length: plan.members }, (_, member) => member)
  const pairs = plan.members ** 2
  const alone: GroupState = {
    lives: all.map((member) => lives.begin(member)),
    living: all,
    links: Array.from({ length: pairs }, () => null),
    notes: Array.from({ length: pairs }, () => []),
    used: UNUSED,
  }
  return change(plan, alone, (draft) => {
    for (const one of all) for (const other of all) if (one < other) link(draft, one, other)
  })
}

/** Everything that may happen, of which the plan bounds some. */
export function movesOf(plan: GroupPlan, state: GroupState, lives: Lives): Move[] {
  return [...arrivals(plan, state, lives), ...troubles(plan, state, lives)]
}

/** What comes by itself: notes, words, ends of turns. */
export function arrivals(plan: GroupPlan, state: GroupState, lives: Lives): Move[] {
  const moves: Move[] = []
  const { members } = plan
  for (const at of state.living) {
    for (let other = 0; other < members; other++) {
      const [note, ...later] = state.notes[at * members + other]!
      const word = state.links[other * members + at]?.[0]
      const pair = `${nameOf(at)} ${nameOf(other)}`
      if (note !== undefined) {
        moves.push(
          moveOf(plan, state, `${note} ${pair}`, (draft, tree) => {
            draft.notes[at * members + other] = later
            take(draft, tree, at, { kind: note, peer: other })
          }),
        )
      } else if (word !== undefined) {
        moves.push(
          moveOf(plan, state, `${lives.word(word).kind} ${nameOf(other)} > ${nameOf(at)}`, (draft, tree) => {
            draft.links[other * members + at] = draft.links[other * members + at]!.slice(1)
            take(draft, tree, at, { kind: 'word', from: other, word })
          }),
        )
      }
    }
    const { event } = lives.at(state.lives[at]!)
    const isDue = event !== null && event.kind !== 'turn' && event.kind !== 'tick'
    if (isDue) moves.push(happens(plan, state, at, { kind: 'turn' }))
  }
  return moves
}

/** Time that passes at one member; the plan does not count it. */
export function tick(plan: GroupPlan, state: GroupState, at: number, random: number): Move {
  return happens(plan, state, at, { kind: 'tick', random })
}

function happens(plan: GroupPlan, state: GroupState, at: number, event: LifeEvent): Move {
  return moveOf(plan, state, `${event.kind} ${nameOf(at)}`, (draft, lives) => take(draft, lives, at, event))
}

function troubles(plan: GroupPlan, state: GroupState, lives: Lives): Move[] {
  const moves: Move[] = []
  const { members } = plan
  const { used, living } = state
  const count = (draft: Draft, what: keyof Used): void =>
    void (draft.used = { ...draft.used, [what]: draft.used[what] + 1 })
  const next = plan.publishes[used.publishes]
  if (next !== undefined && living.includes(next[0])) {
    const [at, order] = next
    moves.push(
      moveOf(plan, state, `publish ${order} ${nameOf(at)}`, (draft, tree) => {
        count(draft, 'publishes')
        take(draft, tree, at, { kind: 'publish', order })
      }),
    )
  }
  for (const at of living) {
    if (used.ticks < plan.ticks && lives.at(state.lives[at]!).event?.kind !== 'tick') {
      for (const random of [0, 0.9]) {
        moves.push(
          moveOf(plan, state, `tick ${nameOf(at)}, ${random}`, (draft, tree) => {
            count(draft, 'ticks')
            take(draft, tree, at, { kind: 'tick', random })
          }),
        )
      }
    }
    if (used.crashes < plan.crashes && living.length > 1) {
      moves.push(
        moveOf(plan, state, `crash ${nameOf(at)}`, (draft) => {
          count(draft, 'crashes')
          end(draft, at)
        }),
      )
    }
    if (used.leaves < plan.leaves) {
      moves.push(
        moveOf(plan, state, `leave ${nameOf(at)}`, (draft, tree) => {
          count(draft, 'leaves')
          take(draft, tree, at, { kind: 'leave' })
        }),
      )
    }
    for (const other of living) {
      if (at >= other || state.links[at * members + other] === null) continue
      const pair = `${nameOf(at)} ${nameOf(other)}`
      if (used.resets < plan.resets) {
        moves.push(
          moveOf(plan, state, `reset ${pair}`, (draft) => {
            count(draft, 'resets')
            cut(draft, at, other)
            link(draft, at, other)
          }),
        )
      }
      if (used.parts < plan.parts) {
        moves.push(
          moveOf(plan, state, `part ${pair}`, (draft) => {
            count(draft, 'parts')
            cut(draft, at, other)
          }),
        )
      }
    }
  }
  return moves
}

/** All that live can reach one another again. */
export function heal(plan: GroupPlan, state: GroupState): GroupState {
  return change(plan, state, (draft) => {
    for (const one of draft.living) {
      for (const other of draft.living) {
        if (one < other && draft.links[one * plan.members + other] === null) link(draft, one, other)
      }
    }
  })
}

function moveOf(plan: GroupPlan, state: GroupState, text: string, make: (draft: Draft, lives: Lives) => void): Move {
  return { text, make: (lives) => change(plan, state, (draft) => make(draft, lives)) }
}

function change(plan: GroupPlan, state: GroupState, make: (draft: Draft) => void): GroupState {
  const { lives, living, links, notes, used } = state
  const draft: Draft = { plan, lives: [...lives], living, links: [...links], notes: [...notes], used }
  make(draft)
  return { lives: draft.lives, living: draft.living, links: draft.links, notes: draft.notes, used: draft.used }
}

function take(draft: Draft, lives: Lives, at: number, event: LifeEvent): void {
  const { members, turns } = draft.plan
  const { after, sends } = lives.step(draft.lives[at]!, event)
  draft.lives[at] = after
  for (const [to, word] of sends) {
    const words = draft.links[at * members + to]
    // A word for a link that is gone reaches no later one.
    const isGone = draft.notes[at * members + to]!.length > 0
    if (words !== undefined && words !== null && !isGone) draft.links[at * members + to] = [...words, word]
  }
  if (lives.at(after).phase === 'left') end(draft, at)
  else if (turns === 'prompt' && event.kind !== 'turn') take(draft, lives, at, { kind: 'turn' })
}

function end(draft: Draft, at: number): void {
  draft.living = draft.living.filter((member) => member !== at)
  for (const other of draft.living) cut(draft, at, other)
}

function link(draft: Draft, one: number, other: number): void {
  set(draft, one, other, [], 'up')
}

function cut(draft: Draft, one: number, other: number): void {
  if (draft.links[one * draft.plan.members + other] !== null) set(draft, one, other, null, 'down')
}

/** Both ends will hear of it. */
function set(draft: Draft, one: number, other: number, words: readonly number[] | null, note: 'up' | 'down'): void {
  const { members } = draft.plan
  for (const at of [one * members + other, other * members + one]) {
    draft.links[at] = words
    draft.notes[at] = [...draft.notes[at]!, note]
  }
}
