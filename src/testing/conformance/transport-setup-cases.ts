/** The part of the conformance suite on how links come to be: listening and dialling. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { formatAddress, parseAddress } from '../../transports/address.ts'
import type { Link } from '../../transports/transport.ts'
import { bytesOf, pattern, type Case, type End } from './transport-arena.ts'

export const LISTENING: readonly Case[] = [
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
      // In this case and those below a pair keeps the address: one that is free may soon be somebody else's.
      const { listener } = await arena.pair()
      await rejects(arena.listen(listener.address), { code: 'INK_ADDRESS_IN_USE' })
      await listener.close()
      await arena.listen(listener.address)
    },
  ],
  [
    'an aborted listen rejects and takes nothing',
    async (arena) => {
      const { listener } = await arena.pair()
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

export const DIALLING: readonly Case[] = [
  [
    'a dial is refused where nobody listens, and says so later',
    async (arena) => {
      const { listener } = await arena.pair()
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
    'a dial that is reset or closed before it opens ends as local, and never opens',
    async (arena) => {
      const listener = await arena.listen()
      for (const act of ['reset', 'close'] as const) {
        const end = arena.dial(listener.address)
        end.link[act]()
        deepEqual(end.events, [])
        equal((await end.closed).end, 'local')
        deepEqual(end.events, ['closed'])
      }
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

function hasPorts(address: string): boolean {
  return /:\d+$/.test(address)
}

function echo(link: Link, end: End): void {
  end.onData = (chunk) => link.write([chunk.slice()])
}
