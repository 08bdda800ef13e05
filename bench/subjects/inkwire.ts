/**
 * Inkwire through its public surface (src/index.ts, built beside the benches), with the default contract: lossless, processed acks, crc32c, credits.
 */
import { pathToFileURL } from 'node:url'
import type * as Library from '../../src/index.ts'
import type { Connection, Message } from '../../src/index.ts'
import type { Pipe, Receive, Subject } from '../harness/subject.ts'

/** What differs from the default contract. */
export interface InkwireVariant {
  /** `queued` (the default) takes messages from the dispatch queue, `fast` in the turn of receipt. */
  readonly handler?: 'queued' | 'fast'
  readonly policy?: 'lossless' | 'lossy'
  /** `lend`: the memory of large messages is used again when their handler has finished. */
  readonly bodies?: 'keep' | 'lend'
  readonly checksum?: 'crc32c' | 'none'
  /** Another build. */
  readonly path?: string
}

const MESSAGE_TYPE = 17
const URGENT = 255

/** A subject of this variant. */
export async function inkwire(variant: InkwireVariant): Promise<Subject> {
  const library = await load(variant)
  const { Messenger } = library
  const wire = library.native({ checksum: variant.checksum ?? 'crc32c' })
  const lossy = variant.policy === 'lossy'
  const links = new Set<Library.Link>()
  const pipes = new Pipes(() => {})
  let dialler: Library.Messenger | null = null
  return {
    async listen(_options, receive) {
      const { bodies = 'keep' } = variant
      const policies = { default: lossy ? library.lossy({ bodies }) : library.losslessServer({ bodies }) }
      const messenger = new Messenger({ name: 'osd.0', policies, wire })
      messenger.use(handler(variant, new Pipes(receive)))
      const address = await messenger.bind('tcp://127.0.0.1:0')
      return { address, close: () => messenger.shutdown() }
    },
    async dial(address, _options, receive) {
      if (dialler === null) {
        const { bodies = 'keep' } = variant
        const policies = { default: lossy ? library.lossy({ bodies }) : library.losslessClient({ bodies }) }
        dialler = new Messenger({ name: 'client.?', policies, wire, transports: [remembering(library.tcp(), links)] })
        dialler.use(handler(variant, pipes))
      }
      const connection = dialler.connect(address, { type: 'osd', anonymous: true })
      const pipe = pipes.add(connection, receive)
      await opened(connection)
      return pipe
    },
    cut() {
      for (const link of links) link.reset()
      links.clear()
    },
  }
}

/** A transport that notes the links that it dialled, so that they can be cut. */
function remembering(transport: Library.Transport, links: Set<Library.Link>): Library.Transport {
  return {
    ...transport,
    dial: (address, options) => {
      const link = transport.dial(address, options)
      links.add(link)
      return link
    },
  }
}

async function load(variant: InkwireVariant): Promise<typeof Library> {
  if (variant.path === undefined) return await import('../../src/index.ts')
  return (await import(pathToFileURL(variant.path).href)) as typeof Library
}

function handler(variant: InkwireVariant, pipes: Pipes): Library.Dispatcher {
  if (variant.handler !== 'fast') {
    return {
      dispatch(message: Message, connection: Connection): void {
        const pipe = pipes.of(connection)
        pipe.receive(message.data, pipe)
      },
    }
  }
  return {
    fastDispatch(message: Message, connection: Connection): boolean {
      const pipe = pipes.of(connection)
      pipe.receive(message.data, pipe)
      return true
    },
  }
}

/** The pipe of each connection. The last one is remembered: a look-up per message would be measured, too. */
class Pipes {
  readonly #receive: Receive
  readonly #all = new WeakMap<Connection, InkwirePipe>()
  #connection: Connection | null = null
  #pipe: InkwirePipe | null = null

  /** `receive` is for connections that were accepted. */
  constructor(receive: Receive) {
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
    const pipe = new InkwirePipe(connection, receive)
    this.#all.set(connection, pipe)
    return pipe
  }
}

class InkwirePipe implements Pipe {
  readonly connection: Connection
  readonly receive: Receive

  constructor(connection: Connection, receive: Receive) {
    this.connection = connection
    this.receive = receive
  }

  send(data: Uint8Array, urgent = false): Promise<void> | undefined {
    const message = urgent ? { type: MESSAGE_TYPE, data, priority: URGENT } : { type: MESSAGE_TYPE, data }
    return this.connection.send(message) ? undefined : this.connection.drained()
  }

  close(): Promise<void> {
    return this.connection.close()
  }
}

function opened(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.state$.subscribe({
      next: (state) => {
        if (state === 'open') resolve()
      },
      complete: () => reject(new Error('the connection closed before it opened')),
    })
  })
}
