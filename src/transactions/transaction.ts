/** A call whose two sides may send parts, as its caller holds it. */
import type { Reply, Transaction } from '../messenger/calls.ts'
import { AskedCall, type AnyCall } from './asked-call.ts'
import type { CallError } from './call-error.ts'
import type { CallKind } from './machine/half.ts'
import { PartReader, PartWriter, type PartTaker } from './parts.ts'
import type { SessionCalls } from './session-calls.ts'
import type { CallFailure, CallVerdict } from './machine/words.ts'

type Answer = 'cancelled' | 'too-late'

/** The machine's half of it. */
export class OpenTransaction extends AskedCall {
  readonly reply: Promise<Reply<unknown>>
  readonly reader: PartReader
  readonly writer: PartWriter
  #resolve!: (reply: Reply<unknown>) => void
  #reject!: (error: Error) => void
  /** Those who wait to hear what became of a cancel. */
  #judging: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void }[] = []
  #outcome: { readonly answer: Answer } | { readonly error: Error } | null = null

  constructor(calls: SessionCalls, call: AnyCall, kind: CallKind, lane: number) {
    super(calls, call, kind, lane)
    this.reader = new PartReader(this, calls)
    this.writer = new PartWriter(this, calls)
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Nobody has to look at it: whoever iterates, sends or ends hears of it as well.
    this.reply.catch(() => undefined)
  }

  /** What became of a cancel. */
  judgement(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#judging.push({ resolve, reject })
      this.#judge()
    })
  }

  /** It cannot be made. */
  refuse(failure: CallFailure): void {
    this.phase = 'gone'
    this.onFailure(failure)
  }

  override onFailure(failure: CallFailure): void {
    const { cancel } = this
    // Withdrawn, or by the peer's word: it was cancelled. Else it is not known, or something else came first.
    const isCancelled = cancel !== null && (cancel.verdict === 'unheard' || cancel.verdict === 'cancelled')
    this.detach()
    this.following?.ended(failure)
    const error = this.error(failure)
    this.#outcome ??= isCancelled ? { answer: 'cancelled' } : answeredBy(failure, error)
    this.rejected(error)
  }

  override onVerdict(verdict: CallVerdict): void {
    if (verdict === 'too-late') this.#outcome ??= { answer: 'too-late' }
    this.#judge()
  }

  override onReadable(): void {
    this.reader.wake()
  }

  override onBroken(detail: string): void {
    this.reader.finish(
      this.error({ reason: 'cancelled-remote', code: 'RESET', detail, indeterminate: true, retryAfterMs: 0 }),
    )
  }

  override onUnwanted(): void {
    this.writer.wake(false)
  }

  override onWritable(): void {
    this.writer.wake(true)
  }

  protected resolved(reply: Reply<unknown>): void {
    this.#outcome ??= { answer: 'too-late' }
    this.#resolve(reply)
    this.writer.wake(false)
    this.reader.finish(null)
    this.#judge()
  }

  protected rejected(error: CallError): void {
    this.#outcome ??= { error }
    this.#reject(error)
    this.writer.fail(error)
    this.reader.finish(error)
    this.#judge()
  }

  #judge(): void {
    const outcome = this.#outcome
    if (outcome === null) return
    const judging = this.#judging
    this.#judging = []
    for (const { resolve, reject } of judging) {
      if ('answer' in outcome) resolve(outcome.answer)
      else reject(outcome.error)
    }
  }
}

/** An answer of the handler is one for which a cancel came too late. */
function answeredBy({ reason }: CallFailure, error: Error): { readonly answer: Answer } | { readonly error: Error } {
  return reason === 'handler-error' || reason === 'unhandled' ? { answer: 'too-late' } : { error }
}

/** What the caller holds. */
export class TransactionHandle<Body> implements Transaction<Body> {
  readonly #open: OpenTransaction

  constructor(open: OpenTransaction) {
    this.#open = open
  }

  get reply(): Promise<Reply<Body>> {
    return this.#open.reply as Promise<Reply<Body>>
  }

  send(part: Uint8Array): Promise<boolean> {
    return this.#open.writer.send(`${this.#open.call.callName}: send()`, part)
  }

  end(): Promise<Reply<Body>> {
    const { calls } = this.#open
    calls.exchange.parts.end(this.#open, calls.nowMs)
    return this.reply
  }

  cancel(why = 'cancelled'): Promise<Answer> {
    const { calls } = this.#open
    const judgement = this.#open.judgement()
    calls.exchange.cancel(this.#open, 'cancelled-local', why, calls.nowMs)
    return judgement
  }

  stop(why = 'stopped'): void {
    this.#open.calls.exchange.parts.stop(this.#open, why, true)
    this.#open.reader.finish(null)
  }

  reset(why = 'reset'): void {
    this.#open.calls.exchange.parts.reset(this.#open, why)
    this.#open.writer.wake(false)
  }

  discard(): void {
    const { calls } = this.#open
    calls.exchange.discard(this.#open, calls.nowMs)
  }

  sendAhead(part: Uint8Array, unsentBytes: number): Promise<boolean> {
    return this.#open.writer.send(`${this.#open.call.callName}: send()`, part, unsentBytes)
  }

  takeParts(take: PartTaker): Promise<void> {
    return this.#open.reader.take(take)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this.#open.reader
  }
}
