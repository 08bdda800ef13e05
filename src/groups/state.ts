/**
 * State transfer: who joins gets the state as it is at the change of view, from a member that has it, before it is told any message.
 *
 * The provider's `get()` is called between two events, when its application has done with all that came before the view: what it
 * returns stands for the state there. Parts flow while messages go on; the joiner is told those when `set()` has finished. When the
 * view changes meanwhile, all begins anew from the new view. Limits: so many bytes of a transfer are on their way; one
 * transfer per member.
 */
import { isBytes } from '../common/bytes.ts'
import { InkwireError, asError } from '../common/errors.ts'
import { Deque } from '../common/deque.ts'

/** How an application's state is given to who joins. */
export interface GroupState {
  /** The state as it is now: bytes, or their parts, of which each is at most 1 MiB. It must not change while they are read. */
  get(): StateParts | PromiseLike<StateParts>
  /** Takes the state of another member in the place of its own. Rejecting ends the stay in the group. */
  set(parts: AsyncIterable<Uint8Array>): PromiseLike<void> | void
}

/** The state of a group: whole, or in parts as they are made, each of at most 1 MiB. */
export type StateParts = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export const STATE = Object.freeze({
  partBytesMax: 1024 * 1024,
  /** Parts that are sent and not finished. */
  ahead: 4,
})

/** Parts that come, for `set()`. */
export class IncomingState implements AsyncIterable<Uint8Array> {
  readonly #parts = new Deque<{ readonly part: Uint8Array; readonly taken: () => void }>()
  #end: 'open' | 'whole' | InkwireError = 'open'
  #wake: (() => void) | null = null

  /** Resolves when the part is taken, or nobody wants it any more. */
  push(part: Uint8Array): Promise<void> {
    if (this.#end !== 'open') return Promise.resolve()
    return new Promise((taken) => {
      this.#parts.push({ part, taken })
      this.#stir()
    })
  }

  whole(): void {
    if (this.#end === 'open') this.#end = 'whole'
    this.#stir()
  }

  /** It will not be whole. */
  fail(why: string): void {
    this.#end = new InkwireError('INK_RESET', `the state did not come: ${why}`)
    for (const { taken } of this.#parts.takeAll()) taken()
    this.#stir()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#parts.shift()
      if (next !== undefined) {
        next.taken()
        yield next.part
      } else if (this.#end === 'whole') return
      else if (this.#end !== 'open') throw this.#end
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  #stir(): void {
    this.#wake?.()
    this.#wake = null
  }
}

/** Where the parts of one transfer go. */
export interface StateSink {
  /** Resolves when there is room for the next one. False: nobody wants them any more. */
  part(part: Uint8Array): Promise<boolean>
  whole(): Promise<void> | void
  fail(why: string): void
}

/** Sends what `get()` returned. Never rejects. */
export async function pour(parts: StateParts, sink: StateSink): Promise<void> {
  try {
    const all = isBytes(parts) ? pieces(parts) : parts
    for await (const part of all) {
      if (!isBytes(part)) throw new InkwireError('INK_BAD_ARGUMENT', 'state.get(): parts are Uint8Arrays')
      for (const piece of pieces(part)) if (!(await sink.part(new Uint8Array(piece)))) return
    }
    await sink.whole()
  } catch (thrown) {
    sink.fail(asError(thrown).message)
  }
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += STATE.partBytesMax) yield bytes.subarray(at, at + STATE.partBytesMax)
}
