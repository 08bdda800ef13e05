/**
 * The vocabulary of the connection state machine: its states, what it remembers, and what it asks for. What can happen is in event.ts.
 *
 * States are a discriminated union: what is valid only in a state lives in its variant. Everything here is plain data,
 * so that a machine can be copied, compared and searched.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Policy } from '../policies/policy.ts'
import type { Ballot, Grant, Marks, WireProtocol } from '../wire/wire.ts'

/** A link, as its driver numbers it. */
export type LinkId = number

/** A link that was promised to its dialler, and what CONFIRM will make of it. */
export interface Pledge {
  readonly link: LinkId
  readonly ballot: Ballot
  /** The session that it will carry. */
  readonly id: string
  /** True when the dialler named `id` among those that it can resume. */
  readonly resumed: boolean
  readonly instance: string
  /** The dialler's marks for `id`. */
  readonly marks: readonly Marks[]
  readonly grant: Grant
  /** When the promise ends unconfirmed, in ms. */
  readonly deadlineMs: number
  /** The session lives on another link, and moves to this one: what was stated in the handshake may be old by then. */
  readonly moves?: boolean
}

/** What a link is dialled for beside the one that carries the session. */
export type MovePurpose =
  /** The session moves there as soon as it can. */
  | 'switch'
  /** It is kept ready, and takes over when the other one is lost. */
  | 'standby'

/** A link of ours beside the one that carries the session. See moving.ts. */
export type Move =
  /** In its handshake. */
  | {
      readonly name: 'dialling'
      readonly link: LinkId
      readonly ballot: Ballot
      readonly purpose: MovePurpose
      readonly deadlineMs: number
    }
  /** The peer keeps a promise for it until the deadline. */
  | { readonly name: 'ready'; readonly pledge: Pledge }
  /** Promised; END is said on the link that is left, and the peer's is waited for until the deadline. */
  | { readonly name: 'parting'; readonly pledge: Pledge }
  /** Carried the session before; its peer closes it when it has followed us. */
  | { readonly name: 'left'; readonly link: LinkId; readonly deadlineMs: number }

export type ConnectionState =
  /** Nothing to do: not dialled yet, or the peer said goodbye and nothing is queued. */
  | { readonly name: 'idle' }
  /**
   * Our dial is in its handshake. `yields`: so many before it, in a row, lost to another link of this pair. `moves`: it was
   * dialled while the session lived on another link.
   */
  | {
      readonly name: 'connecting'
      readonly link: LinkId
      readonly ballot: Ballot
      readonly deadlineMs: number
      readonly yields: number
      readonly moves?: boolean
    }
  /** We promised a link of the peer and have none. */
  | { readonly name: 'accepting'; readonly pledge: Pledge }
  /** A link carries the session; `rival` is a newer one that is promised and not confirmed, `move` one of ours. */
  | {
      readonly name: 'open'
      readonly link: LinkId
      readonly ballot: Ballot
      readonly sinceMs: number
      readonly rival: Pledge | null
      readonly move?: Move | null
    }
  /** No link, and none is dialled: the peer must come, or work must. */
  | { readonly name: 'standby'; readonly probeMs: number; readonly expiresMs: number }
  /** No link; the next dial is timed. */
  | { readonly name: 'backoff'; readonly untilMs: number }
  /** Our dial lost to another link of this pair, so many times in a row: a short wait for that one. */
  | { readonly name: 'yielding'; readonly untilMs: number; readonly yields: number }
  /** Everything is acked and goodbye is said: the link is flushing. */
  | { readonly name: 'draining'; readonly link: LinkId; readonly deadlineMs: number }
  /** Over. */
  | { readonly name: 'closed' }

/** The states of a connection, as `connection.state` has them. docs/STATES.md shows what leads from one to the next. */
export type StateName = ConnectionState['name']

/** What the caller wants of the connection. */
export type Life = { readonly name: 'running' } | { readonly name: 'closing'; readonly deadlineMs: number }

