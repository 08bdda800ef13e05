/** Remote buffers among several processes: handed on, through others, taken back under load, and owners that die (BF-1 to BF-5). */
import { createHash } from 'node:crypto'
import t from 'tap'
import type { BufferError } from '../../src/buffers/index.ts'
import { BufferRef } from '../../src/buffers/index.ts'
import { TRANSFER } from '../../src/buffers/machine/limits.ts'
import { encodeCaveat, encodeToken } from '../../src/buffers/machine/token.ts'
import { tokenOf } from '../../src/buffers/ref.ts'
import { TransferCall } from '../../src/buffers/transfer-call.ts'
import { losslessClient, losslessServer, lossy, peer, type Policy } from '../../src/index.ts'
import { explainBuffers, exploreBuffers } from '../../src/testing/index.ts'
import type { Lab } from '../unit/buffers/lab.ts'
import { failureOf, inLab, pattern, reasonOf, type Party } from '../unit/buffers/lab.ts'

const SIZE = 700_001

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** From hand to hand, as bytes. */
function handedOn(ref: BufferRef): BufferRef {
  return BufferRef.decode(ref.encode())
}

t.test(
  'BF-1: a reference that went through three hands is used by the last one, who alone dials the owner',
  async (t) => {
    await inLab(async (lab) => {
      const [a, b, c, d] = await parties(lab, 'client.a', 'osd.b', 'osd.c', 'osd.d')
      const memory = pattern(SIZE)
      const ref = handedOn(handedOn(handedOn(a.buffers.register(memory, { rights: 'read-write' }))))
      t.equal(hash(await d.buffers.receive(ref)), hash(memory))
      await d.buffers.send(ref, { from: pattern(SIZE, 9) })
      t.equal(hash(memory), hash(pattern(SIZE, 9)))
      t.equal(d.messenger.connections.length, 1)
      t.equal(b.messenger.connections.length + c.messenger.connections.length, 0)
    })
  },
)

t.test('BF-1: where only the first hand reaches the owner, bytes go through all of them, both ways', async (t) => {
  await inLab(async (lab) => {
    const [a, b, c, d] = await parties(lab, 'client.a', 'osd.b', 'osd.c', 'osd.d')
    for (const far of ['osd.c', 'osd.d']) apart(lab, 'client.a', far)
    apart(lab, 'osd.b', 'osd.d')
    const memory = pattern(SIZE)
    const ref = a.buffers.register(memory, { rights: 'read-write' })
    const atD = handedOn(c.buffers.forward(handedOn(b.buffers.forward(handedOn(ref)))))
    t.equal(hash(await d.buffers.receive(atD)), hash(memory))
    await d.buffers.send(atD, { from: pattern(SIZE, 9) })
    t.equal(hash(memory), hash(pattern(SIZE, 9)))
    t.equal(
      await reasonOf(d.buffers.receive(atD.attenuate({ peers: ['osd.d'] }))),
      'denied',
      'the owner sees who passes it on',
    )
    const weak = atD.attenuate({ range: { offset: 0, length: 10 } })
    t.strictSame(await d.buffers.receive(weak), pattern(10, 9))
    t.equal(await reasonOf(d.buffers.receive(atD, { offset: SIZE, length: 1 })), 'out-of-range')
    await a.buffers.unregister(ref)
    t.equal(await reasonOf(d.buffers.receive(atD)), 'stale', 'the reason comes through')
    for (const { buffers } of [a, b, c]) t.equal(buffers.dump().transfers, 0)
    c.buffers.unforward(atD)
    t.equal(await reasonOf(d.buffers.receive(atD)), 'denied', 'nobody passes on what it has not forwarded')
  })
})

t.test('who has a session with a forwarder uses it at once, and the short way from then on', async (t) => {
  await inLab(async (lab) => {
    const [a, b, d] = await parties(lab, 'client.a', 'osd.b', 'osd.d')
    await d.messenger.connect(b.messenger.addresses[0]!, { name: 'osd.b' }).opened()
    const memory = pattern(SIZE)
    const ref = handedOn(b.buffers.forward(handedOn(a.buffers.register(memory))))
    const names = (): (string | null)[] => a.messenger.connections.map((connection) => connection.peer.name).sort()
    t.equal(hash(await d.buffers.receive(ref)), hash(memory))
    t.ok(names().includes('osd.b'), 'it was passed on')
    await lab.settle()
    t.strictSame(names(), ['osd.b', 'osd.d'])
    b.buffers.unforward(ref)
    t.equal(hash(await d.buffers.receive(ref)), hash(memory), 'without the forwarder')
  })
})

