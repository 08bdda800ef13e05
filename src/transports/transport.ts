/**
 * What a transport is: a small object that dials and listens, and the links that it makes.
 *
 * Nothing above this file knows what carries the bytes. Modelled so that sockets, shared memory and verbs fit alike:
 * writes gather, completion is told by events, and what a link can do is stated in its capabilities.
 *
 * Contract of a Link (held by the conformance suite):
 * - No handler is called before `handlers` is set, nor from inside a call to `write`, `pause`, `resume`, `close` or `reset`.
 * - `opened` comes at most once, before any `data`; `closed` comes exactly once, last, whatever happened.
 * - A stream link keeps the order of bytes and may split or join them anywhere.
 * - The chunk given to `data` belongs to the transport again when the call returns: copy what must outlive it, or hold its
 *   lease. It is only read: a transport within one process hands over the sender's own bytes.
 * - Memory that comes with a lease cannot be detached or transferred: applications see it through `.buffer`.
 * - After `close` or `reset` only `closed` is called: what the other side still sends is read and dropped.
 * - Bytes given to `write` belong to the link until `bufferedBytes` is 0 again: do not change them before.
 */

/** What a link can do; the messenger adapts to it, it never tests for a scheme. */
export interface LinkCapabilities {
  /** True when both ends share one host: then the addresses that a peer tells of itself are those of this host. */
  readonly local: boolean
  /**
   * True when nothing on the way can change bytes unnoticed: a checksum of one's own is not needed, and `native()` does without
   * it where both ends think so. Left out: false.
   */
  readonly protected?: boolean
  /** True when `peer` says who the other end is, as soon as the link is open. Left out: false. */
  readonly identifies?: boolean
}

/** What the transport proved about the other end. Whoever uses the link must ask it before it believes a name. */
export interface LinkPeer {
  /** Who that is to the transport, for logs, such as `CN=osd.3`. */
  readonly principal: string
  /**
   * The same bytes at both ends of this connection, and at no other: every proof of `auth` covers them, so that nobody in
   * between can pass on what one end says. Empty where there are none.
   */
  readonly binding: Uint8Array
  /** Whether the other end may be called so. Never throws. */
  speaksFor(name: string): boolean
}

/** Why a link ended. */
export type LinkEnd =
  | 'local' // close() or reset() was called on this side
  | 'remote' // the other side ended it in order
  | 'reset' // the other side, or the network, broke it off
  | 'refused' // the dial reached a host where nobody listens
  | 'unreachable' // the dial could not reach the host, or the name did not resolve
  | 'distrusted' // one end does not believe who the other is, such as by its certificate
  | 'failed' // anything else; the message says what

/** The last word of a link. */
export interface LinkClosed {
  readonly end: LinkEnd
  /** A sentence for logs. */
  readonly message: string
  readonly cause?: Error
}

/**
 * The transport's word that the memory of a chunk stays as it is while somebody holds it. A chunk without one is copied by
 * whoever needs it longer.
 */
export interface Lease {
  /** During `data` only. */
  hold(): void
  /** Once for each time that it was held, at any later time, also when the link is gone. */
  release(): void
}

/** What a link tells its owner. */
export interface LinkHandlers {
  /** A dialled link is through; an accepted link is born open and never says so. */
  opened(): void
  /** Bytes came. The chunk is valid until the call returns, and beyond it for as long as its lease is held. */
  data(chunk: Uint8Array, lease?: Lease): void
  /**
   * Where the next bytes had best be read to; null: where the transport likes. A transport that can asks after each `data` (and may
   * not ask at all), reads there as much as fits or less, and hands that part over as the next chunk. The memory is the
   * owner's, and is written to until then.
   */
  room?(): Uint8Array | null
  /** After `write` answered false: `bufferedBytes` is low again. */
  writable(): void
  /** The link is over; nothing is called after this. */
  closed(reason: LinkClosed): void
}

/** One transport-level connection. */
export interface Link {
  readonly capabilities: LinkCapabilities
  /** `scheme://…` of this end as the transport sees it, '' while unknown. */
  readonly localAddress: string
  /** `scheme://…` of the other end as the transport sees it, '' while unknown. */
  readonly remoteAddress: string
  /** What was proved about the other end, once the link is open; left out by transports that prove nothing. */
  readonly peer?: LinkPeer | undefined
  /** Bytes accepted by `write` and not yet handed to the operating system or the peer. */
  readonly bufferedBytes: number
  /** Set once, in the turn in which the link was made. */
  handlers: LinkHandlers
  /**
   * Sends the chunks in order, as one gathered write where possible. Returns false when more than the
   * high-water mark is buffered: wait for `writable`. Writing before `opened` is allowed and is buffered;
   * writing after `close`, `reset` or `closed` is ignored and returns false.
   */
  write(chunks: readonly Uint8Array[]): boolean
  /** Stops `data` until `resume`. */
  pause(): void
  /** Reads on after `pause`. */
  resume(): void
  /** Ends in order: what was written is sent first. `closed` follows, at the latest when `closeTimeoutMs` has passed. */
  close(): void
  /** Ends at once; what is buffered may be lost. `closed` follows. */
  reset(): void
}

/** An address in parts. `host` is an IP literal, a host name, or a path or name for schemes without ports. */
export interface Address {
  /** Without `://`, in lower case: `tcp`, `memory`. */
  readonly scheme: string
  readonly host: string
  /** 0 to 65535; 0 for schemes without ports, and for "any free port" in bind(). */
  readonly port: number
}

/** Options of `listen`. */
export interface ListenOptions {
  /** Ends the wait, and nothing listens. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
  /**
   * Hears of a link that arrived and could not be taken (no descriptors left), with a sentence for logs: once for
   * each that the system tells of. The listener goes on. Default: nobody does.
   */
  readonly onMissed?: ((reason: string) => void) | undefined
}

/** A place where links arrive. */
export interface Listener {
  /** The address that was really bound, with its port. */
  readonly address: Address
  /** Stops accepting; links that were accepted live on. Resolves when the place is free again. */
  close(): Promise<void>
}

/** Dials and listens for one scheme. */
export interface Transport {
  readonly scheme: string
  /** Every link of it has a `peer`: who comes by it has proved its name. Left out: not so. */
  readonly provesNames?: boolean
  /** Throws `INK_BAD_ADDRESS` unless the address makes sense for this transport; returns it in canonical form. */
  parse(address: Address): Address
  /** Rejects with `INK_ADDRESS_IN_USE` or `INK_BIND_FAILED`. `onLink` must set the handlers before it returns. */
  listen(address: Address, onLink: (link: Link) => void, options?: ListenOptions): Promise<Listener>
  /**
   * Returns at once; the outcome is `opened` or `closed`. The caller sets the handlers in the same turn. The dial deadline is
   * the messenger's: it calls `reset()`.
   */
  dial(address: Address): Link
  /**
   * All addresses that a host name stands for now, in the order of the resolver; rejects when it stands for none. A messenger then
   * dials each of them where a dial by the name led nowhere. Left out: names are only dialled as they are.
   */
  resolve?(address: Address): Promise<readonly Address[]>
}
