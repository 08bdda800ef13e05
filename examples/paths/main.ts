/**
 * A transfer that runs while its session is sent from TCP to a Unix socket, to shared memory where there is any, and back, and
 * its peer is killed once. The rate is drawn while it runs. `npm run build && node .build/examples/paths/main.js [MiB]`
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Messenger, losslessClient } from 'inkwire'
import { CHUNK_BYTES, chunkOf, local, transports } from './chunks.ts'

const mib = Number(process.argv[2] ?? 256)
const chunks = Math.max(8, Math.floor((mib * 2 ** 20) / CHUNK_BYTES))
const directory = await mkdtemp(join(tmpdir(), 'inkwire-paths-'))
const path = join(directory, 'file')
await writeFile(path, '')
await truncate(path, chunks * CHUNK_BYTES)

async function start(...addresses: readonly string[]): Promise<{ child: ChildProcess; bound: string[] }> {
  const child = fork(new URL('receiver.js', import.meta.url), [path, ...addresses])
  const [bound] = (await once(child, 'message')) as [string[]]
  return { child, bound }
}

const first = await start('tcp://127.0.0.1:0', ...local(directory))
const [far = '', near = '', nearest = near] = first.bound
let { child } = first
const client = new Messenger({
  name: 'client.a',
  transports,
  // What the new peer has not got is sent to it: the same chunk at the same place is the same file.
  policies: { osd: losslessClient({ onReset: 'requeue' }) },
})
let replayed = 0
client.events$.subscribe((event) => {
  if (event.type === 'pathSwitched') {
    replayed += event.replayed
    console.log(`now by ${event.path.scheme} (${event.why})`)
  } else if (event.type === 'remoteReset') console.log(`${event.reason}: what it may not have is sent again`)
})
const connection = client.connect(far, { name: 'osd.0' })
await connection.opened()

/** What is done about the path when so many chunks are sent or queued; those that are queued go on meanwhile. */
const events = new Map<number, () => Promise<unknown>>([
  [Math.floor(chunks / 4), () => connection.switchTo(near)],
  [Math.floor((3 * chunks) / 8), () => connection.switchTo(nearest)],
  [
    Math.floor(chunks / 2),
    async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
      console.log('killed the peer')
      ;({ child } = await start(...first.bound))
      await connection.opened()
    },
  ],
  [Math.floor((3 * chunks) / 4), () => connection.switchTo(far)],
])

let before = 0
const drawing = setInterval(() => {
  const { path } = connection
  const rate = ((path?.sentBytes ?? 0) - before) / 2 ** 20
  before = path?.sentBytes ?? 0
  if (path !== null && rate > 0)
    console.log(`${path.scheme.padEnd(5)}${'#'.repeat(Math.ceil(rate / 4))} ${rate.toFixed(0)} MiB`)
}, 100)
for (let number = 0; number < chunks; number++) {
  await events.get(number)?.()
  if (!connection.send({ type: 1, tid: number, data: chunkOf(number) })) await connection.drained()
}
await connection.close({ timeoutMs: 60_000 })
clearInterval(drawing)

const file = await readFile(path)
const isWhole = Array.from({ length: chunks }, (_, number) => number).every(
  (number) => file.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES).compare(chunkOf(number)) === 0,
)
console.log(`${chunks} chunks by ${replayed === 0 ? 'paths of which none was sent anything twice' : 'paths'}`)
console.log(isWhole ? 'the file is there, byte for byte' : 'THE FILE IS NOT WHOLE')
child.send('close')
await once(child, 'exit')
await client.close()
await rm(directory, { recursive: true })
