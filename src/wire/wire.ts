/**
 * What a wire protocol is to the rest of Inkwire: bytes in, events out; calls in, bytes out. Pure, one object per link.
 *
 * A Wire runs its own greeting and authentication (both roles) and then speaks in the session's vocabulary: offer,
 * opened, yielded, rejected, confirmed, batches of messages, marks, credit. What a protocol lacks it states in its
 * capabilities, so that no room above ever asks which protocol it serves.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Deque } from '../common/deque.ts'
import type { Budget, PolicyKind } from '../policies/policy.ts'
import type { Arbitrate } from './arriving-link.ts'
import type { AuthMethod } from './auth-method.ts'
import { LANES } from './message.ts'
import type { InboundMessage, OutboundMessage, Standing } from './message.ts'
import type { OutBuffer } from './out-buffer.ts'
import type { ServiceWorld, SessionService } from './service.ts'
import type { Identity, Marks, SessionAnswer, SessionOffer } from './terms.ts'
import type { Verdict } from './verdict.ts'

export { EPOCH_MAX } from './terms.ts'
export type { Ballot, Grant, Identity, Marks, Resumable, SessionAnswer, SessionOffer } from './terms.ts'

/** The head of a run of messages of one lane. Reused by the decoder: read it before returning. */
export interface BatchHeader {
  lane: number
  /** Sequence number of the first message; the others follow. */
  firstSeq: number
  count: number
  /** The sender's marks for this lane of the other direction. */
  received: number
  processed: number
  stampMs: number
  stampCounter: number
  /** By the sender's own clock, which its `dueMs` are of; of received ones, nothing. */
  nowMs?: number
  /** The sender waits for the outcome: ack at the end of the turn in which the handler finished. */
  ackNow: boolean
}

/** What a Wire tells. No method may throw. */
export interface WireSink {
  /**
   * The memory of large bodies comes back when they are finished, so it is warm when it is used again: they are read straight to
   * their places. Into fresh memory that would be dearer than a copy, because the kernel then faults in page by page.
   */
  readonly reusesBodies?: boolean
  /** Acceptor: an authenticated peer asks for a session; answer with `answer`, `yield` or `reject`. */
  offer(peer: Identity, offer: SessionOffer): void
  /** Dialler: the acceptor promises; answer with `confirm`, or drop the link. */
  opened(peer: Identity, answer: SessionAnswer): void
  /**
   * Dialler: another link of this pair goes first; `epoch` is the highest that the peer knows. `peer` says so; null where
   * the protocol does not tell the name of who yields.
   */
  yielded(peer: Identity | null, epoch: number): void
  /**
   * Dialler: a peer that has proved who it is refuses for good, or for now when the code is INK_REFUSED. What anybody could
   * have said is a fault.
   */
  rejected(peer: Identity | null, code: InkwireErrorCode, reason: string): void
  /** Acceptor: the dialler adopted the link. `marks`: what it has by now, where the session moved here. */
  confirmed(marks?: readonly Marks[] | null): void
  /** The peer begins no message here any more, for the sake of the link with this epoch; `stays`: it goes on after all. */
  parted?(epoch: number, stays: boolean): void
  /** When so much time from now is over, by this side's clock, in ms. Left out: messages do not expire here. */
  dueMs?(remainingMs: number): number
  /** A run of messages begins. Returns how many leading ones to skip as duplicates; -1 refuses the run (a gap). */
  batch(header: BatchHeader): number
  /** Asked for every message, skipped ones too, before memory is taken. False: it is past the credit. */
  admit(bytes: number, skipped: boolean): boolean
  /** A whole message that was admitted and not skipped. A borrowed body is gone when the sink returns. */
  message(message: InboundMessage, standing: Standing): void
  /** The peer's marks for one lane. */
  marks(lane: number, received: number, processed: number): void
  /** The peer lets this many messages and bytes be sent since the link began, in total. */
  credit(messages: number, bytes: number): void
  /** Of this side's messages these failed; `first` is the number of the first of them. So many of this side's own came. */
  verdicts(first: number, verdicts: readonly Verdict[], taken: number): void
  /** The peer asks for a sign of life; it is answered with the same token. */
  keepalive(token: number): void
  /** The peer has answered. */
  keepaliveAck(token: number): void
  /** The peer ended the session in order. */
  goodbye(reason: string): void
  /** The peer broke the protocol, its bytes were altered, or no proof was reached. Called once; the Wire is deaf afterwards. */
  fault(code: InkwireErrorCode, reason: string): void
}

