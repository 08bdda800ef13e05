/**
 * Requests and replies written by hand over messages: a number in front of each, and a table of those who wait.
 *
 * It is what the users of a library write that has messages only, and no more than that: no deadline, no cancel, no error.
 */
import type { Answer, Caller, CallSubject, Pipe, Subject } from './subject.ts'

const NUMBER_BYTES = 4

/** Who waits for which reply. */
export class Waiting {
  readonly #all = new Map<number, (reply: Uint8Array) => void>()
  #last = 0

  /** `send` gets the number of the request. */
  ask(send: (number: number) => void): Promise<Uint8Array> {
    return new Promise((resolve) => {
      const number = ++this.#last >>> 0
      this.#all.set(number, resolve)
      send(number)
    })
  }

  answered(number: number, reply: Uint8Array): void {
    const resolve = this.#all.get(number)
    this.#all.delete(number)
    resolve?.(reply)
  }
}

export function byHand(subject: Subject): CallSubject {
  return {
    serve: (options, answer: Answer) => {
      return subject.listen(options, (data, pipe) => {
        void pipe.send(numbered(numberOf(data), answer(data.subarray(NUMBER_BYTES))))
      })
    },
    async dial(address, options): Promise<Caller> {
      const waiting = new Waiting()
      const pipe: Pipe = await subject.dial(address, options, (data) => {
        waiting.answered(numberOf(data), data.subarray(NUMBER_BYTES))
      })
      return {
        call: (data) => waiting.ask((number) => void pipe.send(numbered(number, data))),
        close: () => pipe.close(),
      }
    },
  }
}

function numbered(number: number, data: Uint8Array): Uint8Array {
  const message = Buffer.allocUnsafe(NUMBER_BYTES + data.length)
  message.writeUInt32LE(number, 0)
  message.set(data, NUMBER_BYTES)
  return message
}

function numberOf(data: Uint8Array): number {
  return (data[0]! | (data[1]! << 8) | (data[2]! << 16) | (data[3]! << 24)) >>> 0
}
