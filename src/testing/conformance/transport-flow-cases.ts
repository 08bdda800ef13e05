/** The part of the conformance suite on what links do: sending with back-pressure, and ending. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import { bytesOf, pattern, patternDigest, type Case, type Pair } from './transport-arena.ts'

const MEBIBYTE = 1024 * 1024

/** Sends so many bytes each way at once, and sees that they are the same at the other end. */
export async function exchange(
  { dialled, accepted }: Pick<Pair, 'dialled' | 'accepted'>,
  bytes: number,
): Promise<void> {
  await Promise.all([
    dialled.send(1, bytes),
    accepted.send(2, bytes),
    accepted.received(bytes),
    dialled.received(bytes),
  ])
  equal(accepted.digest, patternDigest(1, bytes))
  equal(dialled.digest, patternDigest(2, bytes))
}

export const SENDING: readonly Case[] = [
  [
    'ten MiB in writes of random sizes arrive whole and in order, both ways',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      const bytes = 10 * MEBIBYTE
      await exchange({ dialled, accepted }, bytes)
    },
  ],
  [
    'a gathered write arrives in the order of its chunks, empty ones included',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      const chunks = Array.from({ length: 300 }, (_, index) => bytesOf(index % 7 === 0 ? '' : `<${index}>`))
      dialled.link.write([])
      dialled.link.write(chunks)
      const expected = Buffer.concat(chunks)
      await accepted.received(expected.length)
      equal(accepted.text, expected.toString())
    },
  ],
  [
    'write answers false above the high-water mark, and writable comes when there is room',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      accepted.link.pause()
      const sent = dialled.fill()
      const held = dialled.link.bufferedBytes
      ok(held > 0, 'something is buffered')
      const writable = dialled.writable()
      deepEqual(dialled.events, ['opened'])
      accepted.link.resume()
      await writable
      ok(dialled.link.bufferedBytes < held, 'bufferedBytes is lower when writable comes')
      await accepted.received(sent)
    },
  ],
  [
    'bufferedBytes returns to 0',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      equal(dialled.link.bufferedBytes, 0)
      const sent = dialled.fill()
      await accepted.received(sent)
      if (dialled.link.bufferedBytes > 0) await dialled.writable()
      await arena.until(() => dialled.link.bufferedBytes === 0)
    },
  ],
  [
    'pause stops data, and resume goes on without loss',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      accepted.onData = () => accepted.link.pause()
      const sent = dialled.fill()
      await accepted.received(1)
      const count = accepted.count
      // The other direction works on, which shows that time has passed and data could have come.
      accepted.link.write([bytesOf('ping')])
      await dialled.received(4)
      equal(accepted.count, count)
      accepted.onData = undefined
      accepted.link.resume()
      await accepted.received(sent)
      equal(accepted.digest, patternDigest(0, sent))
    },
  ],
  [
    'handlers are not called from inside the calls of a link',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      accepted.link.write([bytesOf('data that waits')])
      const quiet = (act: () => void): void => {
        const before = [...dialled.events, ...accepted.events]
        act()
        deepEqual([...dialled.events, ...accepted.events], before)
      }
      quiet(() => dialled.link.write([bytesOf('a')]))
      quiet(() => dialled.link.pause())
      quiet(() => dialled.link.resume())
      quiet(() => accepted.link.close())
      quiet(() => dialled.link.reset())
      await Promise.all([dialled.closed, accepted.closed])
    },
  ],
]

export const ENDING: readonly Case[] = [
  [
    'close sends what was written first, then ends both sides in order',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      const sent = dialled.fill()
      dialled.link.close()
      equal((await accepted.closed).end, 'remote')
      equal(accepted.count, sent)
      equal(accepted.digest, patternDigest(0, sent))
      equal((await dialled.closed).end, 'local')
    },
  ],
  [
    'closed comes exactly once and last, whatever is called afterwards',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      for (const { link } of [dialled, accepted]) {
        link.write([pattern(0, 100_000)])
        link.close()
        link.close()
        link.reset()
        link.reset()
      }
      await Promise.all([dialled.closed, accepted.closed])
      for (const end of [dialled, accepted]) {
        end.link.pause()
        end.link.resume()
        end.link.close()
        end.link.reset()
        equal(end.link.bufferedBytes, 0)
      }
      await arena.pair()
      for (const end of [dialled, accepted]) {
        equal(end.events.filter((event) => event === 'closed').length, 1)
        equal(end.events.at(-1), 'closed')
      }
    },
  ],
  [
    'a write after close, reset or closed is ignored and answers false',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      const other = await arena.pair()
      dialled.link.close()
      equal(dialled.link.write([bytesOf('late')]), false)
      other.dialled.link.reset()
      equal(other.dialled.link.write([bytesOf('late')]), false)
      await Promise.all([dialled.closed, accepted.closed, other.accepted.closed])
      for (const end of [dialled, accepted, other.accepted]) equal(end.link.write([bytesOf('late')]), false)
      equal(accepted.count, 0)
    },
  ],
  [
    'after close nothing but closed is called, although the other side still sends',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      dialled.link.close()
      accepted.fill()
      accepted.link.close()
      await Promise.all([dialled.closed, accepted.closed])
      deepEqual(dialled.events, ['opened', 'closed'])
    },
  ],
  [
    'reset abandons what is buffered and breaks off the other side',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      accepted.link.pause()
      const sent = dialled.fill()
      dialled.link.reset()
      equal(dialled.link.bufferedBytes, 0)
      equal((await dialled.closed).end, 'local')
      accepted.link.resume()
      ok(arena.resetEnds.includes((await accepted.closed).end))
      ok(accepted.count < sent, 'not everything arrived')
    },
  ],
  [
    'close gives up on a peer that takes nothing',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      accepted.link.pause()
      dialled.fill()
      dialled.link.close()
      equal((await dialled.closed).end, 'local')
      accepted.link.resume()
      ok(arena.resetEnds.includes((await accepted.closed).end))
    },
    100,
  ],
  [
    'a link may be ended from inside data; only closed follows',
    async (arena) => {
      for (const act of ['close', 'reset'] as const) {
        const { dialled, accepted } = await arena.pair()
        accepted.onData = () => accepted.link[act]()
        dialled.fill()
        equal((await accepted.closed).end, 'local')
        deepEqual(accepted.events, ['data', 'closed'])
        if (act === 'close') dialled.link.close()
        await dialled.closed
      }
    },
  ],
  [
    'bytes that their writer takes away before they are sent arrive all the same, or end the link',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      accepted.link.pause()
      const sent = dialled.fill()
      const [taken, behind] = [pattern(0, 65_536, sent), pattern(0, 100, sent + 65_536)]
      const all = sent + 65_636
      dialled.link.write([taken])
      dialled.link.write([behind])
      structuredClone(0, { transfer: [taken.buffer as ArrayBuffer] })
      accepted.link.resume()
      await Promise.race([accepted.closed, accepted.received(all)])
      ok(accepted.count <= sent || accepted.digest === patternDigest(0, all), 'nothing is read in their place')
    },
  ],
  [
    'close on both sides at once ends both as local',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      dialled.link.close()
      accepted.link.close()
      equal((await dialled.closed).end, 'local')
      equal((await accepted.closed).end, 'local')
    },
  ],
]