/**
 * What a link can do; the session does without what is missing. The protocol's own is what it can do with a peer that
 * knows all that this side knows; lanes, credit and numbering are the same on each of its links.
 */
export interface WireCapabilities {
  readonly lanes: number
  readonly credit: boolean
  /** Messages per batch, and whether a large message can be cut into chunks. */
  readonly batchMax: number
  readonly chunks: boolean
  /** Whether a message can carry an extension block. */
  readonly extensions: boolean
  /** Whether there is a lane of control words beside the others; see CONTROL_LANE. */
  readonly controlLane: boolean
  /** Whether a receiver can say that a message failed. Without it such a message counts as handled. */
  readonly verdicts: boolean
  /** Whether a message can say how long it is wanted. Left out: it cannot. */
  readonly expiry?: boolean
  /** Whether calls that are to run once are known. Left out: they are not. */
  readonly once?: boolean
  /** Whether a peer can say anew where it is dialled. Left out: only with its links. */
  readonly addresses?: boolean
  /** Whether an open session can move to another link. Left out: it cannot. */
  readonly moves?: boolean
  /** A peer may go on counting where an older session was: the first message of a session has any number. */
  readonly startsAnywhere?: boolean
}

/** What is assumed of a protocol that does not say. */
export const EVERYTHING: WireCapabilities = {
  lanes: LANES,
  credit: true,
  batchMax: 65_535,
  chunks: true,
  extensions: true,
  controlLane: true,
  verdicts: true,
}

/** What a Wire needs to know of its messenger. */
export interface WireContext {
  readonly self: Identity
  readonly auth: AuthMethod
  readonly randomBytes: (count: number) => Uint8Array
  /** An array of its own, with anything in it, for who writes all of it; throws RangeError when there is no such memory. */
  readonly allocate: (bytes: number) => Uint8Array
  readonly limits: WireLimits
  /** Where this link was dialled, as `connect()` calls it; of an accepted one, where it came from. */
  readonly target?: string | null
  /** The transport lets nobody change bytes unnoticed: a checksum has nothing to find. Left out: false. */
  readonly isProtected?: boolean
  /**
   * Who the sessions of this id are with that live here, or were promised to somebody. More than one when somebody has chosen
   * the id of another's session for its own. Left out: nobody is known.
   */
  readonly peersOf?: (session: string) => readonly Identity[]
}

/** The limits of the decoder; all in bytes. */
export interface WireLimits {
  /** Everything that an unauthenticated peer may send: from 1 KiB to 64 KiB. */
  readonly handshakeBytes: number
  /** Largest payload of one frame: from 4 KiB to 64 MiB. */
  readonly frameBytes: number
}

