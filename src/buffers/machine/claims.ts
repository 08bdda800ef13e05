/**
 * What a reference grants: that of its registration, less what each holder on its way has taken away. Claims only ever narrow,
 * in whatever order they are read.
 *
 * Offsets are those of the whole buffer, also of a reference to a part of it.
 */

/** As bits, so that narrowing is a conjunction. */
export const READ = 1
export const WRITE = 2

/** Some bytes of a buffer. */
export interface Range {
  readonly offset: number
  readonly length: number
}

/** What a holder has taken away, or said. */
export type Caveat =
  | { readonly kind: 'rights'; readonly rights: number }
  | ({ readonly kind: 'range' } & Range)
  /** Wall time in ms since 1970. */
  | { readonly kind: 'expiry'; readonly expiresAtMs: number }
  /** Only these peers: names such as `osd.3`, or types such as `osd`. */
  | { readonly kind: 'peers'; readonly peers: readonly string[] }
  /** Takes nothing away: whoever cannot reach the owner may ask this peer to pass bytes on. */
  | { readonly kind: 'via'; readonly name: string; readonly address: string }

export interface Claims {
  readonly rights: number
  readonly range: Range
  /** Wall time in ms since 1970; Infinity: never. */
  readonly expiresAtMs: number
  /** A peer must be among the peers of each; none: anybody. */
  readonly peers: readonly (readonly string[])[]
}

export function narrow(claims: Claims, caveat: Caveat): Claims {
  switch (caveat.kind) {
    case 'rights':
      return { ...claims, rights: claims.rights & caveat.rights }
    case 'range':
      return { ...claims, range: common(claims.range, caveat) }
    case 'expiry':
      return { ...claims, expiresAtMs: Math.min(claims.expiresAtMs, caveat.expiresAtMs) }
    case 'peers':
      return { ...claims, peers: [...claims.peers, caveat.peers] }
    case 'via':
      return claims
  }
}

/** What both have; where they do not meet, nothing. */
function common(a: Range, b: Range): Range {
  const offset = Math.max(a.offset, b.offset)
  return { offset, length: Math.max(0, Math.min(a.offset + a.length, b.offset + b.length) - offset) }
}

/** Whether all of `inner` lies in `outer`. One of no bytes may lie at its end. */
export function contains(outer: Range, inner: Range): boolean {
  return inner.offset >= outer.offset && inner.offset + inner.length <= outer.offset + outer.length
}

/** Whether a peer is one of those, by its name or its type. */
export function isAmong(name: string, peers: readonly string[]): boolean {
  return peers.includes(name) || peers.includes(name.slice(0, Math.max(0, name.indexOf('.'))))
}