t.test('nobody is an open door: what was not forwarded from here does not pass, wherever it points', async (t) => {
  await inLab(async (lab) => {
    const [a, b, d] = await parties(lab, 'client.a', 'osd.b', 'osd.d')
    apart(lab, 'client.a', 'osd.d')
    const [one, other] = [a.buffers.register(pattern(10)), a.buffers.register(pattern(10))]
    const forwarded = b.buffers.forward(one)
    const { header, mac, caveats } = tokenOf(forwarded)
    t.equal(await reasonOf(d.buffers.receive(forwarded)), 'done')
    const connection = d.messenger.connections.find((known) => known.peer.name === 'osd.b')!
    const raw = async (token: Uint8Array): Promise<string> => {
      const request = { direction: 'read', range: { offset: 0, length: 1 }, token } as const
      return await connection
        .transact(TransferCall, request)
        .end()
        .then(
          () => 'done',
          (error: unknown) => (error as { code: string }).code,
        )
    }
    t.equal(await raw(other.encode()), 'denied')
    const lured = { name: 'osd.d', address: 'sim://osd.d:6800' }
    const via = { kind: 'via', ...lured } as const
    const bent = { value: { ...header.value, addresses: [lured.address] }, bytes: header.bytes }
    const before = d.messenger.connections.length
    t.equal(
      await raw(
        encodeToken({
          header: bent,
          caveats: [{ value: via, bytes: encodeCaveat(via) }, ...caveats],
          mac,
          contents: null,
        }),
      ),
      'denied',
    )
    t.equal(d.messenger.connections.length, before, 'the forwarder dials nobody whom a stranger names')
  })
})

t.test('BF-3: an owner that starts again has none of its old buffers, and its new ones are not touched', async (t) => {
  for (const policy of [peer(), lossy()]) {
    await inLab(async (lab) => {
      const d = await lab.party('osd.d', {}, policy)
      const first = await lab.party('client.a', {}, policy)
      const old = handedOn(first.buffers.register(pattern(SIZE), { rights: 'read-write' }))
      t.equal(await reasonOf(d.buffers.receive(old)), 'done')
      lab.crash('client.a')
      const second = await lab.party('client.a', {}, policy)
      const memory = pattern(SIZE, 5)
      const fresh = second.buffers.register(memory, { rights: 'read-write' })
      t.equal(fresh.id, old.id, 'the same number')
      t.match(await reasonOf(d.buffers.send(old, { from: new Uint8Array(SIZE) })), /gone|disconnected/)
      await lab.settle(3000)
      t.equal(await reasonOf(d.buffers.send(old, { from: new Uint8Array(SIZE) })), 'gone')
      t.equal(await reasonOf(d.buffers.receive(old)), 'gone')
      t.equal(hash(memory), hash(pattern(SIZE, 5)))
      t.equal(hash(await d.buffers.receive(fresh)), hash(memory))
    })
  }
})

t.test('a session with a process that died unheard says nothing of the one that has its name now', async (t) => {
  for (const policy of [peer(), lossy()]) {
    await inLab(async (lab) => {
      const d = await lab.party('osd.d', {}, policy)
      const first = await lab.party('client.a', {}, policy)
      t.equal(await reasonOf(d.buffers.receive(handedOn(first.buffers.register(pattern(10))))), 'done')
      lab.crash('client.a', 'silent')
      const second = await lab.party('client.a', {}, policy)
      const fresh = handedOn(second.buffers.register(pattern(SIZE)))
      t.match(await reasonOf(d.buffers.receive(fresh)), /done|disconnected/, 'nobody else has the name of its owner')
      await lab.settle(60_000)
      t.equal(hash(await d.buffers.receive(fresh)), hash(pattern(SIZE)))
    })
  }
})

t.test('who was started again knows that the buffers of its process before are gone', async (t) => {
  await inLab(async (lab) => {
    const first = await lab.party('client.a')
    const old = handedOn(first.buffers.register(pattern(10)))
    lab.crash('client.a')
    const second = await lab.party('client.a')
    t.equal(await reasonOf(second.buffers.receive(old)), 'gone')
  })
})

