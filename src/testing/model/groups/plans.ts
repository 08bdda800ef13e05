/** What is searched whole: each plan is small enough to come to an end, and has one trouble more than the others. */
import type { GroupPlan } from './state.ts'

const CALM = { resets: 0, parts: 0, crashes: 0, leaves: 0, ticks: 0 } as const

function plan(name: string, members: number, bounds: Partial<GroupPlan>): GroupPlan {
  return { name: `group: ${name}`, members, begin: 'together', publishes: [], turns: 'prompt', ...CALM, ...bounds }
}

/** In `npm test`. */
export const SMALL_GROUP_PLANS: readonly GroupPlan[] = [
  plan('two meet', 2, { begin: 'apart', ticks: 2, turns: 'free' }),
  plan('two publish, one crashes', 2, {
    publishes: [
      [0, 'safe'],
      [1, 'agreed'],
    ],
    crashes: 1,
  }),
  plan('two publish, their link is reset', 2, {
    publishes: [
      [1, 'agreed'],
      [0, 'safe'],
    ],
    resets: 1,
  }),
  plan('three, SAFE, the link of two is lost', 3, { publishes: [[1, 'safe']], parts: 1 }),
]

/** For `npm run model`. */
export const LARGE_GROUP_PLANS: readonly GroupPlan[] = [
  plan('two publish while they meet, and their link is reset', 2, {
    begin: 'apart',
    publishes: [
      [0, 'agreed'],
      [1, 'safe'],
    ],
    resets: 1,
    ticks: 2,
  }),
  plan('two publish in free turns, and their link is reset twice', 2, {
    publishes: [
      [0, 'agreed'],
      [1, 'safe'],
    ],
    resets: 2,
    ticks: 1,
    turns: 'free',
  }),
  plan('two publish, one leaves, one crashes', 2, {
    publishes: [
      [0, 'safe'],
      [1, 'safe'],
      [0, 'agreed'],
    ],
    crashes: 1,
    leaves: 1,
    ticks: 1,
  }),
  plan('three meet', 3, { begin: 'apart', ticks: 2 }),
  plan('three, SAFE of one, and one crashes', 3, { publishes: [[1, 'safe']], crashes: 1, ticks: 1 }),
  plan('three, AGREED of two, and a link is reset', 3, {
    publishes: [
      [1, 'agreed'],
      [2, 'agreed'],
    ],
    resets: 1,
  }),
  plan('three, SAFE of one, and one leaves', 3, { publishes: [[2, 'safe']], leaves: 1, ticks: 1 }),
  plan('three, a link is lost, and one crashes', 3, { publishes: [[0, 'safe']], parts: 1, crashes: 1 }),
]
