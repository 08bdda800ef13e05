/**
 * Remote buffers beside messages: the same bytes, moved by a transfer of 1 GiB and as messages of 64 KiB whose memory is lent.
 *
 * One pair of processes does all of it, in turn: messages one way, a transfer that reads the other's buffer, one that writes
 * into it, and the same two between files. While each runs, and for a while when nothing does, a call of 64 B goes to and fro every few ms: what it waits for is to be less than what two chunks
 * take at the measured rate. Both sides have the whole buffer in memory before anything is measured, so that what resident memory
 * grows by is what moving takes.
 */
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runDirectly } from '../harness/direct.ts'
import { Histogram } from '../harness/histogram.ts'
import type { Measured, RunOptions } from '../harness/run.ts'
import { summarize } from '../harness/summary.ts'
import { UsageMeter, type Usage } from '../harness/usage.ts'
import type { Workload } from '../harness/workload.ts'
import { BufferRef, buffers, fileBuffer } from '../../src/buffers/index.ts'
import { defineCall, peer, Messenger, type Connection } from '../../src/index.ts'

const MIB = 2 ** 20
const CHUNK_BYTES = 64 * 1024
const PROBE_EVERY_MS = 2
/** How long calls are made with nothing beside them: what they wait for then is the machine's. */
const CALM_MS = 500
const MESSAGE_TYPE = 17
/** A series that is not counted brings code and pools to their size. */
const WARM_UP_BYTES = 256 * MIB

