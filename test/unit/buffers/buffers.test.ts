/** What two messengers do with a buffer: read, write, take back, and every way in which it fails. */
import t from 'tap'
import { BufferRef, buffers } from '../../../src/buffers/index.ts'
import { losslessClient, losslessServer, lossy, peer, type Policy } from '../../../src/index.ts'
import { failureOf, inLab, pattern, reasonOf } from './lab.ts'

const SIZE = 1_000_003

/** A transfer has begun. */
class Under {
  resolve!: () => void
  readonly way = new Promise<void>((resolve) => {
    this.resolve = resolve
  })
}

t.test('whoever has a reference reads the buffer, and knows nothing else of its owner', async (t) => {
  const pairs: (readonly [Policy, Policy])[] = [
    [peer(), peer()],
    [lossy(), lossy()],
    [losslessClient(), losslessServer()],
  ]
  for (const [mine, theirs] of pairs) {
    await inLab(async (lab) => {
      const osd = await lab.party('osd.0', {}, theirs)
      const client = await lab.party('client.a', {}, mine)
      const memory = pattern(SIZE)
      const bytes = osd.buffers.register(memory).encode()
      const ref = BufferRef.decode(bytes)
      t.match(ref, { owner: 'osd.0', size: SIZE, rights: 'read', id: 1, instance: osd.messenger.instance })
      const told: number[] = []
      const got = await client.buffers.receive(ref, { progress: (placed) => told.push(placed) })
      t.ok(Buffer.from(got).equals(memory), mine.kind)
      t.equal(told.at(-1), SIZE)
      t.ok(told.length > 2, 'told now and then')
      const into = new Uint8Array(40)
      const part = await client.buffers.receive(ref, { offset: 500, into })
      t.strictSame(part, memory.slice(500, 540))
      t.equal(part.buffer, into.buffer, 'where it was asked for')
    })
  }
})

t.test('with the right to write bytes are placed in the buffer, and nowhere else', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    const memory = new Uint8Array(SIZE)
    const ref = osd.buffers.register(memory, { rights: 'write' })
    const told: number[] = []
    await client.buffers.send(ref, { offset: 1000, from: pattern(700_000), progress: (placed) => told.push(placed) })
    t.ok(Buffer.from(memory.subarray(1000, 701_000)).equals(pattern(700_000)))
    t.ok(memory.subarray(0, 1000).every((byte) => byte === 0))
    t.ok(memory.subarray(701_000).every((byte) => byte === 0))
    t.equal(told.at(-1), 700_000)
    t.equal(await reasonOf(client.buffers.receive(ref)), 'denied', 'it may write, and not read')
    t.equal(osd.buffers.dump().transfers, 0)
  })
})

t.test('functions in the place of memory: at both ends, answering at once or later', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    const [disk, copy] = [pattern(300_000), new Uint8Array(300_000)]
    const ref = osd.buffers.register(
      {
        size: disk.length,
        read: async (offset, length) => {
          await lab.settle(1)
          return disk.slice(offset, offset + length)
        },
        write: async (offset, bytes) => {
          await lab.settle(1)
          disk.set(bytes, offset)
        },
      },
      { rights: 'read-write' },
    )
    await client.buffers.receive(ref, { into: { write: (offset, bytes) => copy.set(bytes, offset) } })
    t.ok(Buffer.from(copy).equals(disk))
    await client.buffers.send(ref, { length: 200_000, from: { read: (_offset, length) => new Uint8Array(length) } })
    t.ok(disk.subarray(0, 200_000).every((byte) => byte === 0))
    t.ok(Buffer.from(disk.subarray(200_000)).equals(copy.subarray(200_000)))
  })
})

t.test('a buffer that was taken back is of no use any more, and its owner has it alone', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    const memory = pattern(6_000_000)
    const ref = osd.buffers.register(memory, { rights: 'read-write' })
    const moving = { length: 6_000_000, progress: () => under.resolve() }
    const under = new Under()
    const reading = failureOf(client.buffers.receive(ref))
    const writing = failureOf(client.buffers.send(ref, { ...moving, from: new Uint8Array(6_000_000) }))
    await under.way
    await osd.buffers.unregister(ref)
    const after = memory.slice()
    const read = await reading
    const written = await writing
    t.equal(read.reason, 'stale')
    t.equal(written.reason, 'stale')
    await lab.settle(500)
    t.ok(Buffer.from(memory).equals(after), 'no byte has changed since')
    const placed = written.placed[0]?.length ?? 0
    t.ok(
      after.subarray(0, placed).every((byte) => byte === 0),
      'what is said to be placed is',
    )
    const until = written.uncertain === null ? placed : written.uncertain.offset + written.uncertain.length
    t.ok(
      Buffer.from(after.subarray(until)).equals(pattern(6_000_000).subarray(until)),
      'and beyond what may be, nothing',
    )
    t.equal(await reasonOf(client.buffers.receive(ref)), 'stale')
    await osd.buffers.unregister(ref)
    t.strictSame(osd.buffers.dump(), { registrations: 0, registeredBytes: 0, transfers: 0, forwards: 0 })
  })
})

t.test('unregister waits for the chunk that is being written, and for nothing else', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    let finish = (): void => undefined
    let writes = 0
    const device = {
      size: 1_000_000,
      write: () => {
        writes++
        return new Promise<void>((resolve) => {
          finish = resolve
        })
      },
    }
    const ref = osd.buffers.register(device, { rights: 'write' })
    const writing = failureOf(client.buffers.send(ref, { from: new Uint8Array(1_000_000) }))
    await lab.settle()
    t.equal(writes, 1)
    let isFenced = false
    const fenced = osd.buffers.unregister(ref).then(() => (isFenced = true))
    await lab.settle()
    t.notOk(isFenced)
    const signal = AbortSignal.abort()
    await t.rejects(osd.buffers.unregister(ref, { signal }), { code: 'INK_ABORTED' })
    finish()
    await fenced
    t.equal((await writing).reason, 'stale')
    t.equal(writes, 1)
  })
})