/** One protocol on one link. */
export interface Wire {
  /** With this peer: final when it has made its offer, or has answered ours. */
  readonly capabilities: WireCapabilities
  /** What the protocol's own service must know of this link. */
  readonly note?: unknown
  /** Feeds received bytes, split anywhere. The chunk is not kept. */
  receive(chunk: Uint8Array): void
  /**
   * Where what comes next had best be read to: the rest of a large body to its place. What was read there is fed to `receive`
   * like all else, and knows that it needs no copy. Null: anywhere. Asked behind `receive`; holds until the next one.
   */
  room?(): Uint8Array | null
  /** Dialler: everything of the first flight. */
  open(offer: SessionOffer): void
  /** Dialler: adopts. Data may follow in the same flight. `marks`: what this side has by now, where the session moves. */
  confirm(marks?: readonly Marks[] | null): void
  /** Acceptor: promises. */
  answer(answer: SessionAnswer): void
  /** Acceptor: another link goes first. */
  yield(epoch: number): void
  /** Acceptor: refuses, with a reason for people. */
  reject(code: InkwireErrorCode, reason: string): void
  /** Acceptor: tells what the protocol's own `arbitrate` said; the dialler offers again on this link. */
  again?(say: unknown): void
  /** Handshake bytes that wait to be written; empties the list. */
  takeHandshake(): Uint8Array[]
  /** `count` messages of the queue from `index` on, as one frame. */
  encodeBatch(out: OutBuffer, header: BatchHeader, queue: Deque<OutboundMessage>, index: number, count: number): void
  /** Bytes `offset` to `offset + length` of a message's segments (laid end to end), as one frame. */
  encodeChunk(out: OutBuffer, header: BatchHeader, message: OutboundMessage, offset: number, length: number): void
  /** Marks of every lane, and the credit granted on this link so far. */
  encodeAck(out: OutBuffer, marks: readonly Marks[], credit: Budget): void
  /** Verdicts, numbered from `first`, and how many of the peer's this side has. Called only where the link can do it. */
  encodeFailed?(out: OutBuffer, first: number, verdicts: readonly Verdict[], taken: number): void
  /** No message follows on this link, or (`stays`) one may again. Called only where the link can do it. */
  encodePart?(out: OutBuffer, epoch: number, stays: boolean): void
  /** A question that the other side answers with the same token. */
  encodeKeepalive(out: OutBuffer, token: number): void
  /** The answer to a question. */
  encodeKeepaliveAck(out: OutBuffer, token: number): void
  /** The end of the session, with its reason. */
  encodeGoodbye(out: OutBuffer, reason: string): void
}

/** A protocol's own way to write the addresses of its peers. */
export interface AddressNotation {
  /** What an address looks like, for who wrote one that is none. */
  readonly example: string
  /** The one text of this address and where its transport dials; null when it is none of this protocol's. */
  parse(text: string): { readonly text: string; readonly dial: string } | null
  /** What a transport's address is called, when this messenger is bound there. */
  format(address: string, instance: string, name: string): string
  /** The messenger's entity address by which races are decided, as hexadecimal; its addresses are as `format` gave. */
  entity(addresses: readonly string[], instance: string): string
}

/** Makes Wires: what `new Messenger({ wire })` takes. */
export interface WireProtocol {
  /** For dumps: `native`. */
  readonly name: string
  /** What a Wire of it can do with a peer that knows as much. Left out: everything. */
  readonly capabilities?: WireCapabilities
  /** Decides about arriving links. Left out: the session's own rules. */
  readonly arbitrate?: Arbitrate
  /** How it writes addresses. Left out: as the transports do. */
  readonly addresses?: AddressNotation
  /**
   * What a messenger of this type is to each type of peer (and to `default`), when its maker names no policies. Left out:
   * they must be named.
   */
  readonly policies?: (type: string) => Readonly<Record<string, PolicyKind>>
  /**
   * It authenticates by itself, and never asks the messenger's `auth`: how that is told what it needs, in a few words. Left
   * out: the messenger's `auth` is asked.
   */
  readonly ownAuth?: string
  /** It authenticates by itself, and peers that dial must prove their names. */
  readonly provesNames?: boolean
  /** What it does by itself over open sessions; called once by its messenger, before the first link. */
  service?(world: ServiceWorld): SessionService
  /** A link that this side has dialled. What comes on it is told to `sink`. */
  dialler(context: WireContext, sink: WireSink): Wire
  /** A link that has arrived. What comes on it is told to `sink`. */
  acceptor(context: WireContext, sink: WireSink): Wire
}