const raw = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes }
const json = {
  encode: (usage: Usage) => new TextEncoder().encode(JSON.stringify(usage)),
  decode: (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as Usage,
}
/** By its body: the buffer of this kind. */
const Lend = defineCall({ type: 1, name: 'Lend', request: raw, reply: BufferRef })
const Ping = defineCall({ type: 2, name: 'Ping', request: raw, reply: raw })
/** Resolves when so many messages have come. */
const Came = defineCall({ type: 3, name: 'Came', request: raw, reply: raw })
/** What the server used since it was asked the last time. */
const Used = defineCall({ type: 4, name: 'Used', request: raw, reply: json })
const NOTHING = new Uint8Array(0)
const [MEMORY, FILE] = [Uint8Array.of(0), Uint8Array.of(1)]

/** `size`: of the buffer. */
function bytesOf({ size }: RunOptions): number {
  return size < MIB ? 1024 * MIB : size
}

function messenger(name: string): Messenger {
  return new Messenger({ name, policies: { default: peer({ bodies: 'lend' }) } })
}

export const workload: Workload = {
  async serve(_subject, options) {
    const server = messenger('osd.0')
    const memory = new Uint8Array(bytesOf(options)).fill(7)
    const file = await openFile(memory)
    const [inMemory, inFile] = [memory, await fileBuffer(file)].map((buffer) =>
      buffers(server).register(buffer, { rights: 'read-write' }),
    )
    const meter = new UsageMeter()
    const count = new Counter()
    server.use({ dispatch: (message) => count.add(message.data.length) })
    server.serve(Lend, ([kind]) => ({ body: (kind === FILE[0] ? inFile : inMemory)! }))
    server.serve(Ping, (body) => ({ body }))
    server.serve(Came, async (wanted) => {
      await count.reaches(Number(Buffer.from(wanted).readBigUInt64LE()))
      return { body: NOTHING }
    })
    server.serve(Used, () => {
      const body = meter.read()
      meter.reset()
      return { body }
    })
    const address = await server.bind('tcp://127.0.0.1:0')
    const close = async (): Promise<void> => {
      await server.close()
      await file.close()
    }
    return { address, close }
  },

  async drive(_subject, address, options): Promise<Measured> {
    const client = messenger('client.a')
    const connection = client.connect(address)
    const { body: ref } = await connection.call(Lend, MEMORY)
    const { body: fileRef } = await connection.call(Lend, FILE)
    const memory = new Uint8Array(bytesOf(options)).fill(9)
    const file = await openFile(memory)
    const onDisk = await fileBuffer(file)
    const lender = buffers(client)
    let sent = 0
    const ways: Readonly<Record<string, (bytes: number) => Promise<unknown>>> = {
      messages: async (bytes) => {
        for (let at = 0; at < bytes; at += CHUNK_BYTES) {
          const data = memory.subarray(at, at + CHUNK_BYTES)
          if (!connection.send({ type: MESSAGE_TYPE, data })) await connection.drained()
        }
        sent += bytes
        const total = Buffer.alloc(8)
        total.writeBigUInt64LE(BigInt(sent))
        await connection.call(Came, total)
      },
      receive: (bytes) => lender.receive(ref, { into: memory, length: bytes }),
      send: (bytes) => lender.send(ref, { from: memory, length: bytes }),
      'receive file': (bytes) => lender.receive(fileRef, { into: onDisk, length: bytes }),
      'send file': (bytes) => lender.send(fileRef, { from: onDisk, length: bytes }),
      calm: () => new Promise((resolve) => setTimeout(resolve, CALM_MS)),
    }
    for (const move of Object.values(ways)) await move(Math.min(WARM_UP_BYTES, memory.length))
    const found = new Map<string, Series[]>(Object.keys(ways).map((way) => [way, []]))
    const untilMs = performance.now() + options.seconds * 1000
    do {
      for (const [way, move] of Object.entries(ways)) {
        found.get(way)?.push(await series(connection, () => move(memory.length), memory.length))
      }
    } while (performance.now() < untilMs)
    await file.close()
    return result(found)
  },
}

/** A file with these bytes, which is gone when it is closed. */
async function openFile(memory: Uint8Array): Promise<FileHandle> {
  const directory = await mkdtemp(join(tmpdir(), 'inkwire-transfer-'))
  const handle = await open(join(directory, 'bytes'), 'w+')
  await rm(directory, { recursive: true })
  for (let at = 0; at < memory.length; at += MIB) await handle.write(memory, at, Math.min(MIB, memory.length - at), at)
  return handle
}

/** Bytes that came, and who waits for them. */
class Counter {
  #bytes = 0
  #waiting: { readonly bytes: number; readonly resolve: () => void } | null = null

  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#waiting !== null && this.#bytes >= this.#waiting.bytes) this.#waiting.resolve()
  }

  reaches(bytes: number): Promise<void> | undefined {
    if (this.#bytes >= bytes) return undefined
    return new Promise((resolve) => (this.#waiting = { bytes, resolve }))
  }
}

interface Series {
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly cpuPerGiB: number
  readonly grownBytes: number
}

/** One movement of all the bytes, with small calls beside it. */
async function series(connection: Connection, move: () => Promise<unknown>, bytes: number): Promise<Series> {
  const histogram = new Histogram()
  const before = (await connection.call(Used, NOTHING)).body
  const meter = new UsageMeter()
  const rssBytes = process.memoryUsage.rss()
  let isOver = false
  const probing = (async () => {
    const probe = new Uint8Array(64)
    while (!isOver) {
      const startMs = performance.now()
      await connection.call(Ping, probe)
      histogram.record((performance.now() - startMs) * 1000)
      await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS))
    }
  })()
  await move()
  const client = meter.read()
  isOver = true
  const { body: server } = await connection.call(Used, NOTHING)
  await probing
  return {
    rate: (bytes / client.wallMs) * 1000,
    p50: histogram.quantile(0.5),
    p99: histogram.quantile(0.99),
    cpuPerGiB: ((client.cpuSeconds + server.cpuSeconds) / bytes) * 1024 * MIB,
    grownBytes: Math.max(client.rssBytes - rssBytes, server.rssBytes - before.rssBytes),
  }
}

function result(found: ReadonlyMap<string, readonly Series[]>): Measured {
  const median = (way: string, figure: keyof Series): number =>
    summarize((found.get(way) ?? []).map((one) => one[figure])).median
  const measured: Measured = {}
  for (const way of found.keys()) {
    measured[`${way} call p50 µs`] = median(way, 'p50')
    measured[`${way} call p99 µs`] = median(way, 'p99')
    if (way === 'calm') continue
    const rate = median(way, 'rate')
    measured[`${way} MB/s`] = rate / 1e6
    if (way !== 'messages') measured[`${way} / messages`] = rate / median('messages', 'rate')
    measured[`${way} call p99 / 2 chunks`] = median(way, 'p99') / ((2 * CHUNK_BYTES * 1e6) / rate)
    measured[`${way} CPU s per GiB`] = median(way, 'cpuPerGiB')
    measured[`${way} RSS growth MiB`] = median(way, 'grownBytes') / MIB
  }
  return measured
}

await runDirectly(import.meta, 'transfer', 'receive / messages')
