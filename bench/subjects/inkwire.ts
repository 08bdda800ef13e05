/**
 * Inkwire through its public surface (src/index.ts, built beside the benches), with the default contract: lossless, processed acks, crc32c, credits.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type * as Library from '../../src/index.ts'
import { Authority } from '../../test/support/certificates.ts'
import type { Subject } from '../harness/subject.ts'
import { door } from '../harness/threads.ts'
import { handler, Pipes, type Make } from './inkwire-pipe.ts'

export type Over = 'tcp' | 'tls' | 'unix' | 'shm' | 'shm file' | 'worker'

/** What differs from the default contract. */
export interface InkwireVariant {
  /** `queued` (the default) takes messages from the dispatch queue, `fast` in the turn of receipt. */
  readonly handler?: 'queued' | 'fast'
  readonly policy?: 'lossless' | 'lossy'
  /** `lend`: the memory of large messages is used again when their handler has finished. */
  readonly bodies?: 'keep' | 'lend'
  readonly checksum?: 'crc32c' | 'none'
  readonly busyPoll?: false
  /** Both ends are looked into, as an operator would have it. */
  readonly observed?: true
  /** What carries the bytes. */
  readonly over?: Over
  /** Another build. */
  readonly path?: string
}

const MESSAGE_TYPE = 17
const URGENT = 255
const make: Make = (data, urgent) =>
  urgent ? { type: MESSAGE_TYPE, data, priority: URGENT } : { type: MESSAGE_TYPE, data }

/** A subject of this variant. */
export async function inkwire(variant: InkwireVariant): Promise<Subject> {
  const library = await load(variant)
  const { Messenger } = library
  // By default there is a checksum where the transport does not protect bytes by itself.
  const wire = library.native({ checksum: variant.checksum })
  const lossy = variant.policy === 'lossy'
  const { over = 'tcp', busyPoll } = variant
  const look = await looker(variant)
  const links = new Set<Library.Link>()
  const pipes = new Pipes(make)
  let dialler: Library.Messenger | null = null
  return {
    async listen(_options, receive) {
      const { bodies = 'keep' } = variant
      const policies = { default: lossy ? library.lossy({ bodies }) : library.losslessServer({ bodies }) }
      const pems = over === 'tls' ? makePems() : null
      const transport = transportOf(library, over, busyPoll, pems)
      const messenger = new Messenger({ name: 'osd.0', policies, wire, transports: [transport] })
      look(messenger)
      messenger.use(handler(variant.handler ?? 'queued', new Pipes(make, receive)))
      const address = await messenger.bind(nextPlace(over))
      return { address: encodeWhere({ address, pems }), close: () => messenger.shutdown() }
    },
    async dial(where, { cuts }, receive) {
      const { address, pems } = decodeWhere(where)
      if (dialler === null) {
        const { bodies = 'keep' } = variant
        const policies = { default: lossy ? library.lossy({ bodies }) : library.losslessClient({ bodies }) }
        const own = transportOf(library, over, busyPoll, pems)
        const transport = cuts === true ? remembering(own, links) : own
        dialler = new Messenger({ name: 'client.?', policies, wire, transports: [transport] })
        look(dialler)
        dialler.use(handler(variant.handler ?? 'queued', pipes))
      }
      const connection = dialler.connect(address, { type: 'osd', anonymous: true })
      const pipe = pipes.add(connection, receive)
      await connection.opened()
      return pipe
    },
    cut() {
      for (const link of links) link.reset()
      links.clear()
    },
  }
}

let places = 0

/** Where the next server of this process listens. */
function nextPlace(over: Over): string {
  const name = `inkwire-bench-${process.pid}-${++places}`
  switch (over) {
    case 'tcp':
    case 'tls':
      return `${over}://127.0.0.1:0`
    case 'unix':
      return `unix://${join(tmpdir(), name)}`
    case 'shm':
    case 'shm file':
      return `shm://@${name}`
    case 'worker':
      return `worker://${name}`
  }
}

/** What both ends of TLS have here: one certificate, and the authority that both believe. */
interface Pems {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

function makePems(): Pems {
  const authority = new Authority()
  const { cert, key } = authority.issue({ name: 'bench' })
  return { cert, key, ca: authority.cert }
}

/** What the end that dials must know: with TLS, more than an address. */
interface Where {
  readonly address: string
  readonly pems: Pems | null
}

function encodeWhere(where: Where): string {
  return where.pems === null ? where.address : JSON.stringify(where)
}

function decodeWhere(where: string): Where {
  return where.startsWith('{') ? (JSON.parse(where) as Where) : { address: where, pems: null }
}

function transportOf(
  library: typeof Library,
  over: Over,
  busyPoll: false | undefined,
  pems: Pems | null,
): Library.Transport {
  const { tcp, tls, unix, sharedMemory, worker } = library
  switch (over) {
    case 'tcp':
      return tcp({ busyPoll })
    case 'tls':
      return tls({ ...pems!, busyPoll, speaksFor: () => true })
    case 'worker':
      return worker({ door: door(), busyPoll })
    case 'unix':
      return unix({ busyPoll })
    case 'shm':
      return sharedMemory({ busyPoll, access: 'mapped' })
    case 'shm file':
      return sharedMemory({ busyPoll, access: 'file' })
  }
}

/**
 * A transport that notes the links that it dialled, so that they can be cut. To the messenger it is somebody else's, and guarded; and
 * no link that it has made is ever forgotten.
 */
function remembering(transport: Library.Transport, links: Set<Library.Link>): Library.Transport {
  return {
    ...transport,
    dial: (address) => {
      const link = transport.dial(address)
      links.add(link)
      return link
    },
  }
}

/** Observes a messenger, with its defaults; loaded only where it is asked for. */
async function looker({ observed }: InkwireVariant): Promise<(messenger: Library.Messenger) => void> {
  if (observed !== true) return () => undefined
  const { observe } = await import('../../src/observe/index.ts')
  return (messenger) => void observe(messenger)
}

async function load(variant: InkwireVariant): Promise<typeof Library> {
  if (variant.path === undefined) return await import('../../src/index.ts')
  return (await import(pathToFileURL(variant.path).href)) as typeof Library
}
