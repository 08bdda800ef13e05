/** Remote buffers over every way between two messengers: bytes are the same, limits hold, and what is taken back is taken back. */
import process from 'node:process'
import t, { type Test } from 'tap'
import { buffers, type BufferError, type BufferRef, type Buffers } from '../../src/buffers/index.ts'
import { Messenger, memory, peer, sharedMemory, tcp, unix, worker, workerHub, type Transport } from '../../src/index.ts'
import { noMappedMemory, noSharedMemory } from '../support/hosts.ts'
import { socketDirectory } from '../support/socket-directory.ts'
import { pattern, reasonOf } from '../unit/buffers/lab.ts'

const SIZE = 2 * 2 ** 20 + 321

interface Way {
  /** Of each messenger. */
  readonly transports: () => readonly [Transport, Transport]
  readonly address: (directory: string) => string
  readonly skip?: string | false
}

const shared = (access: 'file' | 'mapped', skip: string | false): Way => ({
  transports: () => [sharedMemory({ access }), sharedMemory({ access })],
  address: () => `shm://@inkwire-buffers-${process.pid}-${access}`,
  skip,
})

const WAYS: Readonly<Record<string, Way>> = {
  tcp: { transports: () => [tcp(), tcp()], address: () => 'tcp://127.0.0.1:0' },
  unix: { transports: () => [unix(), unix()], address: (directory) => `unix://${directory}/osd` },
  'shared memory in files': shared('file', noSharedMemory),
  'shared memory that is mapped': shared('mapped', noMappedMemory),
  worker: {
    transports: () => {
      const hub = workerHub()
      return [worker({ door: hub.door() }), worker({ door: hub.door() })]
    },
    address: () => 'worker://osd',
  },
  memory: {
    transports: () => {
      const both = memory()
      return [both, both]
    },
    address: () => 'memory://osd',
  },
}

for (const [name, { transports, address, skip = false }] of Object.entries(WAYS)) {
  t.test(`over ${name}`, { skip }, async (t) => {
    const [one, other] = transports()
    const policies = { default: peer() }
    const owner = new Messenger({ name: 'osd.0', policies, transports: [one] })
    const holder = new Messenger({ name: 'client.a', policies, transports: [other] })
    t.teardown(() => Promise.all([owner.close(), holder.close()]))
    holder.connect(await owner.bind(address(socketDirectory(t))))
    const [source, target] = [pattern(SIZE), new Uint8Array(SIZE)]
    const [readable, writable] = [source, target].map((one) => buffers(owner).register(one, { rights: 'read-write' }))
    const lender = buffers(holder)
    const [got] = await Promise.all([lender.receive(readable!), lender.send(writable!, { from: pattern(SIZE, 3) })])
    t.ok(Buffer.from(got).equals(source), 'what was read')
    t.ok(Buffer.from(target).equals(pattern(SIZE, 3)), 'what was written')
    await revoked(t, owner, lender, target, writable!)
    t.equal(buffers(owner).dump().transfers, 0)
  })
}

t.test('within one messenger', async (t) => {
  const owner = new Messenger({ name: 'osd.0', policies: { default: peer() }, transports: [memory()] })
  t.teardown(() => owner.close())
  const own = buffers(owner)
  const [source, target] = [pattern(SIZE), new Uint8Array(SIZE)]
  t.ok(Buffer.from(await own.receive(own.register(source))).equals(source))
  const ref = own.register(target, { rights: 'read-write' })
  await own.send(ref, { from: source })
  t.ok(Buffer.from(target).equals(source))
  await revoked(t, owner, own, target, ref)
})

/** Taken back in the middle of a write: the writer hears it, and no byte changes any more. */
async function revoked(t: Test, owner: Messenger, writer: Buffers, target: Uint8Array, ref: BufferRef): Promise<void> {
  let fenced: Promise<Uint8Array> | null = null
  const from = {
    read: (offset: number, length: number): Uint8Array => {
      if (offset > SIZE / 4)
        fenced ??= buffers(owner)
          .unregister(ref)
          .then(() => target.slice())
      return new Uint8Array(length).fill(9)
    },
  }
  const failed = await writer.send(ref, { from, length: SIZE }).then(
    () => null,
    (error: unknown) => error as BufferError,
  )
  t.equal(failed?.reason, 'stale')
  const then = await fenced!
  t.equal(await reasonOf(writer.receive(ref)), 'stale')
  t.ok(Buffer.from(target).equals(then), 'nothing came behind the fence')
  const placed = failed?.placed[0]?.length ?? 0
  t.ok(
    target.subarray(0, placed).every((byte) => byte === 9),
    'what is placed is there',
  )
}
