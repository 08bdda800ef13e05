/** What a caller, a server and the link between them are at one moment. */
import type { Life } from '../life-tree.ts'

export const SIDES = [0, 1] as const
/** The caller's, and the server's. */
export type Side = (typeof SIDES)[number]

/** By side. */
export type Both<Item> = readonly [Item, Item]

/** A message on the link, and how many of the control words that are there as well went before it. */
export interface Sent {
  readonly message: number
  readonly behind: number
}

export interface CallState {
  readonly lives: Both<Life>
  /**
   * By who has sent them: messages and control words on the link, by their numbers. A word may overtake messages, on a new link for
   * instance, where words go first; no message overtakes a word.
   */
  readonly messages: Both<readonly Sent[]>
  readonly words: Both<readonly number[]>
  /** By who has sent them: messages that have arrived, which that one does not know. */
  readonly acks: Both<number>
  /** What a side has not heard: that the session is lost, or the connection over. */
  readonly news: Both<'' | 'lost' | 'over'>
  /** How often something has happened that a plan bounds. */
  readonly losses: number
  readonly ends: number
  readonly spoils: number
}

/** A link on which nothing is. */
export const NOTHING = { messages: [[], []], words: [[], []], acks: [0, 0] } as const

export function otherOf(side: Side): Side {
  return side === 0 ? 1 : 0
}

export function put<Item>([ofCaller, ofServer]: Both<Item>, side: Side, item: Item): Both<Item> {
  return side === 0 ? [item, ofServer] : [ofCaller, item]
}

/** Exact: two states with one key are the same. */
export function keyOf({ lives, messages, words, acks, news, losses, ends, spoils }: CallState): string {
  const sent = messages.map((some) => some.map(({ message, behind }) => `${message}/${behind}`).join('.'))
  const link = [...sent, ...words.map((some) => some.join('.'))].join()
  return `${lives.join()}|${link}|${acks.join()}|${news.join()}|${losses},${ends},${spoils}`
}
