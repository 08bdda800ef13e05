/**
 * What the members of a group were told, in the order in which each was told it: what the laws of virtual synchrony are about.
 *
 * A member's facts are its own order; nothing is assumed of the order between members. Names of views are texts in
 * which a later view of a member can be told from an earlier one: `number.installer`.
 */

export type GroupFact =
  | {
      readonly kind: 'view'
      readonly member: string
      readonly view: string
      readonly members: readonly string[]
      readonly transitional: readonly string[]
      readonly left: readonly string[]
      readonly joined: readonly string[]
    }
  | { readonly kind: 'transitional'; readonly member: string; readonly view: string }
  | {
      readonly kind: 'message'
      readonly member: string
      readonly view: string
      readonly from: string
      /** Of the message, among those of its sender. */
      readonly number: number
      /** Of its bytes: equal when they are. */
      readonly digest: string
      readonly isSafe: boolean
      /** Told behind the transitional signal. */
      readonly isTransitional: boolean
    }
  | {
      readonly kind: 'sent'
      readonly member: string
      readonly number: number
      readonly digest: string
      /** Those of one lane are told in the order of their numbers; left out: nothing is promised of its place. */
      readonly lane?: string | undefined
    }
  | { readonly kind: 'published'; readonly member: string; readonly number: number; readonly view: string }
  | {
      readonly kind: 'failed'
      readonly member: string
      readonly number: number
      /** In which it was handed over; left out: in none. */
      readonly view?: string | undefined
    }
  | { readonly kind: 'left'; readonly member: string }

/** What one member went through: its views, and what it was told in each. */
export interface Stay {
  readonly member: string
  readonly view: Extract<GroupFact, { kind: 'view' }>
  readonly messages: Extract<GroupFact, { kind: 'message' }>[]
}

/** A message of all members. */
export function uidOf({ from, number }: { readonly from: string; readonly number: number }): string {
  return `${from}:${number}`
}

/** What the members of a group were told, each in its own order: what the laws are asked about. */
export class GroupHistory {
  readonly #facts: GroupFact[] = []

  /** All of them, in the order in which they were told. */
  get facts(): readonly GroupFact[] {
    return this.#facts
  }

  /** Notes what a member was told. */
  add(fact: GroupFact): void {
    this.#facts.push(fact)
  }

  /** By member: its views in its order. A message before the first view is in none, and is left out. */
  stays(): Map<string, Stay[]> {
    const stays = new Map<string, Stay[]>()
    for (const fact of this.#facts) {
      const own = stays.get(fact.member) ?? []
      stays.set(fact.member, own)
      if (fact.kind === 'view') own.push({ member: fact.member, view: fact, messages: [] })
      else if (fact.kind === 'message') own.at(-1)?.messages.push(fact)
    }
    return stays
  }
}
