/** Every trick of a hostile peer, by name. */
import { ANSWER_TRICKS } from './answer-tricks.ts'
import { CROWD_TRICKS } from './crowd-tricks.ts'
import { HANDSHAKE_TRICKS } from './handshake-tricks.ts'
import { IDENTITY_TRICKS } from './identity-tricks.ts'
import { SESSION_TRICKS } from './session-tricks.ts'
import type { Trick } from './trick.ts'
import { WORD_TRICKS } from './word-tricks.ts'

const ALL = {
  ...IDENTITY_TRICKS,
  ...HANDSHAKE_TRICKS,
  ...SESSION_TRICKS,
  ...WORD_TRICKS,
  ...ANSWER_TRICKS,
  ...CROWD_TRICKS,
} as const

/** The name of a trick. */
export type HostileTrick = keyof typeof ALL

export const TRICKS: Readonly<Record<HostileTrick, Trick>> = ALL

/** What each trick does, in one sentence. */
export const HOSTILE_TRICKS = Object.freeze(
  Object.fromEntries(Object.entries(ALL).map(([name, { says }]) => [name, says])),
) as Readonly<Record<HostileTrick, string>>

/** The tricks that make sense over this protocol with this method of authentication. */
export function tricksFor(wire: string, auth: string): HostileTrick[] {
  return (Object.keys(ALL) as HostileTrick[]).filter((name) => {
    const trick = TRICKS[name]
    if (trick.lies !== undefined && auth === 'none' && wire === 'native') return false
    return trick.wire === undefined || trick.wire === wire
  })
}
