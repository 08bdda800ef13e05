/**
 * What a caller of `switchTo()` waits for: that the session is elsewhere. It ends once: the session went there, cannot go
 * there, or the caller gave up.
 */
import { onAbort } from '../common/abort.ts'
import type { InkwireError } from '../common/errors.ts'
import type { PathInfo } from './path-info.ts'
import { aborted } from './waiters.ts'

export interface PathWish {
  readonly address: string
  /** The link that was dialled for it; null: none yet. */
  link: number | null
  readonly resolve: (path: PathInfo) => void
  readonly reject: (error: InkwireError) => void
}

/** `begin` is given the wish, unless it is aborted already; `abandon` when it is aborted later. */
export function wishFor(
  address: string,
  signal: AbortSignal | undefined,
  begin: (wish: PathWish) => void,
  abandon: (wish: PathWish) => void,
): Promise<PathInfo> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(aborted('switchTo()', signal))
      return
    }
    const release = onAbort(signal, () => {
      reject(aborted('switchTo()', signal))
      abandon(wish)
    })
    const settled =
      <T>(settle: (value: T) => void) =>
      (value: T): void => {
        release()
        settle(value)
      }
    const wish: PathWish = { address, link: null, resolve: settled(resolve), reject: settled(reject) }
    begin(wish)
  })
}
