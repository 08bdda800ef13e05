/** What two messengers do with a buffer: read, write, take back, and every way in which it fails. */
import t from 'tap'
import { TRANSFER } from '../../../src/buffers/machine/limits.ts'
import { BufferRef, buffers, type BuffersOptions } from '../../../src/buffers/index.ts'
import { losslessClient, losslessServer, lossy, peer, type Policy } from '../../../src/index.ts'
import { TransferCall } from '../../../src/buffers/transfer-call.ts'
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

t.test('only a plain yes lets an owner be dialled, and whoever is told of progress ends no process', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const bytes = osd.buffers.register(pattern(1000)).encode()
    const rules: [name: string, mayDial: () => unknown][] = [
      ['client.a', () => false],
      ['client.b', () => Promise.resolve(true)],
      ['client.c', () => Promise.reject(new Error('asked somebody'))],
      [
        'client.d',
        () => {
          throw new Error('does not know')
        },
      ],
    ]
    for (const [name, mayDial] of rules) {
      const { messenger, buffers } = await lab.party(name, { mayDial } as BuffersOptions)
      t.equal(await reasonOf(buffers.receive(BufferRef.decode(bytes))), 'disconnected', name)
      t.equal(messenger.connections.length, 0)
    }
    const client = await lab.party('client.e')
    const progress = (() => Promise.reject(new Error('nobody waits'))) as unknown as (placed: number) => void
    const got = await client.buffers.receive(BufferRef.decode(bytes), { progress })
    t.equal(got.length, 1000)
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
    t.ok((read.placed[0]?.length ?? 0) <= 2 * TRANSFER.chunkBytes, 'what came before may be there')
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
      placed: [{ offset: 0, length: TRANSFER.chunkBytes }],
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

t.test('what rides along is only read: bytes for its buffer go to the owner', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    const memory = pattern(100)
    const lent = osd.buffers.register(memory, { inline: true, rights: 'read-write' })
    const ref = BufferRef.decode(lent.encode())
    await client.buffers.send(ref, { offset: 10, from: new Uint8Array(3) })
    t.strictSame(memory.slice(10, 13), new Uint8Array(3))
    t.strictSame(await client.buffers.receive(ref), pattern(100), 'as it was when it was registered')
    await osd.buffers.unregister(ref)
    t.equal(await reasonOf(client.buffers.send(ref, { from: new Uint8Array(3) })), 'stale')
    const empty = BufferRef.decode(osd.buffers.register(new Uint8Array(0), { inline: true }).encode())
    t.strictSame(empty.contents, new Uint8Array(0))
  })
})

t.test('buffers of this very messenger need no session, and keep to the same rules', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const memory = pattern(9_000_000)
    const ref = osd.buffers.register(memory, { rights: 'read-write', maxUses: 3 })
    const told: number[] = []
    let turns = 0
    const others = (): void => {
      turns++
      if ((told.at(-1) ?? 0) < memory.length) lab.sim.clock.host().later(others)
    }
    others()
    const got = await osd.buffers.receive(ref, { progress: (placed) => told.push(placed) })
    t.ok(Buffer.from(got).equals(memory))
    t.ok(turns > 2, `others have run ${turns} times meanwhile`)
    const steps = told.map((placed, index) => placed - (told[index - 1] ?? 0))
    t.ok(Math.max(...steps) < 400_000, `${told.length} times it was told how far it is`)
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

t.test('a peer that lets its transfers stand still loses them, and nobody else waits for the room', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0', { limits: { transfersMax: 3, transfersPerPeerMax: 2, stallMs: 1000 } })
    const [idle, busy] = [await lab.party('client.a'), await lab.party('client.b')]
    const ref = osd.buffers.register(pattern(100), { rights: 'read-write' })
    const connection = idle.messenger.connect(osd.messenger.addresses[0]!, { name: 'osd.0' })
    const request = { direction: 'write', range: { offset: 0, length: 50 }, token: ref.encode() } as const
    const still = [1, 2].map(() => connection.transact(TransferCall, request))
    await lab.settle()
    t.equal(osd.buffers.dump().transfers, 2)
    t.equal(await reasonOf(idle.buffers.receive(ref)), 'quota')
    t.equal(await reasonOf(busy.buffers.receive(ref)), 'done', 'another peer has a place of its own')
    await lab.settle(1300)
    t.equal(osd.buffers.dump().transfers, 0)
    for (const one of still) await t.rejects(one.reply, { code: 'failed', message: /stood still/ })
    t.equal(await reasonOf(idle.buffers.receive(ref)), 'done')
  })
})

