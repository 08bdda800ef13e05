/** What an application sees of the link that carries a session, and why that became another one. */
import { parseAddress } from '../transports/address.ts'
import type { LinkPort } from './link-port.ts'

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

/** What a port is as a path: where it leads, and what went over it. */
export function pathInfoOf(port: LinkPort, rttMs: number | null): PathInfo {
  const address = addressOf(port)
  const { takenBytes: sentBytes, heardBytes: receivedBytes } = port.traffic
  const dialled = port.role === 'dialler'
  return { address, scheme: schemeOf(address), dialled, rttMs, sentBytes, receivedBytes }
}

export function addressOf(port: LinkPort): string {
  return port.target ?? port.link.remoteAddress
}

function schemeOf(address: string): string {
  try {
    return parseAddress(address).scheme
  } catch {
    return ''
  }
}
