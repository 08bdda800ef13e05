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
  readonly checksum?: 'crc32c' | 'none'
  readonly scheme?: 'tcp' | 'memory'
  /** Another build. */
  readonly path?: string
}

const MESSAGE_TYPE = 17

/** A subject of this variant. */
export async function inkwire(variant: InkwireVariant): Promise<Subject> {
  const library = await load(variant)
  const { Messenger } = library
  const wire = library.native({ checksum: variant.checksum ?? 'crc32c' })
  const lossy = variant.policy === 'lossy'
  let dialler: Library.Messenger | null = null
  return {
    async listen(_options, receive) {
      const policies = { default: lossy ? library.lossy() : library.losslessServer() }
      const messenger = new Messenger({ name: 'osd.0', policies, wire })
      messenger.use(handler(variant, receive))
      const address = await messenger.bind('tcp://127.0.0.1:0')
      return { address, close: () => messenger.shutdown() }
    },
    async dial(address, _options, receive) {
      if (dialler === null) {
        const policies = { default: lossy ? library.lossy() : library.losslessClient() }
        dialler = new Messenger({ name: 'client.?', policies, wire })
        dialler.use(handler(variant, receive))
      }
      const connection = dialler.connect(address, { type: 'osd', anonymous: true })
      await opened(connection)
      return pipeOf(connection)
    },
  }
}

async function load(variant: InkwireVariant): Promise<typeof Library> {
  if (variant.path === undefined) return await import('../../src/index.ts')
  return (await import(pathToFileURL(variant.path).href)) as typeof Library
}

function handler(variant: InkwireVariant, receive: Receive): Library.Dispatcher {
  if (variant.handler !== 'fast') {
    return {
      dispatch(message: Message, connection: Connection): void {
        receive(message.data, pipeOf(connection))
      },
    }
  }
  return {
    fastDispatch(message: Message, connection: Connection): boolean {
      receive(message.data, pipeOf(connection))
      return true
    },
  }
}

const pipes = new WeakMap<Connection, InkwirePipe>()
let lastConnection: Connection | null = null
let lastPipe: InkwirePipe | null = null

/** The last one is remembered: a WeakMap per message would be measured, too. */
function pipeOf(connection: Connection): InkwirePipe {
  if (connection === lastConnection) return lastPipe!
  let pipe = pipes.get(connection)
  if (pipe === undefined) pipes.set(connection, (pipe = new InkwirePipe(connection)))
  lastConnection = connection
  lastPipe = pipe
  return pipe
}

class InkwirePipe implements Pipe {
  readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
  }

  send(data: Uint8Array): Promise<void> | undefined {
    return this.connection.send({ type: MESSAGE_TYPE, data }) ? undefined : this.connection.drained()
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
