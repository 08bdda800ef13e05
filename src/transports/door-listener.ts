/**
 * Listens at a door instead of a port: sockets come from the thread of a gate, with what was read of them there.
 *
 * The gate has one address for all of its threads; who binds here gets those sockets that are for this thread. Nothing is
 * closed for good: whoever leaves may listen again, as long as the gate is there.
 */
import type { SocketConstructorOpts } from 'node:net'
import type { MessagePort } from 'node:worker_threads'
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { badOption, describe } from '../common/options.ts'
import { formatAddress } from './address.ts'
import { nodeNet, nodeThreads } from '../late/modules.ts'
import { mustMoveSockets, type GateWord, type ThreadWord } from './moving-sockets.ts'
import { abortedListen, type Accepted } from './socket-listener.ts'
import type { Address, Listener, ListenOptions } from './transport.ts'

const NO_GATE = 'the gate was closed, its thread has ended, or it has made another door for this thread'

interface Place {
  readonly take: (origin: Accepted) => void
  readonly onMissed: ListenOptions['onMissed']
}

export class Door {
  readonly #port: MessagePort
  #place: Place | null = null
  /** Who waits for answers, which come in the order of what was asked; null says that none comes. Two at the most. */
  #waiting: ((answer: GateWord | null) => void)[] = []
  #hasGate = true

  /** Throws `INK_BAD_OPTION`. */
  constructor(port: unknown) {
    mustMoveSockets('tcp({ door })')
    if (!(port instanceof nodeThreads().MessagePort))
      throw badOption(`door must be what gate.door() gave, not ${describe(port)}`)
    this.#port = port
    port.on('message', (word: GateWord) => this.#hear(word))
    port.on('close', () => this.#lost())
    port.unref()
  }

  /** One listener at a time. Rejects with `INK_ADDRESS_IN_USE`, `INK_BIND_FAILED` or `INK_ABORTED`. */
  async listen(address: Address, take: Place['take'], options?: ListenOptions): Promise<Listener> {
    const where = formatAddress(address)
    if (options?.signal?.aborted === true) throw abortedListen(address, options.signal)
    if (this.#place !== null)
      throw new InkwireError('INK_ADDRESS_IN_USE', `${where}: this thread listens at its door already.`)
    const place: Place = { take, onMissed: options?.onMissed }
    this.#place = place
    const answer = await this.#ask('listen', options?.signal)
    if (answer === 'aborted') {
      await this.#leave(place)
      throw abortedListen(address, options!.signal!)
    }
    if (answer?.say !== 'here') {
      this.#place = null
      throw new InkwireError('INK_BIND_FAILED', `Cannot listen on ${where}: ${NO_GATE}.`)
    }
    const there = answer.address
    if (there.host !== address.host || (address.port !== 0 && address.port !== there.port)) {
      await this.#leave(place)
      throw new InkwireError(
        'INK_BIND_FAILED',
        `The door leads to ${formatAddress(there)}, not to ${where}: bind that.`,
      )
    }
    return { address: there, close: () => this.#leave(place) }
  }

  async #leave(place: Place): Promise<void> {
    if (this.#place !== place) return
    await this.#ask('leave', undefined)
    this.#place = null
    this.#port.unref()
  }

  #ask(say: 'listen' | 'leave', signal: AbortSignal | undefined): Promise<GateWord | 'aborted' | null> {
    if (!this.#hasGate) return Promise.resolve(null)
    return new Promise((resolve) => {
      const release = onAbort(signal, () => resolve('aborted'))
      this.#waiting.push((answer) => {
        release()
        resolve(answer)
      })
      // Who listens, or waits for an answer, keeps its thread alive, as a socket would.
      this.#port.ref()
      this.#tell({ say })
    })
  }

  #hear(word: GateWord): void {
    if (word.say !== 'socket') {
      this.#waiting.shift()?.(word)
      return
    }
    this.#tell({ say: 'took' })
    const { handle, first } = word
    if (this.#place === null) new (nodeNet().Socket)({ handle } as SocketConstructorOpts).destroy()
    else this.#place.take({ handle, first })
  }

  #lost(): void {
    this.#hasGate = false
    for (const hear of this.#waiting.splice(0)) hear(null)
    this.#place?.onMissed?.(`No link arrives any more: ${NO_GATE}.`)
  }

  #tell(word: ThreadWord): void {
    this.#port.postMessage(word)
  }
}
