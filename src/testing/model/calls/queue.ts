/** What the session of a model has queued of calls, by lane: on no link, so it can be taken back. */
import { Deque } from '../../../common/deque.ts'
import type { CallKind, SentMessage } from '../../../transactions/machine/half.ts'
import type { AnyHalf } from '../../../transactions/machine/pump.ts'

/** What the other end sees of a message. */
export interface WireMessage {
  readonly kind: CallKind
  readonly lane: number
  readonly words: Uint8Array
  readonly front: Uint8Array
  readonly data: Uint8Array
}

/** A message of a call, in the session. */
export interface ModelMessage extends SentMessage, WireMessage {
  readonly half: AnyHalf
}

export class SessionQueue {
  readonly #lanes: readonly Deque<ModelMessage>[] = [new Deque(), new Deque(), new Deque()]

  /** How many there are, by lane. */
  get lengths(): readonly number[] {
    return this.#lanes.map(({ length }) => length)
  }

  get length(): number {
    return this.#lanes.reduce((sum, { length }) => sum + length, 0)
  }

  push(message: ModelMessage): void {
    this.#lanes[message.lane]!.push(message)
  }

  at(lane: number, index: number): ModelMessage | undefined {
    return this.#lanes[lane]!.at(index)
  }

  /** The oldest one of a lane goes on a link. */
  shift(lane: number): ModelMessage | undefined {
    return this.#lanes[lane]!.shift()
  }

  /** False: it is not here. */
  remove(message: SentMessage): boolean {
    for (const lane of this.#lanes) {
      const index = [...lane].indexOf(message as ModelMessage)
      if (index < 0) continue
      lane.remove(index)
      return true
    }
    return false
  }

  takeAll(): ModelMessage[] {
    return this.#lanes.flatMap((lane) => lane.takeAll())
  }
}
