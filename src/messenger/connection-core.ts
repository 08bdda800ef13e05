/**
 * What a connection is made of: a core, which is a peer's caller or the loopback, and a face, which is the same for both.
 *
 * The core is what makes one connection another thing than the next; the face is what may be watched, waited for and sent.
 * An application holds neither, but the connection of both.
 */
import type { Observable } from 'rxjs'
import type { Policy } from '../policies/policy.ts'
import type { StateName } from '../session/machine.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { CallLayer } from './calls.ts'
import type { ConnectionEnd } from './connection-ends.ts'
import type { ConnectionDump } from './dump.ts'
import type { MessageInit } from './message-init.ts'
import type { KnownPath, PathInfo } from './path-info.ts'
import type { Peer } from './peer.ts'
import type { WaitOptions } from './waiters.ts'

/** Options of `close()`. */
export interface CloseOptions extends WaitOptions {
  /** How long acks are waited for, in ms, 0 or more, or Infinity; default `limits.drainTimeoutMs` (10 s). */
  readonly timeoutMs?: number | undefined
}

/** What `messages()` returns: for a `for await` loop, or to be asked by hand. */
export interface MessageLoop extends AsyncDisposable {
  /** Done with the message before; the next one, or the end. */
  next(): Promise<IteratorResult<InboundMessage, undefined>>
  /** Leaves the loop, as `break` does. */
  return(): Promise<IteratorResult<InboundMessage, undefined>>
  /** Itself: `for await` ends it when the loop is left. */
  [Symbol.asyncIterator](): this
}

/** Whose connection it is. @internal */
export interface ConnectionCore {
  readonly peer: Peer
  readonly policy: Policy
  readonly state: StateName
  readonly path: PathInfo | null
  /** The path of now and every other, which completes with the connection; and all that are known. */
  readonly ways: { readonly path$: Observable<PathInfo | null>; readonly known: readonly KnownPath[] }
  /** Throws at once what is the caller's mistake. */
  switchTo(address: string, options: WaitOptions): Promise<PathInfo>
  ping(options: WaitOptions): Promise<number>
  markDown(): Outcome
  close(options: CloseOptions): Promise<void>
  dump(): ConnectionDump
}

/** What every connection has. `C`: what calls are made on. @internal */
export interface ConnectionFace<C> {
  readonly state$: Observable<StateName>
  readonly messages$: Observable<InboundMessage>
  readonly path$: Observable<PathInfo | null>
  readonly closed: Promise<ConnectionEnd>
  readonly signal: AbortSignal
  /** Throws where no layer does calls. */
  readonly calls: CallLayer<C>
  opened(options: WaitOptions): Promise<void>
  messages(options: WaitOptions): MessageLoop
  send(init: MessageInit): boolean
  deliver(init: MessageInit, options: WaitOptions): Promise<void>
  drained(options: WaitOptions): Promise<void>
}
