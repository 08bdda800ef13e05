/** A client: asks one replica after the other, at random, and writes down what it did and saw. Every value that it writes is a new one. */
import { CallError } from 'inkwire'
import type { Connection, Messenger } from 'inkwire'
import type { SeededRandom } from 'inkwire/testing'
import type { History } from './history.ts'
import { Execute } from './messages.ts'
import type { Command } from './messages.ts'

const KEYS = ['x', 'y', 'z']
const TIMEOUT_MS = 500

export class Client {
  readonly #name: string
  readonly #replicas: Connection[]
  readonly #history: History
  readonly #random: SeededRandom
  #writes = 0

  constructor(messenger: Messenger, addresses: readonly string[], history: History, random: SeededRandom) {
    this.#name = messenger.name
    this.#replicas = addresses.map((address) => messenger.connect(address))
    this.#history = history
    this.#random = random
  }

  /** One operation, whatever becomes of it. */
  async step(): Promise<void> {
    const command = this.#command()
    const attempt = this.#history.begin(this.#name, command)
    try {
      const { body } = await this.#random.pick(this.#replicas).call(Execute, command, { timeoutMs: TIMEOUT_MS })
      attempt.done(body.value)
    } catch (error) {
      if (hasNotHappened(error)) attempt.refused()
    }
  }

  #command(): Command {
    const key = this.#random.pick(KEYS)
    if (this.#random.chance(0.5)) return { kind: 'get', key }
    return { kind: 'put', key, value: `${this.#name}-${++this.#writes}` }
  }
}

/** False: nobody knows. */
function hasNotHappened(error: unknown): boolean {
  if (!(error instanceof CallError)) throw error
  return !error.indeterminate || error.code === 'INK_NOT_PRIMARY'
}
