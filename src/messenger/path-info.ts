/** What an application sees of the link that carries a session, and why that became another one. */
import { parseAddress } from '../transports/address.ts'
import type { KnownRoute } from '../session/routes/routes.ts'
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

/** A way to the peer: the one that carries the session, or another one. */
export interface KnownPath {
  /** Where it is dialled, or came from. */
  readonly address: string
  /** `tcp`, `unix`, `memory`: by what it goes. */
  readonly scheme: string
  /**
   * `carries`: the session is there. `ready`: it is proved, and takes over when the session loses its own. `rests`: it failed, and is not
   * dialled for a while. `known`: none of these.
   */
  readonly state: 'carries' | 'ready' | 'rests' | 'known'
  /** How long the peer took to answer there the last time, in ms: a question, or the handshake when it was proved. Null: neither. */
  readonly rttMs: number | null
}

/** All ways that are known: the one of now, if there is one, first. */
export function knownPaths(
  now: PathInfo | null,
  routes: readonly KnownRoute[],
  ready: string | null | undefined,
): KnownPath[] {
  const first = routes.find(({ address }) => address === now?.address)
  const used: KnownPath[] =
    now === null
      ? []
      : [{ address: now.address, scheme: now.scheme, state: 'carries', rttMs: now.rttMs ?? first?.rttMs ?? null }]
  const others = routes.filter((route) => route !== first || now === null)
  return used.concat(
    others.map(({ address, rttMs, rests }) => ({
      address,
      scheme: schemeOf(address),
      state: address === ready ? 'ready' : rests ? 'rests' : 'known',
      rttMs,
    })),
  )
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
