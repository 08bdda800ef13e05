/**
 * Calls of Inkwire: as the library has them (`defineCall`, `connection.call`, `messenger.serve`), and as they were written by
 * hand over `send()`, with the number of a request as the `tid` of its message.
 */
import { pathToFileURL } from 'node:url'
import type * as Library from '../../src/index.ts'
import { Waiting } from '../harness/by-hand.ts'
import type { CallSubject } from '../harness/subject.ts'

/** Who calls how: `queued` and `inline` are modes of `serve()`. */
export type CallVariant = 'queued' | 'inline' | 'by hand'

const REQUEST_TYPE = 17
const REPLY_TYPE = 18
const RAW: Library.Codec<Uint8Array> = { encode: (bytes) => bytes, decode: (bytes) => bytes }

/** `path`: another build. */
export async function inkwireCalls(variant: CallVariant, path?: string): Promise<CallSubject> {
  const library = path === undefined ? await import('../../src/index.ts') : await load(path)
  return variant === 'by hand' ? byTid(library) : byCall(library, variant)
}

function byCall(library: typeof Library, mode: 'queued' | 'inline'): CallSubject {
  const Echo = library.defineCall({ type: REQUEST_TYPE, name: 'Echo', request: RAW, reply: RAW })
  return {
    async serve(_options, answer) {
      const messenger = listener(library)
      messenger.serve(Echo, (body) => ({ body: answer(body) }), { mode })
      return await listening(messenger)
    },
    async dial(address) {
      const connection = await dialled(dialler(library), address)
      return {
        call: async (data) => (await connection.call(Echo, data)).body,
        close: () => connection.close(),
      }
    },
  }
}

function byTid(library: typeof Library): CallSubject {
  return {
    async serve(_options, answer) {
      const messenger = listener(library)
      messenger.use({
        dispatch({ tid, data }, connection) {
          connection.send({ type: REPLY_TYPE, tid, data: answer(data) })
        },
      })
      return await listening(messenger)
    },
    async dial(address) {
      const waiting = new Waiting()
      const messenger = dialler(library)
      messenger.use({
        dispatch({ tid, data }) {
          waiting.answered(tid, data)
        },
      })
      const connection = await dialled(messenger, address)
      return {
        call: (data) => waiting.ask((tid) => void connection.send({ type: REQUEST_TYPE, tid, data })),
        close: () => connection.close(),
      }
    },
  }
}

function listener({ Messenger, losslessServer }: typeof Library): Library.Messenger {
  return new Messenger({ name: 'osd.0', policies: { default: losslessServer() } })
}

function dialler({ Messenger, losslessClient }: typeof Library): Library.Messenger {
  return new Messenger({ name: 'client.?', policies: { default: losslessClient() } })
}

async function listening(messenger: Library.Messenger) {
  const address = await messenger.bind('tcp://127.0.0.1:0')
  return { address, close: () => messenger.shutdown() }
}

async function dialled(messenger: Library.Messenger, address: string): Promise<Library.Connection> {
  const connection = messenger.connect(address, { type: 'osd', anonymous: true })
  await connection.opened()
  return connection
}

async function load(path: string): Promise<typeof Library> {
  return (await import(pathToFileURL(path).href)) as typeof Library
}
