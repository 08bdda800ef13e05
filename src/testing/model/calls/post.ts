/** What is on its way between two ends, by numbers: two that say the same have the same one. */
import { toHex } from '../../../common/bytes.ts'
import type { WireMessage } from './queue.ts'

export class Post {
  readonly #messages: WireMessage[] = []
  readonly #words: Uint8Array[] = []
  readonly #numbers = new Map<string, number>()

  message(number: number): WireMessage {
    return this.#messages[number]!
  }

  word(number: number): Uint8Array {
    return this.#words[number]!
  }

  numberOf({ kind, lane, words, front, data }: WireMessage): number {
    const text = `${lane} ${kind.priority} ${toHex(words)} ${toHex(front)} ${data.length}`
    return this.#number(text, this.#messages, { kind, lane, words, front, data })
  }

  numberOfWord(word: Uint8Array): number {
    return this.#number(toHex(word), this.#words, word)
  }

  #number<Item>(text: string, all: Item[], item: Item): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, all.length)
    return all.push(item) - 1
  }
}