t.test('a signal and a time end a transfer: what is placed is told, and nothing follows', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    const memory = new Uint8Array(6_000_000)
    const ref = osd.buffers.register(memory, { rights: 'read-write' })
    const abort = new AbortController()
    const into = new Uint8Array(6_000_000).fill(1)
    const reading = failureOf(client.buffers.receive(ref, { into, signal: abort.signal }))
    const writing = failureOf(client.buffers.send(ref, { from: into, signal: abort.signal }))
    const late = failureOf(client.buffers.receive(ref, { timeoutMs: 2 }))
    await lab.settle(3)
    abort.abort()
    const [read, written] = [await reading, await writing]
    const [intoThen, memoryThen] = [into.slice(), memory.slice()]
    t.equal(read.reason, 'cancelled')
    t.equal(written.reason, 'cancelled')
    t.equal((await late).reason, 'cancelled')
    await lab.settle(500)
    t.ok(Buffer.from(into).equals(intoThen))
    t.ok(Buffer.from(memory).equals(memoryThen), 'the owner has said that it writes no more')
    t.equal(osd.buffers.dump().transfers, 0)
    t.equal(await reasonOf(client.buffers.receive(ref, { signal: abort.signal })), 'cancelled')
  })
})

t.test('what fails at either end ends the transfer, and is told to the other', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    let reads = 0
    const broken = {
      size: 500_000,
      read: (_offset: number, length: number) => {
        if (++reads > 2) throw new Error('the disk is gone')
        return new Uint8Array(length)
      },
    }
    const read = await failureOf(client.buffers.receive(osd.buffers.register(broken)))
    t.match(read, { reason: 'failed', message: /the disk is gone/ })
    t.ok((read.placed[0]?.length ?? 0) <= 2 * 65_536, 'what came before may be there')
    const short = { size: 500_000, read: () => new Uint8Array(3) }
    t.match(await failureOf(client.buffers.receive(osd.buffers.register(short))), { message: /and gave 3 bytes/ })
    const ref = osd.buffers.register(pattern(500_000), { rights: 'read-write' })
    const full = {
      write: (offset: number) => {
        if (offset > 100_000) throw new Error('the disk is full')
      },
    }
    t.match(await failureOf(client.buffers.receive(ref, { into: full })), {
      reason: 'failed',
      message: /the disk is full/,
      placed: [{ offset: 0, length: 2 * 65_536 }],
    })
    const from = {
      read: (offset: number, length: number) => {
        if (offset > 100_000) throw new Error('no more')
        return new Uint8Array(length)
      },
    }
    t.match(await failureOf(client.buffers.send(ref, { from, length: 400_000 })), {
      reason: 'failed',
      message: /no more/,
    })
    const progress = (): void => {
      throw new Error('the bar is full')
    }
    t.match(await failureOf(client.buffers.receive(ref, { progress })), {
      reason: 'failed',
      cause: { message: 'the bar is full' },
    })
    t.match(await failureOf(client.buffers.send(ref, { from: pattern(400_000), progress })), {
      cause: { message: 'the bar is full' },
    })
    await lab.settle()
    t.equal(osd.buffers.dump().transfers, 0, 'nothing is left open')
  })
})

t.test('small contents ride along, and are read without asking anybody', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    const memory = pattern(8192)
    const ref = BufferRef.decode(osd.buffers.register(memory, { inline: true, expiresMs: 1000 }).encode())
    await osd.messenger.close()
    t.strictSame(await client.buffers.receive(ref), memory)
    t.strictSame(await client.buffers.receive(ref, { offset: 8000 }), memory.slice(8000))
    t.equal(client.messenger.connections.length, 0)
    t.equal(ref.attenuate({ range: { offset: 0, length: 4 } }).contents, null, 'a weaker reference carries nothing')
    await lab.settle(1100)
    t.equal(await reasonOf(client.buffers.receive(ref)), 'expired')
  })
})

t.test('buffers of this very messenger need no session, and keep to the same rules', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const memory = pattern(9_000_000)
    const ref = osd.buffers.register(memory, { rights: 'read-write', maxUses: 3 })
    t.ok(Buffer.from(await osd.buffers.receive(ref)).equals(memory))
    await osd.buffers.send(ref, { offset: 5, from: new Uint8Array(100_000) })
    t.ok(memory.subarray(5, 100_005).every((byte) => byte === 0))
    const writing = failureOf(osd.buffers.send(ref, { from: new Uint8Array(9_000_000).fill(9) }))
    await osd.buffers.unregister(ref)
    const after = memory.slice()
    t.equal((await writing).reason, 'stale')
    t.ok(Buffer.from(memory).equals(after))
    t.equal(osd.messenger.connections.length, 0)
  })
})

t.test('each messenger has one of it, and ends it with itself', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    t.equal(buffers(osd.messenger), osd.buffers)
    t.throws(() => buffers(osd.messenger, {}), { code: 'INK_BAD_ARGUMENT' })
    t.throws(() => buffers({} as never), { code: 'INK_BAD_ARGUMENT' })
    const ref = osd.buffers.register(new Uint8Array(3))
    await osd.messenger.close()
    t.throws(() => osd.buffers.register(new Uint8Array(3)), { code: 'INK_CLOSED' })
    await osd.buffers.unregister(ref)
    t.equal(osd.buffers.dump().registrations, 0)
  })
})
