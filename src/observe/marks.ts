/**
 * How old the oldest thing in a queue is, when nobody has written down when each came.
 *
 * Now and then the end of the queue is noted with the time. Whatever lies at or before a noted end came no later than that, so the
 * oldest note that is not passed yet gives the age of the oldest thing, at least, and at most one interval too little. So a
 * message costs nothing for it. Limit: 64 notes; then every second one is forgotten, and as few are made from then on, so that
 * they reach back as far as the queue does.
 */
const NOTES_MAX = 64

export class Marks {
  #notes: { readonly end: number; readonly atMs: number }[] = []
  /** How far apart new notes are at least, in ms. */
  #apartMs = 0

  /** The last thing that is in the queue has this number; numbers only grow, but for a new beginning. */
  note(end: number, done: number, nowMs: number): void {
    const last = this.#notes.at(-1)
    if (last !== undefined && end < last.end) this.#notes = []
    this.#forget(done)
    const newest = this.#notes.at(-1)
    if (newest === undefined) this.#apartMs = 0
    if (end <= done || end === newest?.end || (newest !== undefined && nowMs - newest.atMs < this.#apartMs)) return
    this.#notes.push({ end, atMs: nowMs })
    if (this.#notes.length <= NOTES_MAX) return
    this.#notes = this.#notes.filter((_, index) => index % 2 === 0)
    this.#apartMs = (nowMs - this.#notes[0]!.atMs) / (NOTES_MAX / 2)
  }

  /** How long the first thing behind `done` has been here, at least, in ms; 0: it came since the last note, or there is none. */
  ageMs(done: number, nowMs: number): number {
    this.#forget(done)
    const oldest = this.#notes[0]
    return oldest === undefined ? 0 : Math.max(0, nowMs - oldest.atMs)
  }

  #forget(done: number): void {
    const kept = this.#notes.findIndex(({ end }) => end > done)
    if (kept === 0) return
    this.#notes = kept < 0 ? [] : this.#notes.slice(kept)
  }
}
