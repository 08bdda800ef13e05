/**
 * The ordered entries of one view, from the first that some member may lack on.
 *
 * There is one sequencer, so the logs of all members are prefixes of one another; what every member has (`stable`) is dropped.
 * Limit: the window of the sequencer bounds how far a log runs ahead of what is stable.
 */
import { Deque } from '../../common/deque.ts'
import { GROUPS } from './limits.ts'
import type { Entry } from './terms.ts'

/** Bytes of what is one character of a text, at most. */
const UTF8_MAX = 3

export class ViewLog {
  #base: number
  /** From `#base` on. A ring, so that what is dropped is held by nothing: an array that was outgrown would keep it alive for long. */
  readonly #entries = new Deque<Entry>()

  constructor(base = 0, entries: readonly Entry[] = []) {
    this.#base = base
    for (const entry of entries) this.#entries.push(entry)
  }

  /** The first entry that is still here. */
  get base(): number {
    return this.#base
  }

  get length(): number {
    return this.#base + this.#entries.length
  }

  at(index: number): Entry | null {
    return this.#entries.at(index - this.#base) ?? null
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
  }

  /** All from `index` on that are still here. */
  from(index: number): Entry[] {
    const here: Entry[] = []
    for (let at = Math.max(index, this.#base); at < this.length; at++) here.push(this.at(at)!)
    return here
  }

  /** Drops what lies before `index`. */
  trim(index: number): void {
    for (; this.#base < index && this.#entries.length > 0; this.#base++) this.#entries.shift()
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
