/**
 * The ordered entries of one view, from the first that some member may lack on.
 *
 * There is one sequencer, so the logs of all members are prefixes of one another; what every member has (`stable`) is dropped.
 * Limit: the window of the sequencer bounds how far a log runs ahead of what is stable.
 */
import { GROUPS } from './limits.ts'
import type { Entry } from './terms.ts'

/** Dropped entries are cut off in steps, so that each is moved few times. */
const SLACK = 64
/** Bytes of what is one character of a text, at most. */
const UTF8_MAX = 3

export class ViewLog {
  #base: number
  /** How many at the front of `#entries` are dropped already. */
  #dropped = 0
  #entries: (Entry | null)[]

  constructor(base = 0, entries: readonly Entry[] = []) {
    this.#base = base
    this.#entries = [...entries]
  }

  /** The first entry that is still here. */
  get base(): number {
    return this.#base + this.#dropped
  }

  get length(): number {
    return this.#base + this.#entries.length
  }

  at(index: number): Entry | null {
    return this.#entries[index - this.#base] ?? null
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
  }

  /** All from `index` on that are still here. */
  from(index: number): Entry[] {
    const here: Entry[] = []
    for (let at = Math.max(index, this.base); at < this.length; at++) here.push(this.at(at)!)
    return here
  }

  /** Drops what lies before `index`. */
  trim(index: number): void {
    while (this.base < index && this.#dropped < this.#entries.length) this.#entries[this.#dropped++] = null
    if (this.#dropped < SLACK || this.#dropped * 2 < this.#entries.length) return
    this.#entries = this.#entries.slice(this.#dropped)
    this.#base += this.#dropped
    this.#dropped = 0
  }
}

/** What an entry counts in every window. */
export function costOf(entry: Entry): number {
  return entry.data.length + GROUPS.entryOverheadBytes
}

/** The entries in runs that travel together, each well within a word with its fields. */
export function batches(entries: readonly Entry[]): Entry[][] {
  const runs: Entry[][] = []
  let run: Entry[] = []
  let bytes = 0
  for (const entry of entries) {
    const travels = entry.data.length + UTF8_MAX * entry.origin.length
    if (run.length > 0 && (bytes + travels > GROUPS.batchBytes || run.length >= GROUPS.batchEntriesMax)) {
      runs.push(run)
      run = []
      bytes = 0
    }
    run.push(entry)
    bytes += travels
  }
  if (run.length > 0) runs.push(run)
  return runs
}
