/** Who is told of peers: each of those that are its own, in order, under guard. */
import { InkwireError } from '../index.ts'
import { describe, optionObject } from '../common/options.ts'
import { guarded } from './guarded.ts'
import type { Change, PeerRecord } from './machine/sightings.ts'

/** One peer, or all of a type. */
export type WatchTarget = { readonly name: string } | { readonly type: string }

/** What is told. Every method may be left out. */
export interface Watching {
  /** It is there. */
  found?(record: PeerRecord): unknown
  /** It is elsewhere, or another process. */
  moved?(record: PeerRecord): unknown
  /** No lookup sees it any more, and it has no session here. */
  lost?(record: PeerRecord): unknown
  /** Discovery was closed: nothing more is told. */
  closed?(): unknown
}

interface Watch {
  readonly target: WatchTarget
  readonly watching: Watching
}

export class Watches {
  readonly #all = new Set<Watch>()

  add(target: WatchTarget, watching: Watching, known: readonly PeerRecord[]): () => void {
    checkTarget(target)
    if (typeof watching !== 'object' || (watching as unknown) === null) {
      throw new InkwireError('INK_BAD_ARGUMENT', `watch() takes { found(record) {} }, not ${describe(watching)}`)
    }
    const watch = { target, watching }
    this.#all.add(watch)
    for (const record of known) if (this.#all.has(watch)) call(watch, { type: 'found', record })
    return () => {
      this.#all.delete(watch)
    }
  }

  tell(change: Change): void {
    for (const watch of [...this.#all]) if (this.#all.has(watch)) call(watch, change)
  }

  close(): void {
    const all = [...this.#all]
    this.#all.clear()
    for (const { watching } of all) guarded('a watch', () => watching.closed?.())
  }
}

function call({ target, watching }: Watch, { type, record }: Change): void {
  const { name } = record
  const fits = 'name' in target ? target.name === name : target.type === name.slice(0, name.indexOf('.'))
  if (!fits) return
  guarded('a watch', () => watching[type]?.(record))
}

function checkTarget(target: WatchTarget): void {
  const [value, ...more] = Object.values(optionObject('watch()', target, ['name', 'type']))
  if (more.length === 0 && typeof value === 'string' && value !== '') return
  throw new InkwireError(
    'INK_BAD_ARGUMENT',
    `watch() takes { name: 'osd.3' } or { type: 'osd' }, not ${describe(value)}`,
  )
}
