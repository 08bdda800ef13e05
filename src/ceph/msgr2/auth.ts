/**
 * What authentication is to the handshake: pure steps over bytes, both roles. Implementations are in src/ceph/cephx.
 *
 * A step throws AuthRefused to end the handshake. Until a peer has signed, nothing of what it says is proved: so that is all
 * that it can bring about, whatever it says; another link may do better. Only what `client()` and `server()` throw is known
 * for certain, because nobody else had a say in it. What a handshake leaves behind is a mode and the secrets of the link.
 */
import type { SessionService, ServiceWorld } from '../../wire/service.ts'
import type { LinkSecrets, WireCrypto } from './crypto.ts'
import type { AuthRequest } from './control-frames.ts'

/** The dialler's half, for one link. */
export interface CephAuthClient {
  /** What to say to a peer of this type. Mode `secure` may only be offered when `canSeal`. */
  request(peerBit: number, canSeal: boolean): AuthRequest
  /** Answers AUTH_REPLY_MORE. */
  more(payload: Uint8Array): Uint8Array
  done(globalId: bigint, mode: number, payload: Uint8Array): LinkSecrets
  /** The peer has signed with these secrets: only now is anything kept of what it gave. */
  proved(): void
  /** The peer said AUTH_BAD_METHOD, as anybody can. */
  refused(): void
  /** After `done`: what the service must know of this link; private to authentication. */
  readonly note: unknown
}

/** What the acceptor says to a step. */
export type ServerStep =
  | { readonly kind: 'more'; readonly payload: Uint8Array }
  | {
      readonly kind: 'done'
      readonly globalId: bigint
      readonly payload: Uint8Array
      readonly secrets: LinkSecrets
      /** The entity name that the peer proved to have; null when it only says so. */
      readonly proven: string | null
      /** What the service must know of this link; private to authentication. */
      readonly note?: unknown
    }
  /** The method or mode does not do; the dialler may try another. */
  | {
      readonly kind: 'bad'
      readonly result: number
      readonly methods: readonly number[]
      readonly modes: readonly number[]
      readonly reason: string
    }

/** The acceptor's half, for one link. */
export interface CephAuthServer {
  /** `peerBit` is the type that the peer says it has. Mode `secure` may only be chosen when `canSeal`. */
  request(request: AuthRequest, peerBit: number, canSeal: boolean): ServerStep
  more(payload: Uint8Array): ServerStep
}

/** Authentication of one messenger: what its links share (tickets, keys) lies behind it. */
export interface CephAuth {
  readonly crypto: WireCrypto
  /** Whether a peer that dials proves its name. */
  readonly provesNames: boolean
  client(self: string, randomBytes: (count: number) => Uint8Array): CephAuthClient
  server(self: string, randomBytes: (count: number) => Uint8Array): CephAuthServer
  /** The number that a monitor gave this messenger; null before the first. */
  readonly globalId: bigint | null
  /** What authentication does over open sessions; called once, before the first link. */
  service?(world: ServiceWorld): SessionService
}
