/**
 * The contract of transports, as tests: every sentence in `transport.ts` that a caller can observe, tried on any
 * implementation. Inkwire's own transports run it, and a transport of yours should.
 *
 * It needs only a function that registers a named test, so that tap, node:test and others fit. No test sleeps: each
 * waits for the events of the links it made, and closes what it opened.
 *
 * @example
 * import t from 'tap'
 * transportConformance(t, { make: () => myTransport(), address: () => 'my://127.0.0.1:0' })
 */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { formatAddress, parseAddress } from '../transports/address.ts'
import type { Link, Transport } from '../transports/transport.ts'
import { Arena, type End, bytesOf, pattern, patternDigest } from './transport-arena.ts'

/** What registers a test: tap's `t`, or `{ test }` of node:test. */
export interface ConformanceHarness {
  test(name: string, run: () => Promise<void>): unknown
}

/** The transport under test. */
export interface ConformanceSubject {
  /** Makes a transport. The test that waits for `closeTimeoutMs` wants a short one; a transport may ignore the wish. */
  make(wishes: { readonly closeTimeoutMs: number }): Transport
  /** An address that is free to listen on: with port 0 where there are ports, else a name not given before. */
  address(): string
}

/** Registers the suite with the harness. */
export function transportConformance(harness: ConformanceHarness, subject: ConformanceSubject): void {
  for (const [name, run, closeTimeoutMs = 5000] of [...listening, ...dialling, ...sending, ...ending]) {
    harness.test(name, async () => {
      const arena = new Arena(subject.make({ closeTimeoutMs }), () => subject.address())
      try {
        await run(arena)
      } finally {
        await arena.clear()
      }
    })
  }
}

/** A test; the third part is the `closeTimeoutMs` that it wants. */
type Case = readonly [name: string, run: (arena: Arena) => Promise<void>, closeTimeoutMs?: number]

const MEBIBYTE = 1024 * 1024

const listening: readonly Case[] = [
  [
    'parse gives the canonical form, which parses to itself',
    async ({ transport, freeAddress }) => {
      const once = transport.parse(parseAddress(freeAddress()))
      equal(once.scheme, transport.scheme)
      deepEqual(transport.parse(parseAddress(formatAddress(once))), once)
    },
  ],
  [
    'listen says which address was really bound',
    async (arena) => {
      const asked = arena.transport.parse(parseAddress(arena.freeAddress()))
      const listener = await arena.listen(asked)
      const bound = listener.address
      equal(bound.host, asked.host)
      ok(asked.port !== 0 || bound.port > 0 || !hasPorts(arena.freeAddress()), 'a port was chosen')
      deepEqual(arena.transport.parse(parseAddress(formatAddress(bound))), bound)
    },
  ],
  [
    'a taken address is refused with INK_ADDRESS_IN_USE, and is free once its listener is closed',
    async (arena) => {
      const listener = await arena.listen()
      await rejects(arena.listen(listener.address), { code: 'INK_ADDRESS_IN_USE' })
      await listener.close()
      await arena.listen(listener.address)
    },
  ],
  [
    'an aborted listen rejects and takes nothing',
    async (arena) => {
      const listener = await arena.listen()
      await listener.close()
      const aborted = arena.transport.listen(listener.address, () => {}, { signal: AbortSignal.abort() })
      await rejects(aborted, { code: 'INK_ABORTED' })
      await arena.listen(listener.address)
    },
  ],
  [
    'links outlive their listener, and nobody is accepted after it',
    async (arena) => {
      const { dialled, accepted, listener } = await arena.pair()
      await listener.close()
      await listener.close()
      dialled.link.write([bytesOf('still here')])
      await accepted.received(10)
      equal(accepted.text, 'still here')
      equal((await arena.dial(listener.address).closed).end, 'refused')
    },
  ],
]

const dialling: readonly Case[] = [
  [
    'a dial is refused where nobody listens, and says so later',
    async (arena) => {
      const listener = await arena.listen()
      await listener.close()
      const end = arena.dial(listener.address)
      deepEqual(end.events, [])
      equal((await end.closed).end, 'refused')
      deepEqual(end.events, ['closed'])
    },
  ],
  [
    'opened comes once, before data, and not inside dial',
    async (arena) => {
      const listener = await arena.listen(undefined, (link) => link.write([bytesOf('hello')]))
      const end = arena.dial(listener.address)
      deepEqual(end.events, [])
      await end.received(5)
      deepEqual(end.events.slice(0, 2), ['opened', 'data'])
      equal(end.events.filter((event) => event === 'opened').length, 1)
    },
  ],
  [
    'an accepted link is born open and never says opened',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      accepted.link.write([bytesOf('x')])
      await dialled.received(1)
      ok(!accepted.events.includes('opened'))
    },
  ],
  [
    'what is written before opened arrives',
    async (arena) => {
      const listener = await arena.listen()
      const dialled = arena.dial(listener.address)
      dialled.link.write([bytesOf('early ')])
      dialled.link.write([bytesOf('bird')])
      const accepted = await arena.accepted()
      await accepted.received(10)
      equal(accepted.text, 'early bird')
    },
  ],
  [
    'a dial that is reset before it opens ends as local, and never opens',
    async (arena) => {
      const listener = await arena.listen()
      const end = arena.dial(listener.address)
      end.link.reset()
      deepEqual(end.events, [])
      equal((await end.closed).end, 'local')
      deepEqual(end.events, ['closed'])
    },
  ],
  [
    'a dial that is closed before it opens still delivers what was written',
    async (arena) => {
      const listener = await arena.listen()
      const dialled = arena.dial(listener.address)
      dialled.link.write([bytesOf('last words')])
      dialled.link.close()
      const accepted = await arena.accepted()
      equal((await accepted.closed).end, 'remote')
      equal(accepted.text, 'last words')
      equal((await dialled.closed).end, 'local')
      deepEqual(dialled.events, ['closed'])
    },
  ],
  [
    'two hundred links at once keep their bytes apart',
    async (arena) => {
      const listener = await arena.listen(undefined, echo)
      const ends = Array.from({ length: 200 }, () => arena.dial(listener.address))
      ends.forEach((end, index) => end.link.write([bytesOf(`link ${index};`), pattern(index, 5000)]))
      for (const [index, end] of ends.entries()) {
        const head = `link ${index};`
        await end.received(head.length + 5000)
        equal(end.text.slice(0, head.length), head)
      }
    },
  ],
]

const sending: readonly Case[] = [
  [
    'ten MiB in writes of random sizes arrive whole and in order, both ways',
    async (arena) => {
      const { dialled, accepted } = await arena.pair()
      const bytes = 10 * MEBIBYTE
      await Promise.all([
        dialled.send(1, bytes),
        accepted.send(2, bytes),
        accepted.received(bytes),
        dialled.received(bytes),
      ])
      equal(accepted.digest, patternDigest(1, bytes))
      equal(dialled.digest, patternDigest(2, bytes))
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

const ending: readonly Case[] = [
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
      equal((await accepted.closed).end, 'reset')
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
      equal((await accepted.closed).end, 'reset')
    },
    100,
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

function hasPorts(address: string): boolean {
  return /:\d+$/.test(address)
}

function echo(link: Link, end: End): void {
  end.onData = (chunk) => link.write([chunk.slice()])
}
