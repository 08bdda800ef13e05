/** What two or three members and the links between them are at one moment, within the bounds of a plan. */
import type { Life } from './lives.ts'

/** What may happen, and how often. */
export interface GroupPlan {
  readonly name: string
  readonly members: number
  /** They are in one view when it begins; else each is alone, and no link is open. */
  readonly begin: 'together' | 'apart'
  /** Who publishes what, each once, in this order for one member. */
  readonly publishes: readonly (readonly [member: number, order: 'agreed' | 'safe'])[]
  /** Links that are cut and made anew at once. */
  readonly resets: number
  /** Pairs that cannot reach each other from then on. */
  readonly parts: number
  readonly crashes: number
  readonly leaves: number
  /** Ticks that come at any time, each late enough for all that waits. */
  readonly ticks: number
  /** `free`: a turn of the event loop may end before or after whatever comes next. `prompt`: it ends with each event. */
  readonly turns: 'free' | 'prompt'
}

export type Used = Readonly<Record<'publishes' | 'resets' | 'parts' | 'crashes' | 'leaves' | 'ticks', number>>

export interface GroupState {
  /** By member; of one that has crashed or left, its last. */
  readonly lives: readonly Life[]
  readonly living: readonly number[]
  /** By `from * members + to`: the words under way; null: no link. */
  readonly links: readonly (readonly number[] | null)[]
  /** By `at * members + about`: what a member has not heard yet of a link, in order. */
  readonly notes: readonly (readonly ('up' | 'down')[])[]
  /** How often each thing has happened that a plan bounds. */
  readonly used: Used
}

export const UNUSED: Used = { publishes: 0, resets: 0, parts: 0, crashes: 0, leaves: 0, ticks: 0 }

/** Exact: two states with one key are the same. */
export function keyOf({ lives, living, links, notes, used }: GroupState): string {
  const words = links.map((link) => (link === null ? 'x' : link.join('.'))).join()
  const heard = notes.map((some) => some.map((note) => note[0]).join('')).join()
  return `${lives.join()}|${living.join()}|${words}|${heard}|${Object.values(used).join()}`
}
