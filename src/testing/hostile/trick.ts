/** What a trick is. */
import type { Ground } from './ground.ts'

export interface Trick {
  /** What the peer does, in one sentence. */
  readonly says: string
  /** Only makes sense over this protocol; left out: over every one. */
  readonly wire?: 'native' | 'msgr2'
  /** Only makes sense where a name must be proved: else it is no lie. */
  readonly lies?: 'about its name'
  play(ground: Ground): Promise<void>
}
