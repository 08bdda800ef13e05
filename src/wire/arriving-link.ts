/**
 * What an arriving link can mean, as types: the vocabulary between a session and whoever decides about links.
 *
 * A protocol may bring its own `arbitrate`; the session asks it instead of its own and treats every verdict alike. What its
 * decisions need beside this travels as the `note` of the offer, which nobody else looks into.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { PolicyKind } from '../policies/policy.ts'
import type { Ballot, SessionOffer } from './terms.ts'

/** What is here already. */
export interface Existing {
  readonly policy: PolicyKind
  readonly machine: {
    readonly state: {
      readonly name:
        'idle' | 'connecting' | 'accepting' | 'open' | 'standby' | 'backoff' | 'yielding' | 'draining' | 'closed'
    }
    /** The highest ballot that was dialled or promised. */
    readonly best: Ballot
    readonly session: string | null
    readonly tentative: { readonly id: string; readonly instance: string } | null
    readonly instance: string | null
  }
}

/** What arrives. */
export interface Incoming {
  /** The dialler's instance. */
  readonly instance: string
  readonly offer: SessionOffer
  /** True when a newer instance of this peer has taken over. */
  readonly replaced: boolean
}

/** A promise: what it says about the session is what happens when the dialler confirms. */
type Promising = { readonly id: string; readonly reason: string }

/** What is to become of an arriving link: what `arbitrate` of a protocol answers. */
export type Verdict =
  /** A first session. */
  | ({ readonly kind: 'promise'; readonly resumed: boolean } & Promising)
  /** The session continues; it has no link now. */
  | ({ readonly kind: 'resume'; readonly resumed: true } & Promising)
  /** The session continues on the arriving link, which displaces the open one. */
  | ({ readonly kind: 'replace'; readonly resumed: true } & Promising)
  /** The dialler does not know our session: a new one displaces it. */
  | ({ readonly kind: 'reset'; readonly resumed: boolean } & Promising)
  /** Another link goes first. */
  | { readonly kind: 'yield'; readonly epoch: number; readonly reason: string }
  /** Nothing is promised: the dialler is told `say` and offers again, on the same link. */
  | { readonly kind: 'again'; readonly say: unknown; readonly reason: string }
  | { readonly kind: 'reject'; readonly code: InkwireErrorCode; readonly reason: string }

export type VerdictKind = Verdict['kind']

/** Decides about `incoming`, given what exists for this peer. Pure and total. */
export type Arbitrate = (existing: Existing, incoming: Incoming) => Verdict
