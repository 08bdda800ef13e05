/** Who is at the other end, as an application sees it. */
import type { Identity } from '../wire/wire.ts'

/** What is not known before the first handshake is null. */
export interface Peer {
  /** `osd` in `osd.3`. */
  readonly type: string | null
  /** `osd.3`. */
  readonly name: string | null
  /** Where it is dialled, or where it came from. */
  readonly address: string
  /** 128 random bits of the peer's messenger, as 32 hexadecimal digits. */
  readonly instance: string | null
  /** `client.admin`: the name that the peer proved to have, where that can be another than `name` (Ceph numbers clients). */
  readonly principal?: string | null
}

/** As its proof says, and where it is reached. */
export function peerOf({ name, instance, principal }: Identity, address: string): Peer {
  const [type = name] = name.split('.')
  return { type, name, address, instance, ...(principal === undefined ? null : { principal }) }
}