/** All that one connection's machine knows. */
export interface Machine {
  readonly state: ConnectionState
  readonly life: Life
  /** The highest ballot that was dialled or promised. */
  readonly best: Ballot
  /** The session that both sides confirmed last, to our knowledge. */
  readonly session: string | null
  /** A session that was promised and not confirmed: the dialler may hold it already. */
  readonly tentative: { readonly id: string; readonly instance: string } | null
  /** The peer's instance in `session`. */
  readonly instance: string | null
  /** Failures in a row, for the backoff. */
  readonly failures: number
  /** When the session lost its link, in ms; null while it has one or never had. */
  readonly linklessSinceMs: number | null
}

/** What never changes in a connection's life. */
export interface MachineConfig {
  readonly policy: Policy
  /** `initiator`: made by connect(). `responder`: made by an arriving link. */
  readonly role: 'initiator' | 'responder'
  /** Canonical bytes of this messenger's entity address, hexadecimal. */
  readonly self: string
  /** How long a promise waits for its CONFIRM, in ms. */
  readonly handshakeTimeoutMs: number
  /** How long a dial that lost waits for the winner's link, in ms. */
  readonly yieldMs: number
  /** How long a never confirmed session is remembered at the most, in ms. */
  readonly tentativeMs: number
  /** What the wire protocol can do, and its own rules about arriving links. Left out: everything, and none. */
  readonly protocol?: Pick<WireProtocol, 'capabilities' | 'arbitrate'>
}

/** Why a connection is over. */
export type CloseCause = 'local' | 'fault' | 'peer' | 'refused'

/**
 * Why a link is given up: it failed us (`fault`), another link of this pair goes before it (`race`), or the connection ends
 * or has what it needs (`end`).
 */
export type DropCause = 'fault' | 'race' | 'end'

/** What the machine asks its driver to do, in order. */
export type Effect =
  | {
      readonly type: 'dial'
      readonly link: LinkId
      readonly ballot: Ballot
      readonly fresh: string
      readonly resume: readonly string[]
      /** It is dialled beside the link that carries the session; how long the peer is to keep its promise, in ms. */
      readonly holdMs?: number
    }
  | { readonly type: 'answer'; readonly link: LinkId; readonly id: string; readonly resumed: boolean }
  | { readonly type: 'yield'; readonly link: LinkId; readonly epoch: number }
  | { readonly type: 'reject'; readonly link: LinkId; readonly code: InkwireErrorCode; readonly reason: string }
  /** Nothing is promised: the dialler is told something and offers again, on the same link. */
  | { readonly type: 'again'; readonly link: LinkId; readonly say: unknown }
  | { readonly type: 'confirm'; readonly link: LinkId; readonly moves: boolean }
  /** No message begins on this link any more, because of the link with this epoch; `stays`: it goes on after all. */
  | { readonly type: 'part'; readonly link: LinkId; readonly epoch: number; readonly stays: boolean }
  /** The session continues (`continues`) or begins on this link. */
  | {
      readonly type: 'adopt'
      readonly link: LinkId
      readonly id: string
      readonly instance: string
      readonly continues: boolean
      readonly marks: readonly Marks[]
      readonly grant: Grant
      /** The session lived on until now: `marks` are what the peer had at least. */
      readonly moved: boolean
    }
  /** This instance of the peer was replaced by a newer one, for good. */
  | { readonly type: 'replaced'; readonly instance: string }
  /** The peer lost the session; what was unfinished is handed back or requeued. */
  | { readonly type: 'remoteReset'; readonly code: InkwireErrorCode; readonly reason: string }
  | { readonly type: 'goodbye'; readonly link: LinkId; readonly reason: string }
  /** The link is not ours any more. */
  | { readonly type: 'drop'; readonly link: LinkId; readonly cause: DropCause; readonly reason: string }
  | { readonly type: 'closed'; readonly cause: CloseCause; readonly code: InkwireErrorCode; readonly reason: string }

/** What one event made of a machine. */
export interface Step {
  readonly machine: Machine
  readonly effects: readonly Effect[]
}
