/**
 * A client lends its file to a storage daemon, which pulls it, and hands the reference on to two replicas, which pull it straight from the
 * client: the data crosses the daemon's network once, not three times. `npm run build && node .build/examples/remote-buffers/main.js [file]`
 *
 * In a service the four would be four processes; nothing else would change.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Messenger, callMany, defineCall, peer } from 'inkwire'
import type { Connection } from 'inkwire'
import { BufferRef, buffers, fileBuffer } from 'inkwire/buffers'

const text = {
  encode: (body: string) => new TextEncoder().encode(body),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
}
/** Stores what the reference names, and answers its hash. */
const Store = defineCall({ type: 1, name: 'Store', request: BufferRef, reply: text })
/** The same, by a replica: it asks nobody else. */
const Copy = defineCall({ type: 2, name: 'Copy', request: BufferRef, reply: text })

const directory = await mkdtemp(join(tmpdir(), 'inkwire-remote-buffers-'))

/** A daemon with a disk of its own. */
class Osd {
  readonly messenger: Messenger
  readonly #path: string

  constructor(id: number) {
    this.messenger = new Messenger({ name: `osd.${id}`, policies: { default: peer() } })
    this.#path = join(directory, `osd.${id}`)
    this.messenger.serve(Copy, async (ref) => ({ body: await this.pull(ref) }))
  }

  /** Reads it from its owner into a file, 64 KiB at a time, and hashes what came. */
  async pull(ref: BufferRef): Promise<string> {
    const handle = await open(this.#path, 'w')
    try {
      const file = await fileBuffer(handle, { size: ref.size })
      const hash = createHash('sha256')
      const write = async (offset: number, bytes: Uint8Array): Promise<void> => {
        hash.update(bytes)
        await file.write(offset, bytes)
      }
      await buffers(this.messenger).receive(ref, { into: { write } })
      return hash.digest('hex')
    } finally {
      await handle.close()
    }
  }
}

const [primary, ...replicas] = [new Osd(0), new Osd(1), new Osd(2)] as const
const address = await primary.messenger.bind('tcp://127.0.0.1:0')
const toReplicas: Connection[] = []
for (const { messenger } of replicas) {
  toReplicas.push(primary.messenger.connect(await messenger.bind('tcp://127.0.0.1:0')))
}
primary.messenger.serve(Store, async (ref) => {
  // Replicas may read, and nobody but osds may use it.
  const copies = callMany(toReplicas, Copy, ref.attenuate({ rights: 'read', peers: ['osd'] }), { need: 'all' })
  const mine = await primary.pull(ref)
  const theirs = (await copies).replies.map(({ body }) => body)
  return { body: [mine, ...theirs].join(' ') }
})

const client = new Messenger({ name: 'client.a', policies: { default: peer() } })
await client.bind('tcp://127.0.0.1:0')
const lender = buffers(client)

let [, , path] = process.argv
if (path === undefined) {
  path = join(directory, 'file')
  await writeFile(path, Buffer.alloc(20_000_000, 'inkwire'))
}
const handle = await open(path)
const file = await fileBuffer(handle)
const ref = lender.register(file, { expiresMs: 60_000 })
const { body } = await client.connect(address).call(Store, ref)
await lender.unregister(ref)
await handle.close()

const hashes = new Set(body.split(' '))
const holders = client.connections.map((connection) => connection.peer.name ?? 'somebody').sort()
console.log(`${file.size} bytes, stored by 3 daemons, ${hashes.size === 1 ? 'all alike' : 'NOT ALL ALIKE'}`)
console.log(`pulled from the client by ${holders.join(', ')}`)

await Promise.all([client, primary.messenger, ...replicas.map(({ messenger }) => messenger)].map((one) => one.close()))
await rm(directory, { recursive: true })
