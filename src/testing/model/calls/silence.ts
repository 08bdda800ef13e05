/**
 * What a discarded call may still say: that credit came back, what its server has begun to receive, what was asked for before, and
 * that parts which have begun do not go on.
 */
import { FLAG, KIND, readHead } from '../../../transactions/machine/words.ts'
import { readEntries } from '../../../transactions/machine/entries.ts'
import type { ModelAsked } from './halves.ts'

/** What is wrong with a message of it; null: nothing. */
export function messageBreaks(asked: ModelAsked, words: Uint8Array): string | null {
  const head = readHead(words)
  const isNew = head?.kind === KIND.PART && (head.flags & FLAG.FIRST) !== 0
  return isNew ? named(asked, 'a part') : null
}

/** What is wrong with a control word of the callers' side; `asked` finds a call by its number. */
export function wordBreaks(word: Uint8Array, asked: (id: number) => ModelAsked | undefined): string | null {
  for (const entry of readEntries(word) ?? []) {
    const isServers = entry.kind === 'verdict' || (entry.kind !== 'cancel' && entry.down)
    const one = isServers || entry.kind === 'credit' ? undefined : asked(entry.id)
    const broken = one === undefined ? null : named(one, entry.kind)
    if (broken !== null) return broken
  }
  return null
}

function named({ key, isDiscarded, did, sent }: ModelAsked, by: string): string | null {
  if (by === 'reset' && sent.length > 0) return null
  return isDiscarded && !did.includes(by) ? `call ${key} was discarded, and is named by ${by}` : null
}
