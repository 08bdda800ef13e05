/** What an application sees of the link that carries a session, and why that became another one. */

/** The link that carries a session, as it is now. */
export interface PathInfo {
  /** Where it was dialled; of one that arrived, where it came from. */
  readonly address: string
  /** `tcp`, `unix`, `memory`: by what it goes. */
  readonly scheme: string
  /** This side has dialled it. */
  readonly dialled: boolean
  /** How long the last question took, in ms; null: none was answered on this link. */
  readonly rttMs: number | null
  /** Bytes of this link, protocol included. */
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** Why a session went to another path: its caller asked, this side or the other found a better one, or the old one was lost. */
export type SwitchReason = 'asked' | 'better' | 'lost' | 'peer'
