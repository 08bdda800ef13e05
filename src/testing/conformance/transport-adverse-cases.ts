/** The part of the conformance suite that is not kind: odd sizes, slow readers, memory that is held, and ends from inside handlers. */
import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Lease } from '../../transports/transport.ts'
import { bytesOf, pattern, patternDigest, type Case, type End } from './transport-arena.ts'
import { exchange } from './transport-flow-cases.ts'

const MEBIBYTE = 1024 * 1024

export const ADVERSE: readonly Case[] = [
  [
    'two thousand writes of one byte arrive in order, both ways at once',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      const count = 2000
      for (let at = 0; at < count; at++) {
        dialled.link.write([pattern(1, 1, at)])
        accepted.link.write([pattern(2, 1, at)])
      }
      await Promise.all([accepted.received(count), dialled.received(count)])
      equal(accepted.digest, patternDigest(1, count))
      equal(dialled.digest, patternDigest(2, count))
    },
  ],
  [
    'one giant write arrives whole, and the bytes behind it in their place',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      const bytes = 4 * MEBIBYTE
      dialled.link.write([pattern(1, bytes)])
      dialled.link.write([pattern(1, 7, bytes)])
      await accepted.received(bytes + 7)
      equal(accepted.digest, patternDigest(1, bytes + 7))
    },
  ],
  [
    'readers that pause after every chunk get everything, also when both ends are full',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      for (const end of [dialled, accepted]) dribble(end)
      const bytes = MEBIBYTE
      await exchange({ dialled, accepted }, bytes)
    },
  ],
  [
    'a chunk that is held by its lease stays as it is until it is given back',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      const held: { readonly chunk: Uint8Array; readonly lease: Lease; readonly at: number }[] = []
      const { handlers } = accepted.link
      const data = handlers.data.bind(handlers)
      handlers.data = (chunk, lease) => {
        if (lease !== undefined && held.length < 20) {
          lease.hold()
          held.push({ chunk, lease, at: accepted.count })
        }
        data(chunk, lease)
      }
      const bytes = 2 * MEBIBYTE
      await Promise.all([dialled.send(1, bytes), accepted.received(bytes)])
      equal(accepted.digest, patternDigest(1, bytes))
      dialled.link.close()
      await accepted.closed
      for (const { chunk, at } of held)
        ok(Buffer.from(chunk).equals(pattern(1, chunk.length, at)), `the chunk at ${at}`)
      for (const { lease } of held) lease.release()
    },
  ],
  [
    'a link may be ended from inside opened and writable; only closed follows',
    async (arena) => {
      for (const act of ['close', 'reset'] as const) {
        const listener = await arena.listen()
        const early = arena.dial(listener.address)
        onEvent(early, 'opened', () => early.link[act]())
        equal((await early.closed).end, 'local')
        deepEqual(early.events, ['opened', 'closed'])
        await listener.close()
      }
      for (const act of ['close', 'reset'] as const) {
        const { dialled, accepted } = await arena.pair()
        accepted.link.pause()
        dialled.fill()
        onEvent(dialled, 'writable', () => dialled.link[act]())
        accepted.link.resume()
        equal((await dialled.closed).end, 'local')
        deepEqual(dialled.events, ['opened', 'writable', 'closed'])
        await accepted.closed
      }
    },
  ],
  [
    'a reset on both sides at once, with bytes under way both ways, ends both, each once',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      for (const { link } of [dialled, accepted]) link.write([pattern(0, 100_000)])
      for (const { link } of [dialled, accepted]) link.reset()
      equal((await dialled.closed).end, 'local')
      // Where both ends are in one thread, the second may have heard of it first.
      ok(['local', ...arena.resetEnds].includes((await accepted.closed).end))
      for (const { events } of [dialled, accepted]) equal(events.filter((event) => event === 'closed').length, 1)
    },
  ],
  [
    'what is written from inside data goes out, a thousand times to and fro',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      let rounds = 0
      accepted.onData = (chunk) => accepted.link.write([chunk.slice()])
      dialled.onData = (chunk) => {
        if (++rounds < 1000) dialled.link.write([chunk.slice()])
      }
      dialled.link.write([bytesOf('!')])
      await arena.until(() => rounds >= 1000)
      equal(accepted.count, 1000)
    },
  ],
]

/** Takes one chunk in each turn. */
function dribble(end: End): void {
  end.onData = () => {
    end.link.pause()
    setImmediate(() => end.link.resume())
  }
}

/** Does this inside the handler, behind what the End does. */
function onEvent(end: End, event: 'opened' | 'writable', act: () => void): void {
  const { handlers } = end.link
  const before = handlers[event].bind(handlers)
  handlers[event] = () => {
    before()
    act()
  }
}
