/**
 * Whom a sequencer asks into a common view, and when: all at once that it has heard of between two ticks, and none while a lower
 * one is about to ask it.
 *
 * Pairs that merge by themselves stand in each other's way where many meet: each promise is taken back for the next, and what comes to
 * nothing falls apart. Of a lower one that asks nobody (it may not hear us) it waits only so long.
 */
import { GROUPS } from './limits.ts'
import type { MemberId, View } from './terms.ts'

export class Merges {
  readonly #met = new Map<MemberId, View>()
  /** Since when a lower one is heard in this view. */
  #lowerSinceMs: number | null = null

  /** The sequencer of another view is heard, which is this one's to ask. */
  meet(view: View): void {
    this.#met.set(view.id.installer, view)
  }

  /** One is heard that is to ask this one. */
  defer(nowMs: number): void {
    this.#lowerSinceMs ??= nowMs
  }

  /** Members that are to be one view with these; null: none are. */
  due(members: readonly MemberId[], nowMs: number, patienceMs: number): MemberId[] | null {
    if (this.#lowerSinceMs !== null && nowMs - this.#lowerSinceMs <= patienceMs) return null
    let union = new Set(members)
    for (const { members: others } of this.#met.values()) {
      const more = new Set([...union, ...others])
      if (more.size <= GROUPS.membersMax) union = more
    }
    this.#met.clear()
    return union.size > members.length ? [...union] : null
  }

  entered(): void {
    this.#met.clear()
    this.#lowerSinceMs = null
  }
}
