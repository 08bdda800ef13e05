/** Messengers of one process, or of one simulation, find each other: a meeting place without leases, as nobody can die alone there. */
import { numberOption, optionObject, whole } from '../common/options.ts'
import type { Lookup, LookupWorld } from './lookup.ts'

/**
 * A meeting place; give the same one to each messenger. What is announced is seen by all others at the next beat: `beatMs` later at most,
 * in ms, 1 to 3,600,000, default 1000.
 *
 * @throws InkwireError `INK_BAD_OPTION`.
 */
export function inProcess(options: { readonly beatMs?: number | undefined } = {}): Lookup {
  const given = optionObject('inProcess()', options, ['beatMs'])
  const beatMs = numberOption('inProcess(): beatMs', given['beatMs'], whole(1, 3_600_000), 1000)
  const worlds = new Set<LookupWorld>()
  const tell = (): void => {
    const records = [...worlds].map((world) => world.self()).filter((record) => record !== null)
    for (const world of [...worlds]) world.seen(records)
  }
  return {
    name: 'in-process',
    start: (world) => {
      worlds.add(world)
      let cancel = world.timer(beat, 0)
      return {
        stop: () => {
          cancel()
          if (worlds.delete(world)) tell()
          return Promise.resolve()
        },
      }

      function beat(): void {
        tell()
        cancel = world.timer(beat, beatMs)
      }
    },
  }
}
