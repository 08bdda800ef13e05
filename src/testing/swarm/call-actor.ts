/**
 * What one node of a swarm calls and serves. Its handlers are quick or slow, heed their signal or do not, throw now and then, read
 * all parts or leave; its callers wait, or give up in some way. All that both see goes into one ledger.
 */
import { describe } from '../../common/options.ts'
import type { Connection } from '../../messenger/connection.ts'
import type { Transaction } from '../../messenger/calls.ts'
import { CallError } from '../../transactions/call-error.ts'
import { defineCall } from '../../transactions/define-call.ts'
import type { ServerCall } from '../../transactions/handler-call.ts'
import type { Messenger } from '../../transactions/messenger.ts'
import type { CallLedger } from '../laws/call-ledger.ts'
import type { SeededRandom } from '../simulator/random.ts'
import type { HostClock } from '../simulator/virtual-clock.ts'
import type { CallOperation, HandlerPlan } from './plan.ts'

/** What all callers of a world share. */
export interface CallStage {
  readonly calls: CallLedger
  nextCall(): number
  /** Something happened that never should. */
  failed(what: string): void
}

/** Bodies that are a number of a call, and how many parts its handler is to send. */
const numbers = {
  encode: (numbers: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(numbers).buffer),
  decode: (bytes: Uint8Array): number[] => [...new Uint32Array(bytes.slice().buffer)],
}
const Act = defineCall({ type: 1, name: 'Act', request: numbers, reply: numbers })

/** One life of a node. */
export class CallActor {
  readonly #stage: CallStage
  readonly #life: string
  readonly #clock: HostClock
  readonly #random: SeededRandom
  readonly #plan: HandlerPlan

  constructor(stage: CallStage, life: string, clock: HostClock, random: SeededRandom, plan: HandlerPlan) {
    this.#stage = stage
    this.#life = life
    this.#clock = clock
    this.#random = random
    this.#plan = plan
  }

  serve(messenger: Messenger): void {
    const concurrency = this.#random.pick([1, 4, 256])
    const waitingMax = this.#random.pick([0, 4, 1024, 1024])
    const mode = this.#random.pick(['inline', 'queued'] as const)
    messenger.serve(Act, (body, call) => this.#handle(body[0] ?? 0, body[1] ?? 0, call), {
      concurrency,
      waitingMax,
      mode,
    })
  }

  /** Serves by handing on: each call goes to whoever is at the other end of the connection that there is then. */
  pass(messenger: Messenger, next: () => Connection): void {
    messenger.serve(Act, (_body, call) => call.forward(next()), { concurrency: Infinity })
  }

  crashed(): void {
    this.#stage.calls.add({ kind: 'crashed', by: this.#life })
  }

  call(connection: Connection, operation: CallOperation): void {
    for (let made = 0; made < operation.count; made++) this.#call(connection, operation)
  }

  #call(connection: Connection, operation: CallOperation): void {
    const { bytes, parts, priority, timeoutMs, then, thenMs } = operation
    const { calls } = this.#stage
    const call = this.#stage.nextCall()
    const giveUp = new AbortController()
    const options = {
      data: new Uint8Array(bytes),
      priority,
      ...(timeoutMs !== null && { timeoutMs }),
      ...(then === 'abort' && { signal: giveUp.signal }),
    }
    calls.add({ kind: 'made', call, by: this.#life })
    if (parts === 0 && (then === 'wait' || then === 'abort')) {
      this.#end(call, connection.call(Act, [call, 0], options))
    } else {
      const tx = connection.transact(Act, [call, parts], options)
      this.#end(call, tx.reply)
      void this.#stream(tx, parts, bytes)
      if (then !== 'wait' && then !== 'abort') this.#clock.setTimer(() => this.#then(call, tx, then), thenMs)
    }
    if (then === 'abort') this.#clock.setTimer(() => giveUp.abort('given up'), thenMs)
  }

  #then(call: number, tx: Transaction<number[]>, then: 'cancel' | 'discard' | 'stop' | 'reset'): void {
    if (then !== 'cancel') {
      tx[then]()
      return
    }
    tx.cancel().then(
      (verdict) => {
        this.#stage.calls.add({ kind: 'verdict', call, verdict })
      },
      // The call's own end, which is noted.
      () => undefined,
    )
  }

  #end(call: number, reply: Promise<{ readonly body: number[] }>): void {
    const { calls } = this.#stage
    reply.then(
      ({ body }) => {
        calls.add({ kind: 'ended', call, end: { how: 'reply', answers: body[0] ?? 0 } })
      },
      (error: unknown) => {
        if (error instanceof CallError) {
          const { reason, indeterminate } = error
          calls.add({ kind: 'ended', call, end: { how: 'failure', reason, indeterminate } })
        } else this.#stage.failed(`call ${call} failed with ${describe(error)}`)
      },
    )
  }

  /** Sends its parts and reads the handler's, until either is over. */
  async #stream(tx: Transaction<number[]>, parts: number, bytes: number): Promise<void> {
    const sending = (async () => {
      for (let sent = 0; sent < parts; sent++) if (!(await tx.send(new Uint8Array(bytes)))) break
      await tx.end()
    })()
    const reading = (async () => {
      for await (const part of tx) if (part.length !== bytes) this.#stage.failed(`a part of ${part.length} bytes`)
    })()
    // How it failed is the call's end.
    await Promise.allSettled([sending, reading])
  }

  async #handle(call: number, parts: number, served: ServerCall): Promise<{ body: number[]; data: Uint8Array }> {
    const { calls } = this.#stage
    calls.add({ kind: 'ran', call })
    try {
      await this.#work(parts, served)
      calls.add({ kind: 'handled', call, how: 'answered' })
      return { body: [call], data: served.data }
    } catch (thrown) {
      calls.add({ kind: 'handled', call, how: 'threw' })
      throw thrown
    }
  }

  async #work(parts: number, served: ServerCall): Promise<void> {
    const random = this.#random
    const { slowProbability, slowMaxMs, throwProbability } = this.#plan
    const bytes = served.data.length
    const leaves = random.chance(0.2)
    const heeds = random.chance(0.5)
    for (let sent = 0; sent < parts; sent++) if (!(await served.send(new Uint8Array(bytes)))) break
    if (parts > 0) {
      for await (const part of served) {
        if (part.length !== bytes) this.#stage.failed(`a part of ${part.length} bytes in the place of ${bytes}`)
        if (leaves) break
      }
    }
    if (random.chance(slowProbability)) await this.#pause(random.between(0, slowMaxMs), heeds ? served.signal : null)
    if (random.chance(throwProbability)) throw new Error('this handler throws now and then')
  }

  #pause(ms: number, signal: AbortSignal | null): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#clock.setTimer(resolve, ms)
      signal?.addEventListener('abort', () => {
        reject(new Error('stopped'))
      })
    })
  }
}
