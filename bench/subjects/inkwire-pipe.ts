/** What the subjects made of Inkwire share: the pipe of each connection, and handlers that feed it. */
import type { Connection, Dispatcher, Message, MessageInit } from '../../src/index.ts'
import type { Pipe, Receive } from '../harness/subject.ts'

/** A message with this data. */
export type Make = (data: Uint8Array, urgent: boolean) => MessageInit

/** Hands what comes to the pipe of its connection: from the dispatch queue, or in the turn of receipt. */
export function handler(how: 'queued' | 'fast', pipes: Pipes): Dispatcher {
  const take = (message: Message, connection: Connection): void => {
    const pipe = pipes.of(connection)
    pipe.receive(message.data, pipe)
  }
  if (how === 'queued') return { dispatch: take }
  return {
    fastDispatch(message, connection): boolean {
      take(message, connection)
      return true
    },
  }
}

/** The pipe of each connection. The last one is remembered: a look-up per message would be measured, too. */
export class Pipes {
  readonly #make: Make
  readonly #receive: Receive
  readonly #all = new WeakMap<Connection, InkwirePipe>()
  #connection: Connection | null = null
  #pipe: InkwirePipe | null = null

  /** `receive` is for connections that were accepted. */
  constructor(make: Make, receive: Receive = () => {}) {
    this.#make = make
    this.#receive = receive
  }

  of(connection: Connection): InkwirePipe {
    if (connection !== this.#connection) {
      this.#pipe = this.#all.get(connection) ?? this.add(connection, this.#receive)
      this.#connection = connection
    }
    return this.#pipe!
  }

  add(connection: Connection, receive: Receive): InkwirePipe {
    const pipe = new InkwirePipe(connection, this.#make, receive)
    this.#all.set(connection, pipe)
    return pipe
  }
}

class InkwirePipe implements Pipe {
  readonly connection: Connection
  readonly receive: Receive
  readonly #make: Make

  constructor(connection: Connection, make: Make, receive: Receive) {
    this.connection = connection
    this.#make = make
    this.receive = receive
  }

  send(data: Uint8Array, urgent = false): Promise<void> | undefined {
    return this.connection.send(this.#make(data, urgent)) ? undefined : this.connection.drained()
  }

  close(): Promise<void> {
    return this.connection.close()
  }
}