t.test(
  'BF-5: a cut at any chunk: all is there, or it is known what is, and a second transfer completes it',
  async (t) => {
    const pairs: (readonly [Policy, Policy])[] = [
      [lossy(), lossy()],
      [losslessClient(), losslessServer()],
      [peer(), peer()],
    ]
    const length = 6 * TRANSFER.chunkBytes + 100
    for (const [mine, theirs] of pairs) {
      for (let cut = 0; cut < 8; cut++) {
        await inLab(async (lab) => {
          const a = await lab.party('osd.a', {}, theirs)
          const d = await lab.party('client.d', {}, mine)
          const memory = new Uint8Array(length)
          let reads = 0
          const source = pattern(length)
          const sever = (): void => lab.sim.network.cut('osd.a', 'client.d')
          const from = {
            read: (offset: number, size: number) => {
              if (reads++ === cut) sever()
              return source.slice(offset, offset + size)
            },
          }
          const ref = handedOn(a.buffers.register(memory, { rights: 'read-write' }))
          const written = await d.buffers.send(ref, { from, length }).then(
            () => null,
            (error: unknown) => error as BufferError,
          )
          if (written !== null) {
            t.equal(written.reason, 'disconnected')
            await lab.settle(100)
            holds(written, memory, source, length)
            const done = written.placed[0]?.length ?? 0
            await d.buffers.send(ref, { offset: done, from: source.subarray(done) })
          }
          t.equal(hash(memory), hash(source), `${mine.kind}, cut at ${cut}`)
          let writes = 0
          const copy = new Uint8Array(length)
          const into = {
            write: (offset: number, bytes: Uint8Array) => {
              if (writes++ === cut) sever()
              copy.set(bytes, offset)
            },
          }
          const read = await d.buffers.receive(ref, { into }).then(
            () => null,
            (error: unknown) => error as BufferError,
          )
          if (read !== null) {
            t.equal(read.reason, 'disconnected')
            const done = read.placed[0]?.length ?? 0
            t.equal(hash(copy), hash(onlyFirst(source, done)), 'what is placed, and no byte more')
            await lab.settle(100)
            t.equal(hash(copy), hash(onlyFirst(source, done)), 'nor later')
            await d.buffers.receive(ref, { offset: done, into: copy.subarray(done) })
          }
          t.equal(hash(copy), hash(source), `${mine.kind}, cut at ${cut}`)
          if (mine.kind !== 'lossy') t.strictSame([written, read], [null, null], 'a session outlives its link')
          t.equal(a.buffers.dump().transfers, 0)
        })
      }
    }

    function holds({ placed, uncertain }: BufferError, memory: Uint8Array, source: Uint8Array, size: number): void {
      const sure = placed[0]?.length ?? 0
      const maybe = uncertain === null ? sure : uncertain.offset + uncertain.length
      t.ok(Buffer.from(memory.subarray(0, sure)).equals(source.subarray(0, sure)), 'what is placed')
      t.ok(
        memory.subarray(maybe, size).every((byte) => byte === 0),
        'what was never sent',
      )
    }
  },
)

/** Neither reaches the other. */
function apart(lab: Lab, one: string, other: string): void {
  lab.sim.network.partition(one, other)
  lab.sim.network.partition(other, one)
}

/** The first bytes, and zeroes. */
function onlyFirst(source: Uint8Array, count: number): Uint8Array {
  const bytes = new Uint8Array(source.length)
  bytes.set(source.subarray(0, count))
  return bytes
}

t.test('owners, holders and forwarders by chance', async (t) => {
  const seeds = Number(process.env['INKWIRE_BUFFER_SEEDS'] ?? 12)
  const ends = new Map<string, number>()
  for (let seed = 1; seed <= seeds; seed++) {
    const run = await exploreBuffers({ seed })
    if (run.violations.length > 0) t.fail(explainBuffers(seed, run.violations))
    for (const [end, count] of run.ends) ends.set(end, (ends.get(end) ?? 0) + count)
  }
  for (const end of ['done', 'stale', 'gone', 'denied', 'expired', 'out-of-range', 'cancelled', 'disconnected'])
    t.ok((ends.get(end) ?? 0) > 0, `some end ${end}`)
})

t.test('BF-2: ten thousand writers race against the owner who takes its buffer back', async (t) => {
  await inLab(async (lab) => {
    const a = await lab.party('client.a', { limits: { transfersMax: 20_000, transfersPerPeerMax: 20_000 } })
    const d = await lab.party('osd.d')
    const memory = new Uint8Array(4096)
    const ref = a.buffers.register(memory, { rights: 'write' })
    const writers: Promise<string>[] = []
    let isFenced = false
    let last = ''
    for (let writer = 0; writer < 10_000; writer++) {
      if (writer === 5000) {
        void a.buffers.unregister(ref).then(() => {
          isFenced = true
          last = hash(memory)
        })
      }
      writers.push(reasonOf(d.buffers.send(ref, { offset: writer % 4096, from: Uint8Array.of(writer) })))
      if (writer % 500 === 0) await lab.settle(1)
    }
    const reasons = await Promise.all(writers)
    t.ok(isFenced)
    t.equal(hash(memory), last, 'after the fence no byte has changed')
    t.ok(reasons.includes('done') && reasons.includes('stale'))
    const waits = new Set(reasons)
    for (const fine of ['done', 'stale', 'quota']) waits.delete(fine)
    t.strictSame([...waits], [])
    t.match(await failureOf(d.buffers.send(ref, { from: Uint8Array.of(1) })), { reason: 'stale' })
  })
})

async function parties<Names extends readonly string[]>(
  lab: Lab,
  ...names: Names
): Promise<{ [Key in keyof Names]: Party }> {
  const made: Party[] = []
  for (const name of names) made.push(await lab.party(name))
  return made as { [Key in keyof Names]: Party }
}