t.test('a peer that breaks the protocol of transfers fails, and places nothing beyond what it may', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const thief = await lab.party('client.a')
    const memory = new Uint8Array(100)
    const ref = osd.buffers.register(memory, { rights: 'read-write' })
    const connection = thief.messenger.connect(osd.messenger.addresses[0]!, { name: 'osd.0' })
    const writes = async (length: number, parts: readonly number[]): Promise<string> => {
      const request = { direction: 'write', range: { offset: 0, length }, token: ref.encode() } as const
      const call = connection.transact(TransferCall, request)
      for (const size of parts) await call.send(new Uint8Array(size).fill(1))
      return await call.end().then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      )
    }
    t.equal(await writes(10, [11]), 'out-of-range')
    t.ok(memory.every((byte) => byte === 0))
    t.equal(await writes(10, [5, 6]), 'out-of-range')
    t.equal(await writes(10, [5, 0, 5]), 'failed')
    t.equal(await writes(10, [5]), 'failed', 'it ended early')
    t.equal(await writes(101, [1]), 'out-of-range')
    t.ok(memory.subarray(10).every((byte) => byte === 0))
    t.equal(await writes(10, [5, 5]), 'done')
    const read = { direction: 'read', range: { offset: 0, length: 100 }, token: ref.encode() } as const
    for (const word of [new Uint8Array(0), new Uint8Array(6).fill(255), new Uint8Array(7)]) {
      const call = connection.transact(TransferCall, read)
      await call.send(word)
      await t.resolves(Promise.race([call.end().catch(() => undefined), lab.settle()]))
    }
    await lab.settle()
    t.equal(osd.buffers.dump().transfers, 0)
  })
})

t.test('limits of the owner are told at once, and wrong use says what to write', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0', { limits: { registrationsMax: 2, registeredBytesMax: 100, forwardsMax: 1 } })
    const first = osd.buffers.register(new Uint8Array(60))
    t.throws(() => osd.buffers.register(new Uint8Array(41)), { code: 'INK_REFUSED', message: /registeredBytesMax/ })
    osd.buffers.register({ size: 2 ** 40, read: () => new Uint8Array(0) })
    t.throws(() => osd.buffers.register(new Uint8Array(0)), { code: 'INK_REFUSED' })
    await osd.buffers.unregister(first)
    const ref = osd.buffers.register(new Uint8Array(100), { rights: 'read-write' })
    const client = await lab.party('client.a', { limits: { forwardsMax: 1 } })
    client.buffers.forward(ref)
    client.buffers.forward(ref)
    const other = osd.buffers.register.bind(osd.buffers)
    await osd.buffers.unregister(ref)
    t.throws(() => client.buffers.forward(other(new Uint8Array(1))), { code: 'INK_REFUSED', message: /unforward/ })
    await t.rejects(client.buffers.unregister(ref), { code: 'INK_BAD_ARGUMENT', message: /osd\.0/ })
    const wrong: readonly (() => unknown)[] = [
      () => other(new Uint8Array(1), { rights: 'all' as never }),
      () => other(new Uint8Array(1), { right: 'read' } as never),
      () => other(new Uint8Array(8193), { inline: true }),
      () => other(new Uint8Array(8), { inline: true, maxUses: 1 }),
      () => other({ read: () => new Uint8Array(1) } as never),
    ]
    for (const use of wrong) t.throws(use, { code: 'INK_BAD_OPTION' })
    t.throws(() => other('text' as never), { code: 'INK_BAD_ARGUMENT' })
    t.throws(() => other({ size: 3, write: () => undefined }), { code: 'INK_BAD_ARGUMENT', message: /read\(\)/ })
    await t.rejects(client.buffers.receive({} as never), { code: 'INK_BAD_ARGUMENT', message: /BufferRef/ })
    await t.rejects(client.buffers.receive(ref, { into: new Uint8Array(3), length: 4 }), { code: 'INK_BAD_OPTION' })
    await t.rejects(client.buffers.receive(ref, { into: 'text' as never }), { code: 'INK_BAD_ARGUMENT' })
    await t.rejects(client.buffers.receive(ref, { signal: 3 as never }), { code: 'INK_BAD_ARGUMENT' })
    await t.rejects(client.buffers.send(ref, {} as never), { code: 'INK_BAD_ARGUMENT', message: /from/ })
    await t.rejects(client.buffers.send(ref, { from: { read: () => new Uint8Array(1) } }), { code: 'INK_BAD_OPTION' })
  })
})

t.test('an application that has dialled the owner without its name has the same connection', async (t) => {
  await inLab(async (lab) => {
    const osd = await lab.party('osd.0')
    const client = await lab.party('client.a')
    client.messenger.connect(osd.messenger.addresses[0]!)
    const ref = osd.buffers.register(pattern(10))
    t.strictSame(await client.buffers.receive(ref), pattern(10))
  })
})
