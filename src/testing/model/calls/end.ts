/** One end of a model of calls, with what its callers and its handlers do: they ask, send and read, give up, begin and end. */
import { KIND, type CallFailure } from '../../../transactions/machine/words.ts'
import { EndSession } from './end-session.ts'
import { ModelAsked, type ModelServed } from './halves.ts'

export class End extends EndSession {
  /** Begins a call of this key. */
  ask(
    key: number,
    streams: boolean,
    deadlineMs = Infinity,
    bodyBytes = 4,
    priority = [255, 127, 0][key % 3]!,
  ): ModelAsked {
    const front = new Uint8Array(bodyBytes)
    new DataView(front.buffer).setUint32(0, key)
    const asked = new ModelAsked(this, key, { type: 1, version: 0, priority })
    asked.deadlineMs = deadlineMs
    asked.session = this.session
    this.asked.push(asked)
    this.exchange.asking.ask(asked, { kind: KIND.OPEN, front, data: null }, streams, this.nowMs)
    return asked
  }

  discard(asked: ModelAsked): void {
    asked.isDiscarded = asked.told.length === 0
    this.exchange.discard(asked, this.nowMs)
  }

  /** Sends a part of so many bytes, if anybody wants it. */
  part(half: ModelAsked | ModelServed, bytes: number): void {
    if (this.exchange.parts.send(half, new Uint8Array(bytes), this.nowMs)) half.sent.push(bytes)
  }

  begin(call: ModelServed): void {
    if (call.deadlineMs <= this.nowMs) this.problems.push(`the handler of call ${call.key} begins behind its time`)
    this.waiting.delete(call)
    this.running.add(call)
    this.ran.set(call.key, (this.ran.get(call.key) ?? 0) + 1)
    call.run = 'running'
    this.exchange.replies.begin(call)
  }

  /** A handler ends; with a failure that says that it did not run when another was to have run in its place. */
  finish(call: ModelServed, failure: CallFailure | null): void {
    this.running.delete(call)
    call.run = failure === null ? 'replied' : failure.indeterminate ? 'threw' : 'passed'
    if (failure === null) this.exchange.replies.reply(call, { front: null, data: null }, this.nowMs)
    else this.exchange.replies.fail(call, failure, this.nowMs)
  }

  /** A handler gives up its parts. False: nobody waits for any. */
  giveUp(call: ModelServed): void {
    if (this.exchange.parts.takesParts(call)) call.did.push('reset')
    this.exchange.parts.reset(call, 'given up')
  }
}
